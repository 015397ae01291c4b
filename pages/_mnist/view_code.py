"""What can be taken home: weights, a script that does the same, a link, the code that ran."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.augment import Augmentation, rotate
from core.classic import ThreeLayerNetwork, fit_classic
from core.classic_blocks import BlockTrainer
from core.images import Preparation
from core.schedule import SCHEDULES
from core.training import fit
from pages._mnist import session
from pages._mnist.code_files import show_load, show_save
from pages._mnist.run import DigitsRun
from pages._mnist.script import MOVES, own_file, program, script
from pages._mnist.settings import LESSON, Settings
from pages._mnist.weights import LoadedRun, file_name, own_digits, torch_lines
from ui.files import when_asked
from ui.i18n import language, t
from ui.source import show_source
from ui.state import plain


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    save, load = st.columns(2, gap="large")
    with save:
        show_save(run)
    with load:
        show_load(run)
    if not run.playing:
        _show_torch(run)
        _show_script(run)
        _show_link(settings, run)
    st.markdown(t("code.source"))
    for part in _parts(run):
        with st.expander(f"`{part.__module__}.{part.__name__}`"):
            show_source(part)


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
    st.download_button(
        t("code.download"),
        when_asked(lambda: script(run, own, weights)),
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
