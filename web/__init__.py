"""The in-browser site: the whole app on a static host, Python and all."""
