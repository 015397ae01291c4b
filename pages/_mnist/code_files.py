"""Files of the MNIST lesson: the weights, or a whole run, saved and brought back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.architecture import ArchitectureError
from core.checkpoint import CheckpointError
from core.resume import ResumeError
from pages._mnist import session
from pages._mnist.kept_run import (
    file_name_of_run,
    go_on_with,
    holds_run,
    read_run,
    write_run,
)
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON
from pages._mnist.weights import (
    MOST_MEGABYTES,
    LoadedRun,
    WeightsError,
    begin_with,
    file_name,
    is_finite,
    open_file,
    read_weights,
    share_right,
    write_weights,
)
from ui.files import when_asked
from ui.i18n import t
from ui.state import plain, say
from ui.training import runs

FILE = f"{LESSON}.code.file"
PROBLEM = f"{LESSON}.code.problem"  # what was wrong with the file that was chosen last


def show_save(run: DigitsRun) -> None:
    """Offer the weights as a file, if there is something in them worth keeping."""
    st.markdown(t("mnist_code.save"))
    if run.playing:
        st.caption(t("mnist_code.playing"))
    elif not is_finite(run):
        st.warning(t("mnist_code.broken"))
    elif not run.step and not isinstance(run, LoadedRun):
        st.caption(t("mnist_code.untrained"))
    else:
        with st.spinner(t("mnist_code.testing")):
            right = f"{share_right(run):.2%}"
        _offer("weights", "download", write_weights, run, file_name(run))
        st.caption(t("mnist_code.saved", right=right, n=f"{len(run.test):,}"))
        if run.step:
            _offer("run", "save", write_run, run, file_name_of_run(run))
            st.caption(t("mnist_code.saved_run"))


def _offer(
    what: str, icon: str, write: Callable[[DigitsRun], bytes], run: DigitsRun, name: str
) -> None:
    """Draw the button that downloads ``what``: the weights, or the whole run as it stands."""
    place = f"{what}:{run.last_epoch}:{session.write_changes(run.changes)}"
    st.download_button(
        t(f"mnist_code.download_{what}"),
        # Remembered for the browser, where the file is built as soon as the button is drawn.
        session.remembered(place, run, lambda: when_asked(partial(write, run))),
        file_name=name,
        mime="application/octet-stream",
        key=f"{LESSON}.code.{what}",
        icon=f":material/{icon}:",
        on_click="ignore",
    )


def show_load(run: DigitsRun) -> None:
    """Take the weights of a file, or say what is wrong with it."""
    st.markdown(t("mnist_code.load"))
    st.file_uploader(
        t("mnist_code.choose"),
        type=["npz"],
        key=FILE,
        max_upload_size=MOST_MEGABYTES,
        on_change=_take_file,
        label_visibility="collapsed",
    )
    if problem := st.session_state.get(PROBLEM):
        st.error(sentence(problem))
    elif isinstance(run, LoadedRun):
        _show_loaded(run)
    else:
        st.caption(t("mnist_code.load_note"))


def _show_loaded(run: LoadedRun) -> None:
    """Say what became of the file that this run began with."""
    if run.step or run.playing:
        st.info(t("mnist_code.trained_on", file=plain(run.file), step=f"{run.step:,}"))
        return
    with st.spinner(t("mnist_code.testing")):
        right = share_right(run)
    promised = "–" if run.promised is None else f"{run.promised:.2%}"
    values = {"right": f"{right:.2%}", "n": f"{len(run.test):,}", "promised": promised}
    st.success(t("mnist_code.loaded", file=plain(run.file), **values))


def _take_file() -> None:
    """Read the file that was just chosen; a bad one changes nothing."""
    file = st.session_state[FILE]
    st.session_state[PROBLEM] = None
    if file is None:
        return
    try:
        arrays, notes = open_file(file.getvalue())
        if holds_run(notes):
            go_on_with(read_run(file.name, arrays, notes))
            step = f"{runs()[LESSON].step:,}"
            say("info", t("mnist_code.goes_on", file=plain(file.name), step=step))
        else:
            begin_with(read_weights(file.name, arrays, notes))
    except (WeightsError, CheckpointError, ArchitectureError, ResumeError) as error:
        st.session_state[PROBLEM] = error
    else:
        session.did("loaded")


def sentence(error: WeightsError | CheckpointError | ArchitectureError | ResumeError) -> str:
    """Say in the learner's language what is wrong with a file of weights."""
    if isinstance(error, ArchitectureError):
        return session.architecture_sentence(error)
    if isinstance(error, ResumeError):
        values = {"got": error.got, "expected": error.expected}
        key = f"mnist_code.resume_{error.code}"
    elif isinstance(error, CheckpointError):
        values = {"name": error.name, "got": error.got, "expected": error.expected}
        key = f"mnist_code.file_{error.code}"
    else:
        values, key = error.values, f"mnist_code.not_{error.code}"
    return t(key, **{name: plain(text) for name, text in values.items()})
