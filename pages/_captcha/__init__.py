"""The parts of the captcha lesson."""
