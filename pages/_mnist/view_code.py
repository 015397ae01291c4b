"""What can be taken home: weights, a script that does the same, a link, the code that ran."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.architecture import ArchitectureError
from core.augment import Augmentation, rotate
from core.checkpoint import CheckpointError
from core.classic import ThreeLayerNetwork, fit_classic
from core.classic_blocks import BlockTrainer
from core.images import Preparation
from core.schedule import SCHEDULES
from core.training import fit
from pages._mnist import session
from pages._mnist.run import DigitsRun
from pages._mnist.script import MOVES, own_file, program, script
from pages._mnist.settings import LESSON, Settings
from pages._mnist.weights import (
    MOST_MEGABYTES,
    LoadedRun,
    WeightsError,
    begin_with,
    file_name,
    is_finite,
    own_digits,
    read_weights,
    share_right,
    torch_lines,
    write_weights,
)
from ui.i18n import language, t
from ui.source import show_source
from ui.state import plain

FILE = f"{LESSON}.code.file"
PROBLEM = f"{LESSON}.code.problem"  # what was wrong with the file that was chosen last


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    save, load = st.columns(2, gap="large")
    with save:
        _show_save(run)
    with load:
        _show_load(run)
    if not run.playing:
        _show_torch(run)
        _show_script(run)
        _show_link(settings, run)
    st.markdown(t("code.source"))
    for part in _parts(run):
        with st.expander(f"`{part.__module__}.{part.__name__}`"):
            show_source(part)


def _show_save(run: DigitsRun) -> None:
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
            name = f"weights:{session.write_changes(run.changes)}"
            content = session.remembered(name, run, lambda: write_weights(run))
        st.download_button(
            t("mnist_code.download_weights"),
            content,
            file_name=file_name(run),
            mime="application/octet-stream",
            key=f"{LESSON}.code.weights",
            icon=":material/download:",
            on_click="ignore",
        )
        size = f"{len(content) / 1e6:.1f}"
        right = f"{share_right(run):.2%}"
        st.caption(t("mnist_code.saved", size=size, right=right, n=f"{len(run.test):,}"))


def _show_load(run: DigitsRun) -> None:
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
        begin_with(read_weights(file.name, file.getvalue()))
    except (WeightsError, CheckpointError, ArchitectureError) as error:
        st.session_state[PROBLEM] = error
    else:
        session.did("loaded")


def sentence(error: WeightsError | CheckpointError | ArchitectureError) -> str:
    """Say in the learner's language what is wrong with a file of weights."""
    if isinstance(error, ArchitectureError):
        return session.architecture_sentence(error)
    if isinstance(error, CheckpointError):
        values = {"name": error.name, "got": error.got, "expected": error.expected}
        key = f"mnist_code.file_{error.code}"
    else:
        values, key = error.values, f"mnist_code.not_{error.code}"
    return t(key, **{name: plain(text) for name, text in values.items()})


def _show_torch(run: DigitsRun) -> None:
    st.markdown(t("mnist_code.torch"))
    st.code(torch_lines(run.learner, file_name(run)), language="python")


def _show_script(run: DigitsRun) -> None:
    """Offer the script, and show its program."""
    own, weights = own_digits(run), run.file if isinstance(run, LoadedRun) else ""
    st.markdown(t("mnist_code.script"))
    if own:
        files = ", ".join(f"`{own_file(run, name)}`" for name in own)
        st.info(t("mnist_code.script_own", files=files))
    if weights:
        st.info(t("mnist_code.script_weights", file=plain(weights)))
    shown = program(run, own, weights)
    whole = session.remembered(f"script:{shown}", run, lambda: script(run, own, weights))
    st.download_button(
        t("code.download"),
        whole,
        file_name="glassnet_mnist.py",
        mime="text/x-python",
        key=f"{LESSON}.code.script",
        icon=":material/download:",
        on_click="ignore",
    )
    st.code(shown, language="python")


def _show_link(settings: Settings, run: DigitsRun) -> None:
    st.markdown(t("mnist_code.link"))
    if own_digits(run):
        st.warning(t("mnist_code.link_own"))
    if isinstance(run, LoadedRun):
        st.warning(t("mnist_code.link_weights"))
    address = urlsplit(st.context.url or "")
    query = urlencode({"lang": language(), **session.link_params(settings, run)})
    url = f"{address.scheme}://{address.netloc}{address.path}?{query}"
    st.code(url, language=None, wrap_lines=True)


def _parts(run: DigitsRun) -> list[Any]:
    """Return the classes and functions that a run is made of, each once, in reading order."""
    settings, learner = run.settings, run.learner
    parts: list[Any] = [Preparation, *(type(layer) for layer in learner.model), type(learner.loss)]
    if learner.network is not None:
        parts += [ThreeLayerNetwork, BlockTrainer, fit_classic]
        parts += [rotate] * bool(settings.copies)
    else:
        parts += [type(learner.optimizer)]
        parts += [Augmentation] * any(getattr(settings, name) for name in MOVES)
        parts += [SCHEDULES[settings.schedule]] * (settings.schedule != "constant")
        parts += [fit]
    return list(dict.fromkeys(parts))
