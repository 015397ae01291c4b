"""Every click counts, however quickly the next one comes and however busy the server is.

Streamlit answers the newest click as soon as it can, and what is under way for the one before is
dropped.  For pictures that is right: half drawn, they would be out of date anyway.  What a click
sets off, though, a step of training, a number checked, has to be done, once and whole:

- `callbacks`: what a click sets off is done to its end before the next request is looked at;
- `one_script`: the scripts of one session change its state one after the other;
- `requests`: no request makes Streamlit forget the one before, or a picture that is on its way.

Streamlit has no public part that does so; each of the three goes around a few of its own methods,
by means of `ui.wrapping`.
"""

from ui.clicks.callbacks import finish_callbacks
from ui.clicks.one_script import keep_scripts_apart
from ui.clicks.requests import forget_no_request


def count_every_click() -> None:
    """Make Streamlit do all that every click sets off, in the order of the clicks.

    Once is enough; a script calls it at its top because it may be the first one on its server.
    """
    finish_callbacks()
    keep_scripts_apart()
    forget_no_request()
