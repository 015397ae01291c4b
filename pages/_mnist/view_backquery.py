"""Backquery: what the network thinks each digit looks like."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.classic import ThreeLayerNetwork, one_hot
from core.classic_backquery import walk_back
from pages._mnist.backquery_ascent import show_ascent
from pages._mnist.backquery_stages import show_stages
from pages._mnist.backquery_tiles import show_ten
from pages._mnist.run import DigitsRun
from pages._mnist.settings import Settings
from ui.i18n import t


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    st.markdown(t("mnist_backquery.lead"))
    network = run.learner.network
    if network is None:
        show_ascent(run)
        return
    if not run.step:
        st.info(t("mnist_backquery.untrained"))
    elif run.playing:
        st.info(t("mnist_backquery.as_of", step=f"{run.step:,}"))
    with run.lock:
        w1, w2 = network.hidden_weight.copy(), network.output_weight.copy()
    if not (np.isfinite(w1).all() and np.isfinite(w2).all()):
        st.warning(t("mnist_backquery.broken"))
        return
    _show_way_back(run, network, w1, w2)


def _show_way_back(
    run: DigitsRun, network: ThreeLayerNetwork, w1: np.ndarray, w2: np.ndarray
) -> None:
    targets = one_hot(np.arange(10))
    found = walk_back(w1, w2, targets)
    with run.lock:
        sure = network.query(found.inputs).diagonal()
    side = run.learner.prepare.size or 28
    label = t("mnist_backquery.ten")
    digit = show_ten(found.inputs.reshape(10, side, side), sure, label)
    st.caption(t("mnist_backquery.ten_notice", n=int((sure > 0.5).sum())))
    st.markdown(f"## {t('mnist_backquery.way', digit=digit)}")
    one = walk_back(w1, w2, targets[digit])
    show_stages(one, targets[digit], w1, w2, side)
