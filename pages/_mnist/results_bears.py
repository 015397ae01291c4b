"""How much a network bears: accuracy against rotation, shift, noise and stroke thickness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import streamlit as st

from core.digits import Digits
from core.robustness import HARDSHIPS, Borne, robustness
from pages._mnist import session
from pages._mnist.results_answers import Answers, percent
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings
from ui.answers import Curve, strength_figure
from ui.i18n import labels, t
from ui.ink import show_ink
from ui.state import redraw
from ui.training import runs

SAMPLE = 500  # test images that are asked about at each strength
WANTED = f"{LESSON}.results.measuring"
EXAMPLES = 9  # pictures of one digit, from one end of the strengths to the other


class Measuring:
    """The measurement, as far as it has come: it can rest after every strength.

    Parameters
    ----------
    networks : list of DigitsRun
        This one, and perhaps the run before.
    sample : Digits
    """

    def __init__(self, networks: list[DigitsRun], sample: Digits) -> None:
        self.networks = networks
        self.points: dict[tuple[str, int], list[Borne]] = {
            (name, place): [] for place in range(len(networks)) for name in HARDSHIPS
        }
        self.total = len(networks) * sum(len(hard.strengths) for hard in HARDSHIPS.values())
        self._course = self._measure(sample)

    @property
    def done(self) -> int:
        """How many strengths lie behind."""
        return sum(len(points) for points in self.points.values())

    def go_on(self) -> bool:
        """Measure one strength more; say whether there was one left."""
        return next(self._course, None) is not None

    def _measure(self, sample: Digits) -> Iterator[Borne]:
        for (name, place), points in self.points.items():
            ask = self.networks[place].ask
            for borne in robustness(ask, sample.images, sample.labels, HARDSHIPS[name]):
                points.append(borne)
                yield borne


def sample_of(digits: Digits) -> Digits:
    """Return up to ``SAMPLE`` digits from all over the set.

    Not the first ones: the halves of MNIST's test set were written by different people.
    """
    rows = np.unique(np.linspace(0, len(digits) - 1, min(SAMPLE, len(digits))).astype(int))
    return Digits(digits.images[rows], digits.labels[rows])


def show_bears(settings: Settings, run: DigitsRun, _: Answers) -> None:
    """Draw the curves, or offer to measure them."""
    st.markdown(t("mnist_results.bears_lead", n=f"{min(SAMPLE, len(run.test)):,}"))
    if run.playing:
        st.session_state[WANTED] = False  # what was measured until now is of another network
        st.info(t("mnist_results.pause_first"))
        return
    measuring = _measuring(run)
    if measuring.done < measuring.total:
        _measure_or_offer(measuring)
    _draw_curves(measuring)
    _draw_examples(settings, run)


def _measuring(run: DigitsRun) -> Measuring:
    before: DigitsRun | None = runs().get(session.PREVIOUS)
    networks = [run] if before is None or before is run else [run, before]
    name = f"bears:{len(networks)}:{0 if before is None else before.step}"
    kept: Measuring = session.remembered(
        name, run, lambda: Measuring(networks, sample_of(run.test))
    )
    return kept


def _measure_or_offer(measuring: Measuring) -> None:
    if not st.session_state.get(WANTED):
        word = "mnist_results.measure_on" if measuring.done else "mnist_results.measure"
        st.button(
            t(word),
            icon=":material/play_arrow:",
            key=f"{LESSON}.results.measure",
            on_click=lambda: st.session_state.update({WANTED: True}),
        )
        return
    st.button(
        t("mnist.stop"),
        icon=":material/stop:",
        key=f"{LESSON}.results.measure_stop",
        on_click=lambda: st.session_state.update({WANTED: False}),
    )
    bar = st.progress(0.0)
    # A click ends this run of the script at the next picture of the bar; what is measured is kept.
    while measuring.done < measuring.total:
        bar.progress(
            measuring.done / measuring.total,
            text=t("mnist_results.measuring", n=measuring.done, total=measuring.total),
        )
        if not measuring.go_on():
            break
    st.session_state[WANTED] = False
    redraw()


def _draw_curves(measuring: Measuring) -> None:
    if not measuring.done:
        return
    names = [t("mnist_results.this_run"), t("mnist_results.previous_run")]
    dark = bool(st.context.theme.type == "dark")
    titles = labels("mnist_results", [f"hard_{name}" for name in HARDSHIPS])
    columns = st.columns(2, gap="medium")
    for place, name in enumerate(HARDSHIPS):
        curves = []
        for which in range(len(measuring.networks)):
            points = measuring.points[name, which]
            xs, ys = [p.strength for p in points], [p.accuracy for p in points]
            if points:
                curves.append(Curve(names[which], xs, ys, which == 1))
        if not curves:
            continue
        with columns[place % 2]:
            st.markdown(f"**{titles[f'hard_{name}']}**")
            st.plotly_chart(
                strength_figure(curves, axis=t(f"mnist_results.axis_{name}"), dark=dark),
                key=f"{LESSON}.results.{name}",
                config={"displayModeBar": False},
            )
            st.caption(_in_words(measuring.points[name, 0]))
    if measuring.done == measuring.total:
        st.caption(t("mnist_results.bears_notice"))


def _in_words(points: list[Borne]) -> str:
    """Say a curve in words: where it is best, and what is left at its ends."""
    best = max(points, key=lambda point: point.accuracy)
    ends = [point for point in (points[0], points[-1]) if point.strength != best.strength]
    key = "mnist_results.point_in_words"
    said = [
        t(key, share=percent(point.accuracy), at=minus(point.strength)) for point in (best, *ends)
    ]
    return t("mnist_results.between").join(said)


def minus(number: float) -> str:
    """Write a number with a real minus."""
    return f"{number:g}".replace("-", "\u2212")


def _draw_examples(settings: Settings, run: DigitsRun) -> None:
    """Show one digit at each strength, with what the network says of it."""
    index = settings.shown if 0 <= settings.shown < len(run.test) else 0
    key = f"{LESSON}.results.hardship"
    names = labels("mnist_results", [f"hard_{name}" for name in HARDSHIPS])
    st.session_state.setdefault(key, "rotation")
    chosen = st.segmented_control(
        t("mnist_results.example"),
        list(HARDSHIPS),
        format_func=lambda name: names[f"hard_{name}"],
        key=key,
        persist_state="session",
    )
    hardship = HARDSHIPS[chosen or "rotation"]
    places = np.linspace(0, len(hardship.strengths) - 1, EXAMPLES).round().astype(int)
    strengths = [hardship.strengths[place] for place in np.unique(places)]
    one = run.test.images[index : index + 1]
    images = np.concatenate([hardship.apply(one, strength) for strength in strengths])
    with np.errstate(all="ignore"):
        shares = run.learner.confidences(run.ask(images))
    dark = bool(st.context.theme.type == "dark")
    with st.container(horizontal=True, gap="small"):
        for image, strength, row in zip(images, strengths, shares, strict=True):
            words = t("grid.no_number")
            if np.isfinite(row).all():
                words = t("mnist_results.tile", said=int(row.argmax()), sure=f"{row.max():.0%}")
            caption = t("mnist_results.at_strength", at=minus(strength), words=words)
            show_ink(image, caption, dark=dark, size=84, width=84, printed=True)
    st.caption(t("mnist_results.example_notice", n=f"{index:,}", truth=int(run.test.labels[index])))
