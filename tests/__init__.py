"""A package, so that no other ``tests`` that a wheel may carry ever stands in its place."""
