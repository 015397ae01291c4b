"""Which of the two rules is the gradient: both beside what moving the weights says."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.classic import one_hot
from core.classic_rules import RuleComparison, compare_rules
from core.gradcheck import relative_error
from core.recipes import Learner
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings
from pages._mnist.sweep_plan import RULES
from ui.i18n import t

SIDE = 8  # of the small digits
SHOWN = 5  # weights in the table: those that ought to move farthest


def show_check(settings: Settings, run: DigitsRun) -> None:
    """Draw the gradient check for one digit and the weights into one hidden neuron."""
    st.markdown(f"## {t('mnist_sweep.check')}")
    st.markdown(t("mnist_sweep.check_lead"))
    key = f"{LESSON}.sweep.neuron"
    st.session_state.setdefault(key, 1)
    most = int(RULES.layers)
    words = t("mnist_sweep.neuron", most=most)
    wanted = st.number_input(
        words, 1, most, None, step=1, key=key, width=220, persist_state="session"
    )
    row = min(settings.digit, len(run.train) - 1)
    found = compare(run.train.images[row], int(run.train.labels[row]), settings.seed, wanted or 1)
    heads = [t(f"mnist_sweep.check_{name}") for name in ("weight", "moved", "gradient", "notes")]
    lines = [_line(heads), _line(["---:"] * len(heads))]
    for place in np.argsort(-np.abs(found.numerical), kind="stable")[:SHOWN]:
        pixel = f"({place // SIDE}, {place % SIDE})"
        numbers = (found.numerical[place], found.gradient[place], found.notes[place])
        lines.append(_line([pixel, *(f"{number:+.5f}" for number in numbers)]))
    st.markdown("\n".join(lines))
    angle = np.degrees(np.arccos(np.clip(found.cosine, -1, 1)))
    st.markdown(
        t(
            "mnist_sweep.check_result",
            gradient=f"{relative_error(found.gradient, found.numerical):.1e}",
            notes=f"{relative_error(found.notes, found.numerical):.2f}",
            angle=f"{angle:.0f}",
        )
    )


def compare(image: np.ndarray, label: int, seed: int, neuron: int) -> RuleComparison:
    """Compare the rules on one digit, with the weights that the sweep begins with."""
    learner = Learner(RULES, seed)
    assert learner.network is not None
    pixels = learner.prepare(image[None]).ravel()
    return compare_rules(learner.network, pixels, one_hot(np.array([label]))[0], neuron - 1)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
