"""The parts of the MNIST lesson: its settings, its run, its views."""
