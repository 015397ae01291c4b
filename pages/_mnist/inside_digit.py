"""One digit's way through the network: what each layer makes of it, up to the answer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.health import root_mean_square
from core.layers import ReLU, Sigmoid, Tanh
from core.pool import AvgPool2d, MaxPool2d
from pages._mnist.layer_names import Answers, layer_name
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON
from ui.answers import Bar, bars, mosaic, paint
from ui.described import show_picture
from ui.i18n import t
from ui.ink import show_ink

KEY = f"{LESSON}.inside"
ACTIVATIONS = (ReLU, Sigmoid, Tanh)
POOLING = (MaxPool2d, AvgPool2d)


def show_digit(run: DigitsRun, place: int, answers: Answers) -> None:
    """Draw what each layer makes of one digit, from the pixels to the answer."""
    st.header(t("mnist_inside.way"), anchor=False)
    labels = [int(label) for label in np.unique(run.test.labels)]
    st.segmented_control(
        t("mnist_inside.which_digit"), labels, key=f"{KEY}.digit", persist_state="session"
    )
    st.button(t("mnist_inside.another"), key=f"{KEY}.another", on_click=_another)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=180):
            show_ink(
                run.test.images[place],
                t("alt.test_digit", n=place, truth=int(run.test.labels[place])),
                dark=_dark(),
                size=1,
                width=168,
            )
            st.caption(t("mnist_inside.input"))
        for y, name in stages(answers):
            wide = 300 if y.ndim > 1 else 180
            with st.container(width=wide):
                show_picture(paint(mosaic(y), dark=_dark(), size=1), name, width=wide - 12)
                size = root_mean_square(y)
                st.caption(t("mnist_inside.stage", name=name, size=f"{size:.2f}"))
    _answer(run, place, answers[-1][1])
    st.caption(t("mnist_inside.way_notice"))


def stages(answers: Answers) -> list[tuple[np.ndarray, str]]:
    """Return what is worth a picture on the way: (its answer to one image, its name).

    Layers that are followed by an activation are seen behind it; the output has its own picture.
    """
    found = []
    for place, (layer, y) in enumerate(answers[:-1]):
        if isinstance(layer, ACTIVATIONS):
            name = t("mnist_inside.after", what=layer_name(answers[place - 1][0]))
        elif isinstance(layer, POOLING):
            name = layer_name(layer)
        else:
            continue
        found.append((y[0], name))
    return found


def _answer(run: DigitsRun, place: int, outputs: np.ndarray) -> None:
    sure = run.learner.confidences(outputs)[0]
    answer, right = int(np.argmax(sure)), int(run.test.labels[place])
    rows = [
        Bar(str(digit), float(share), f"{share:.1%}", strong=digit == answer)
        for digit, share in enumerate(sure)
    ]
    with st.container(width=560):
        st.html(bars(rows))
    if np.isfinite(sure).all():
        words = "answer_right" if answer == right else "answer_wrong"
        said = {"answer": answer, "right": right, "sure": f"{sure[answer]:.1%}"}
        st.markdown(t(f"mnist_inside.{words}", **said))
    else:
        st.markdown(t("mnist_inside.answer_none", right=right))


def chosen_image(run: DigitsRun) -> int:
    """Return which test image is looked at: of the chosen digit, the next at each "another"."""
    labels = run.test.labels
    key = f"{KEY}.digit"
    if st.session_state.get(key) not in labels:
        st.session_state[key] = int(labels[0])
    places = np.flatnonzero(labels == st.session_state[key])
    return int(places[st.session_state.get(f"{KEY}.turn", 0) % len(places)])


def _another() -> None:
    st.session_state[f"{KEY}.turn"] = st.session_state.get(f"{KEY}.turn", 0) + 1


def _dark() -> bool:
    return bool(st.context.theme.type == "dark")
