"""Compare runs: keep one, change one thing, train again, and see what it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from pages._mnist import session
from pages._mnist.compare_kept import (
    KEPT,
    LETTERS,
    Kept,
    differing,
    drop,
    keep,
    kept_runs,
    snapshot,
    written,
)
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings
from ui.curve_figure import figure
from ui.curves import Line, Panel
from ui.i18n import t
from ui.state import say
from ui.training import runs

STYLES = {"A": ("accent", "dash"), "B": ("third", "dot"), "C": ("fourth", "dashdot")}
NOW = ("ink", "solid")
LONGEST_NAME = 10  # letters of a value that still fit into the legend


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    st.markdown(t("mnist_compare.lead"))
    kept, now = kept_runs(), snapshot(run)
    _show_keep(kept, now, run)
    if not kept:
        return
    shown = dict(kept)
    if run.step and not any(now.same_as(other) for other in kept.values()):
        shown[t("mnist_compare.now")] = now
    _show_kept(kept)
    _say_what_differs(kept, shown)
    _show_curves(shown)
    _show_table(shown)
    _show_answers(kept, shown)


def keep_this() -> None:
    """Keep the run as it is now."""
    keep(runs()[LESSON])


def take_settings(letter: str) -> None:
    """Begin a run with a kept one's settings; its changes of the learning rate come again, too."""
    kept: Kept = st.session_state[KEPT][letter]
    look = st.session_state[f"{LESSON}.settings"]
    fields = {name: getattr(look, name) for name in session.LOOK}
    st.session_state[f"{LESSON}.settings"] = replace(kept.settings, **fields)
    session.start_again()
    runs()[LESSON].planned = list(kept.changes)
    say("success", t("mnist_compare.taken", letter=letter))


def _show_keep(kept: dict[str, Kept], now: Kept, run: DigitsRun) -> None:
    """Draw the button that keeps the run, and say why it may be out of use."""
    known = any(now.same_as(other) for other in kept.values())
    if not run.step:
        why = "mnist_compare.next" if kept else "mnist_compare.nothing"
    elif run.playing:
        why = "mnist_compare.wait"
    elif known:
        why = "mnist_compare.next"
    elif len(kept) == len(LETTERS):
        why = "mnist_compare.full"
    else:
        why = ""
    st.button(
        t("mnist_compare.keep"),
        icon=":material/bookmark_add:",
        key=f"{LESSON}.compare.keep",
        type="primary" if not why else "secondary",
        disabled=bool(why),
        on_click=keep_this,
    )
    if why:
        st.caption(t(why))


def _show_kept(kept: dict[str, Kept]) -> None:
    """Draw a line for each kept run, with what can be done with it."""
    for letter, one in kept.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_title(letter, one), width="content")
            st.button(
                t("mnist_compare.take"),
                icon=":material/settings_backup_restore:",
                key=f"{LESSON}.compare.take.{letter}",
                type="tertiary",
                on_click=take_settings,
                args=(letter,),
            )
            st.button(
                t("mnist_compare.drop"),
                icon=":material/delete:",
                key=f"{LESSON}.compare.drop.{letter}",
                type="tertiary",
                on_click=drop,
                args=(letter,),
            )


def _title(letter: str, one: Kept) -> str:
    recipe = t(f"recipe.{one.settings.recipe}")
    changed = session.changed_words(one.settings)
    return f"**{letter}** · {recipe}" + (f" ({changed})" if changed else "")


def _say_what_differs(kept: dict[str, Kept], shown: dict[str, Kept]) -> None:
    """Say for the run of now, or for each pair, whether only one thing was changed."""
    names = list(shown)
    if len(names) < 2:
        return
    one, other = names[-2], names[-1]
    first, second = shown[one], shown[other]
    if first.data != second.data:
        st.warning(t("mnist_compare.other_digits", one=one, other=other))
    what = differing([first, second])
    words = ", ".join(t(f"mnist.field_{name}") if name != "seed" else _seed() for name in what)
    if not what:
        key = "changed_rate" if first.changes != second.changes else "same"
    elif what == ["seed"]:
        key = "only_seed"
    else:
        key = "one_thing" if len(what) == 1 else "several"
    st.markdown(t(f"mnist_compare.{key}", one=one, other=other, what=words, n=len(what)))
    if "method" in what:
        st.caption(t("mnist_compare.other_loss"))


def _show_curves(shown: dict[str, Kept]) -> None:
    for place, (column, panel) in enumerate(zip(st.columns(2), panels(shown), strict=True)):
        column.plotly_chart(
            figure(panel, dark=_dark()),
            key=f"{LESSON}.compare.curves.{place}",
            config={"displayModeBar": False},
        )
    st.caption(t("mnist_compare.notice"))


