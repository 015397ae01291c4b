"""What it gets wrong: which digits, which images, how hard it can be made, how sure it was."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._mnist.results_answers import Answers, answers_of
from pages._mnist.results_bears import show_bears
from pages._mnist.results_image import show_image
from pages._mnist.results_tables import show_classes, show_doubt, show_mixed, show_worst
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, RESULTS, Settings
from ui.i18n import labels, t
from ui.state import bound

PARTS: dict[str, Callable[[Settings, DigitsRun, Answers], None]] = {
    "mixed": show_mixed,
    "worst": show_worst,
    "classes": show_classes,
    "bears": show_bears,
    "doubt": show_doubt,
}
WITH_IMAGE = ("mixed", "worst", "doubt")


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    if run.playing and not run.epochs:
        st.info(t("mnist_results.wait"))
        return
    with st.spinner(t("mnist_results.asking")):
        found = answers_of(run)
    st.markdown(_summary(run, found))
    if not (found.said >= 0).any():
        return
    st.segmented_control(
        t("mnist_results.part"),
        RESULTS,
        format_func=labels("mnist_results", RESULTS).get,
        label_visibility="collapsed",
        **bound(LESSON, "results"),
    )
    PARTS[settings.results](settings, run, found)
    if settings.results in WITH_IMAGE and 0 <= settings.shown < len(run.test):
        st.divider()
        if run.playing:
            st.info(t("mnist_results.pause_first"))
        else:
            show_image(settings, run)


def _summary(run: DigitsRun, found: Answers) -> str:
    """Say which network this is, and how well it did."""
    total, right = len(found.truth), int(found.right.sum())
    without = total - int((found.said >= 0).sum())
    if without == total:
        return t("mnist_results.no_numbers")
    values = {"right": f"{right:,}", "total": f"{total:,}", "wrong": f"{total - right - without:,}"}
    if not run.step:
        which = t("mnist_results.untrained")
    elif run.playing:
        which = t("mnist_results.while_playing", epoch=run.epochs[-1].number)
    else:
        which = t("mnist_results.after_step", step=f"{run.step:,}")
    lost = " " + t("mnist_results.some_no_numbers", n=f"{without:,}") if without else ""
    return f"{which} {t('mnist_results.score', **values)}{lost}"
