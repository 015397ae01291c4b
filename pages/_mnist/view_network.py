"""Build your own: all that a recipe consists of, and the network that comes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.architecture import ACTIVATION_KINDS, ArchitectureError, parse_layers
from core.augment import Augmentation
from core.init import INITIALIZERS
from core.optim import OPTIMIZERS
from core.recipes import METHODS, PREPARATIONS, Learner
from core.schedule import SCHEDULES
from pages._mnist import session
from pages._mnist.diagnosis import usual_rate
from pages._mnist.network_layers import show_hidden, show_layers
from pages._mnist.network_shape import show_shape
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings, recipe_of
from ui.controls import choose, weight_decay
from ui.i18n import t
from ui.ink import show_ink
from ui.sketch import sketch
from ui.state import bound, say, update

WITH_MOMENTUM = ("sgd", "rmsprop")
EXAMPLES = 8  # digits that are shown as the network will see them
RANGES = {  # of the changed copies: the highest value and the step of the slider
    "degrees": (45.0, 1.0),
    "translate": (6.0, 0.5),
    "scale": (0.4, 0.05),
    "shear": (30.0, 1.0),
    "elastic": (60.0, 1.0),
}


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view: the network, how it learns, what it learns from; then its shape."""
    st.markdown(t("mnist_network.lead"))
    network, learning, data = st.columns(3, gap="large")
    with network:
        _network(settings)
    with learning:
        _learning(settings)
    with data:
        _data(settings, run)
    with st.container(key="network-shape"):
        show_shape(settings, run)


def _network(settings: Settings) -> None:
    st.markdown(f"**{t('mnist_network.network')}**")
    binding = {**bound(LESSON, "method"), "on_change": _set_method, "args": ()}
    names = {method: t(f"mnist_network.method_{method}") for method in METHODS}
    st.selectbox(
        t("mnist_network.method"),
        list(names),
        format_func=names.get,
        help=t("mnist_network.method_help"),
        **binding,
    )
    if settings.method != "batches":
        show_hidden(settings)
        return
    show_layers(settings)
    choose(LESSON, "activation", ACTIVATION_KINDS)
    if parse_layers(settings.layers):
        st.slider(
            t("mnist_network.dropout"),
            0.0,
            0.9,
            step=0.05,
            format="%g",
            help=t("mnist_network.dropout_help"),
            **bound(LESSON, "dropout"),
        )
    choose(LESSON, "init", INITIALIZERS)


def _learning(settings: Settings) -> None:
    st.markdown(f"**{t('mnist_network.learning')}**")
    if settings.method == "batches":
        choose(LESSON, "optimizer", OPTIMIZERS)
        if settings.optimizer in WITH_MOMENTUM:
            st.slider(
                t("mnist_network.momentum"),
                0.0,
                0.99,
                step=0.01,
                format="%g",
                help=t("mnist_network.momentum_help"),
                **bound(LESSON, "momentum"),
            )
        st.number_input(
            t("mnist_network.batch_size"),
            1,
            2048,
            None,
            step=16,
            help=t("mnist_network.batch_size_help"),
            **bound(LESSON, "batch_size"),
        )
        weight_decay(LESSON, "weight_decay", step=0.0001)
        names = {name: t(f"mnist_network.schedule_{name}") for name in SCHEDULES}
        st.selectbox(
            t("mnist_network.schedule"),
            list(names),
            format_func=names.get,
            **bound(LESSON, "schedule"),
        )
        course = SCHEDULES[settings.schedule](100)
        st.html(
            sketch(
                [course(step) for step in range(1, 101)],
                dark=bool(st.context.theme.type == "dark"),
                label=names[settings.schedule],
            )
        )
        st.caption(t("mnist_network.schedule_notice", lr=f"{settings.lr:g}", n=settings.epochs))
    else:
        st.caption(t("mnist_network.one_at_a_time"))
    st.number_input(
        t("setting.seed"),
        0,
        9999,
        None,
        step=1,
        help=t("mnist_network.seed_help"),
        **bound(LESSON, "seed"),
    )


def _data(settings: Settings, run: DigitsRun) -> None:
    st.markdown(f"**{t('mnist_network.data')}**")
    st.number_input(
        t("mnist_network.train_size"),
        100,
        70_000,
        None,
        step=1000,
        help=t("mnist_network.train_size_help", n=f"{len(run.train):,}"),
        **bound(LESSON, "train_size"),
    )
    names = {name: t(f"mnist_network.preparation_{name}") for name in PREPARATIONS}
    st.selectbox(
        t("mnist_network.preparation"),
        list(names),
        format_func=names.get,
        **{**bound(LESSON, "preparation"), "on_change": _set_preparation, "args": ()},
    )
    if settings.method != "batches":
        st.slider(
            t("mnist_network.copies"),
            0.0,
            45.0,
            step=1.0,
            format="±%g°",
            help=t("mnist_network.copies_help"),
            **bound(LESSON, "copies"),
        )
        return
    with st.expander(t("mnist_network.changed"), expanded=True, key=f"{LESSON}.network.changed"):
        st.caption(t("mnist_network.changed_help"))
        for name, (highest, step) in RANGES.items():
            label = t(f"mnist_network.{name}")
            st.slider(label, 0.0, highest, step=step, format="%g", **bound(LESSON, name))
        _examples(settings, run)


def _examples(settings: Settings, run: DigitsRun) -> None:
    """Draw some digits, and under them what becomes of them."""
    ranges = {name: getattr(settings, name) for name in RANGES}
    images = run.train.images[:EXAMPLES]
    rows = [images]
    if any(ranges.values()):
        rows.append(Augmentation(**ranges)(images, rng=np.random.default_rng(settings.seed)))
    picture = np.vstack([np.hstack(list(row)) for row in rows])
    words = t(f"mnist_network.examples_{'changed' if len(rows) > 1 else 'plain'}")
    dark = bool(st.context.theme.type == "dark")
    show_ink(picture, words, dark=dark, size=112)
    st.caption(words)


def _set_preparation() -> None:
    """Take another preparation, unless the layers are too many for images as small as its are."""
    name = st.session_state[f"{LESSON}.preparation"]
    if name not in PREPARATIONS:
        return
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    try:
        Learner(recipe_of(replace(settings, preparation=name)), settings.seed)
    except ArchitectureError as error:
        say("error", session.architecture_sentence(error))
        return
    update(LESSON, preparation=name)


def _set_method() -> None:
    """Take another method, with a learning rate and layers that it can do with."""
    method = st.session_state[f"{LESSON}.method"]
    settings: Settings = st.session_state[f"{LESSON}.settings"]
    if method not in METHODS or method == settings.method:
        return
    other = replace(settings, method=method)
    if (method == "batches") != (settings.method == "batches"):
        other = replace(other, lr=usual_rate(other))
        if method != "batches":
            last = settings.layers.rpartition("-")[2]
            hidden = last if last.isdecimal() else "200"
            small = settings.preparation == "small"
            other = replace(other, layers=hidden, preparation="small" if small else "notes")
    update(LESSON, method=method, lr=other.lr, layers=other.layers, preparation=other.preparation)
