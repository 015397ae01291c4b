"""The parts of the lesson that looks into a real CNN."""