def panels(shown: dict[str, Kept]) -> list[Panel]:
    """Return the axes: the training loss, and the share of test images right, of every run."""
    what = differing(list(shown.values()))
    losses, accuracies = [], []
    for name, one in shown.items():
        tone, dash = STYLES.get(name, NOW)
        value = written(getattr(one.settings, what[0])) if len(what) == 1 else ""
        label = f"{name}: {value}" if 0 < len(value) <= LONGEST_NAME else name
        losses.append(Line(label, one.loss_at, one.loss, tone, dash=dash))
        at = [float(epoch.number) for epoch in one.epochs]
        right = [epoch.test_accuracy for epoch in one.epochs]
        accuracies.append(Line(label, at, right, tone, dots=True, dash=dash))
    end = max(1.0, *(one.place for one in shown.values()))
    top = max([1e-9, *(_highest(line.y) for line in losses)])
    low = min([0.9, *(value for line in accuracies for value in line.y)])
    epochs = t("mnist.epochs")
    return [
        Panel(t("mnist_compare.loss"), losses, epochs, end, 0.0, top),
        Panel(
            t("mnist.test_accuracy"),
            accuracies,
            epochs,
            end + 0.1,
            max(0.0, low - 0.02),
            1.0,
            percent=True,
        ),
    ]


def _show_table(shown: dict[str, Kept]) -> None:
    """Draw what was set differently, and what came out."""
    many = list(shown.values())
    rows = [["", *(f"**{name}**" for name in shown)]]
    for field in differing(many):
        name = _seed() if field == "seed" else t(f"mnist.field_{field}")
        rows.append([name, *(written(getattr(one.settings, field)) for one in many)])
    if any(one.changes for one in many):
        rows.append([t("mnist_compare.changes"), *(_changes(one) for one in many)])
    rows += [
        [t("mnist.test_accuracy"), *_marked([one.accuracy for one in many])],
        [t("mnist_compare.test_loss"), *(_last_loss(one) for one in many)],
        [t("mnist_compare.epochs_done"), *(f"{one.place:.3g}" for one in many)],
        [t("mnist_compare.seconds"), *(f"{one.seconds:.1f}" for one in many)],
        [t("mnist_compare.parameters"), *(f"{one.parameters:,}" for one in many)],
    ]
    rows.insert(1, [":---", *["---:"] * len(many)])
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
    for name, one in shown.items():
        if one.diverged:
            st.warning(t("mnist_compare.diverged", name=name, step=f"{one.step:,}"))


def _show_answers(kept: dict[str, Kept], shown: dict[str, Kept]) -> None:
    """Say of how many test images only one of the last two runs is right."""
    names = list(shown)
    if len(names) < 2:
        return
    one, other = names[-2:]
    a, b = shown[one].right, shown[other].right
    if a is None or b is None or shown[one].data != shown[other].data:
        return
    first, second = int((a & ~b).sum()), int((b & ~a).sum())
    # If both were equally good, each of these images would fall to either side like a coin: twice
    # the deviation of so many tosses is what luck makes of it.  McNemar, Psychometrika 12, 1947.
    luck = 2 * np.sqrt(first + second)
    words = {"one": one, "other": other, "least": f"{luck:.0f}"}
    counted = t("mnist_compare.answers", first=first, second=second, n=f"{len(a):,}", **words)
    key = "mnist_compare.sure" if abs(second - first) > luck else "mnist_compare.luck"
    st.markdown(f"{counted} {t(key, **words)}")


def _marked(values: list[float | None]) -> list[str]:
    best = max((value for value in values if value is not None), default=None)
    texts = [t("mnist.not_yet") if value is None else f"{value:.2%}" for value in values]
    return [
        f"**{text}**" if v is not None and v == best else text
        for text, v in zip(texts, values, strict=True)
    ]


def _changes(one: Kept) -> str:
    return ", ".join(f"{change.lr:g}" for change in one.changes) or "–"


def _last_loss(one: Kept) -> str:
    return f"{one.epochs[-1].test_loss:.4g}" if one.epochs else t("mnist.not_yet")


def _highest(values: object) -> float:
    numbers = np.asarray(values, float)
    return float(np.nanmax(numbers, initial=0.0, where=np.isfinite(numbers)))


def _seed() -> str:
    return t("mnist_compare.seed")


def _dark() -> bool:
    return bool(st.context.theme.type == "dark")
