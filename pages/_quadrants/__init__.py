"""The parts of the quadrant lesson: its settings, its experiment, its views."""
