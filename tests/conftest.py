"""What holds for all tests: they may take their time, for others may have the machine meanwhile."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
