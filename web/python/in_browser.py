"""What the app finds only in a browser: files and packages fetched when asked for, mended parts.

``install`` is called once, by the engine, before the app runs.
"""

import asyncio
import importlib
import importlib.abc
import importlib.util
import sys
import time
import zlib
from pathlib import Path

import js
import streamlit as st
from pyodide.ffi import to_js
from streamlit import runtime

HOME = Path.home()
SITE = Path(__file__).parent
#: Packages that are fetched when they are first imported, by the archive that holds them.
ARCHIVES = {
    "plotly": ("plotly", "_plotly_utils", "narwhals"),
    "pillow": ("PIL",),
    "canvas": ("streamlit_drawable_canvas",),
}


OFTEN, RARELY = 0.2, 0.6  # seconds between two times that messages leave while a script runs
PICTURES = 300  # that are kept, whether they are still shown or not
UNDER_WAY = []  # the session whose automatic rerun is, if any
REST = 0.01  # seconds between two looks at whether an automatic rerun is done


def install():
    """Make ready what stlite lacks, and what is fetched later."""
    # Components of version 2 ask these of Streamlit's runtime; stlite's fork has lost them.
    if not hasattr(runtime.Runtime, "exists"):
        runtime.Runtime.exists = classmethod(lambda cls: runtime.exists())
        runtime.Runtime.instance = classmethod(lambda cls: runtime.get_instance())
    st.components.v2.component = with_files_inline(st.components.v2.component)
    take_turns()
    send_in_order()
    keep_pictures_for_a_while()
    # Not before: Streamlit itself imports Plotly where it finds it.
    sys.meta_path.append(Fetching())


def take_turns():
    """Let an automatic rerun wait until what the one before has drawn is on its way.

    The page asks for one every 50 ms, whether the script is done or not.  With one thread, the next
    rerun would be there before a single message of the last has left, and nothing were seen.
    """
    from streamlit.runtime.app_session import AppSession, AppSessionState

    request_rerun = AppSession.request_rerun

    def request_in_turn(self, client_state):
        if client_state is not None and client_state.is_auto_rerun:
            if UNDER_WAY:
                return
            UNDER_WAY.append(self)
            look_later()
        request_rerun(self, client_state)

    def look_later():
        asyncio.get_event_loop().call_later(REST, look)

    def look():
        session = UNDER_WAY[0]
        running = session._state == AppSessionState.APP_IS_RUNNING
        if running or not session._browser_queue.is_empty():
            look_later()
        else:
            UNDER_WAY.clear()

    AppSession.request_rerun = request_in_turn


def send_in_order():
    """Let what a script has drawn leave while it goes on: by itself it would wait for its end.

    There is one way out and no stop on it.  By itself Streamlit takes all messages from the
    session at once, but gives way between one and the next: what the script sends meanwhile
    would overtake the others, and the page would draw the rest of the last lesson into the next.
    """
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.runtime_util import serialize_forward_msg

    take = AppSession.flush_browser_queue
    sent_at = [0.0]

    def send_all(self):
        for message in take(self):
            js.glassnetSend(to_js(serialize_forward_msg(message)))
        return []

    def handle_now(self, *args, **more):
        self._handle_scriptrunner_event_on_event_loop(*args, **more)
        # A picture that a timer asked for comes best in one piece, unless it takes long.
        if time.monotonic() - sent_at[0] > (RARELY if UNDER_WAY else OFTEN):
            send_all(self)
            sent_at[0] = time.monotonic()

    AppSession.flush_browser_queue = send_all
    AppSession._on_scriptrunner_event = handle_now


def keep_pictures_for_a_while():
    """Let pictures outlive the run that drew them: the page can only ask when the script rests."""
    from streamlit.runtime.media_file_manager import MediaFileManager

    remove = MediaFileManager.remove_orphaned_files

    def remove_when_many(self):
        if len(self._storage._files_by_id) > PICTURES:
            remove(self)

    MediaFileManager.remove_orphaned_files = remove_when_many


def with_files_inline(component):
    """Let a component that names its files have their contents: stlite cannot serve them."""

    def inline(name, *, js=None, css=None, **more):
        if name.startswith("streamlit-drawable-canvas."):
            build = SITE / "streamlit_drawable_canvas" / "frontend" / "build"
            name = "drawable_canvas"
            js, css = (next(build.glob(pattern)).read_text("utf-8") for pattern in (js, css))
        return component(name, js=js, css=css, **more)

    return inline


def fetch(name):
    """Return where a file of the app lies, fetched if it is not there yet.

    The script waits, the page does not: it shows how far it is.

    Raises
    ------
    NotFetchedError
        If it cannot be had.
    """
    path = HOME / name
    if not path.exists():
        content = download(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def download(name):
    """Return the content of a file of the site."""
    content = js.glassnetFetch(name)
    if content is None:
        from ui.assets import NotFetchedError

        raise NotFetchedError(
            f"expected {name} from the site, but it did not come: is there a network?"
        )
    return content.to_bytes()


def is_on_the_site(name):
    """Tell whether the site has such a file."""
    return js.glassnetHas(name)


class Fetching(importlib.abc.MetaPathFinder):
    """Finds packages that are not here yet: the last to be asked."""

    def __init__(self):
        self.missing = dict(ARCHIVES)

    def find_spec(self, name, path=None, target=None):
        for archive, packages in self.missing.items():
            if name.partition(".")[0] in packages:
                plain = zlib.decompress(download(f"packages/{archive}.tar.gz"), 31)
                js.glassnetUnpack(to_js(plain), str(SITE))
                del self.missing[archive]
                importlib.invalidate_caches()
                spec = importlib.util.find_spec(name)
                if name == "plotly":
                    spec.loader = ThenThemed(spec.loader)
                return spec
        return None


class ThenThemed(importlib.abc.Loader):
    """Loads Plotly, then gives it Streamlit's theme, as Streamlit does where it finds it."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        from streamlit.elements.lib.streamlit_plotly_theme import configure_streamlit_plotly_theme

        configure_streamlit_plotly_theme()
