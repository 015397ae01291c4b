"""The parts of the CNN lesson."""
