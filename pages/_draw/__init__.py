"""The parts of the lesson on drawn digits."""
