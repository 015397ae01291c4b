"""Teach it: the learner's own drawings, what a network gains from them, and what it forgets."""

from __future__ import annotations

import streamlit as st

from core.digit_tuning import Tally
from pages._draw.kept import newest
from pages._draw.networks import Network, keep_lessons, lessons, network_of
from pages._draw.session import current, did
from pages._draw.settings import LESSON, Settings
from pages._draw.sight import Sight
from pages._draw.teach_files import show_files
from pages._draw.teach_kept import kept, mark_of, note, show_kept, show_truth
from pages._draw.teach_run import NAME, SETS, Teaching
from ui.announce import announce
from ui.digits import mnist
from ui.i18n import t
from ui.ledger import show_ledger
from ui.state import bound
from ui.training import live, runs

MARK = f"{LESSON}.teach_mark"  # the drawings that the run is about
MOST_LESSONS = 20  # each is a network that the session keeps


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    network = network_of(settings)
    with st.container(key="say-truth"):
        show_truth(settings, sight)
    with st.container(key="kept"):
        show_kept(network)
        show_files()
    with st.container(key="lesson"):
        _show_lesson(settings, network)


def start() -> None:
    """Begin to teach the network that reads; nothing is changed before it is accepted."""
    settings = current()
    network, drawings = network_of(settings), kept()
    if not len(drawings) or _playing() is not None:
        return  # a second click finds it begun
    train, test = mnist()
    runs()[NAME] = run = Teaching(
        network.learner,
        drawings,
        train,
        test,
        mix=settings.mix / 100,
        rounds=settings.rounds,
        known=_known(network).get("mnist"),
    )
    st.session_state[MARK] = mark_of(drawings)
    run.playing = True


def accept() -> None:
    """Let the network be what it became."""
    run = _result(network_of(current()))
    if run is None or run.taught is None:
        return  # a second click finds nothing left to accept
    name = current().network
    keep_lessons(name, [*lessons(name), run.taught][-MOST_LESSONS:])
    discard()
    note("success", t("draw_teach.accepted", name=t(f"draw_network.{name}")))


def discard() -> None:
    """Forget what came of the teaching; while it goes on, stop it."""
    run = runs().pop(NAME, None)
    if run is not None:
        run.leave()


def take_back() -> None:
    """Let the network be what it was before the last lesson that was accepted."""
    name = current().network
    keep_lessons(name, lessons(name)[:-1])


def _playing() -> Teaching | None:
    run: Teaching | None = runs().get(NAME)
    return run if run is not None and run.playing else None


def _result(network: Network) -> Teaching | None:
    """Return the teaching that ended, if it is about this network and these drawings."""
    run: Teaching | None = runs().get(NAME)
    if run is None or not run.finished or run.learner is not network.learner:
        return None
    return run if st.session_state.get(MARK) == mark_of(kept()) else None


def _known(network: Network) -> dict[str, Tally]:
    """Return what was measured of a network before, to be filled in."""
    return newest("teach_known", network.learner, network.lessons, dict)


def _show_lesson(settings: Settings, network: Network) -> None:
    name = t(f"draw_network.{network.id}")
    st.header(t("draw_teach.title", name=name), anchor=False)
    st.markdown(t("draw_teach.teach_lead"))
    run, result = _playing(), _result(network)
    _controls(run is not None)
    if run is not None:
        live(lambda: _show_progress(run), run)
    elif result is not None and result.diverged:
        st.warning(t("draw_teach.diverged"))
    elif result is not None:
        _known(network)["mnist"] = result.tallies["mnist", "before"]
        _show_result(result)
        did("taught")
    if network.lessons and run is None:
        st.markdown(t("draw_teach.taught", name=name, n=network.lessons))
        st.button(
            t("draw_teach.undo"),
            icon=":material/undo:",
            key=f"{LESSON}.undo_lesson",
            on_click=take_back,
        )


def _controls(busy: bool) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width=300):
            st.slider(
                t("draw_teach.mix"),
                0,
                95,
                None,
                5,
                format="%d %%",
                help=t("draw_teach.mix_help"),
                disabled=busy,
                **bound(LESSON, "mix"),
            )
        with st.container(width=230):
            st.slider(t("draw_teach.rounds"), 1, 50, None, disabled=busy, **bound(LESSON, "rounds"))
        st.button(
            t("draw_teach.stop") if busy else t("draw_teach.start"),
            icon=":material/stop:" if busy else ":material/school:",
            key=f"{LESSON}.teach_start",
            type="primary",
            width=150,
            disabled=not busy and not len(kept()),
            on_click=discard if busy else start,
        )


def _show_progress(run: Teaching) -> None:
    word = "measuring" if run.measuring else "teaching"
    words = t(f"draw_teach.{word}", share=f"{run.progress:.0%}")
    st.progress(run.progress, words)
    announce(words, key=f"{LESSON}.spoken_lesson", live=True)


def _show_result(run: Teaching) -> None:
    """Draw what was gained and lost, and ask whether it is worth it."""
    told = []
    for name in SETS:
        before, after = (run.tallies[name, when] for when in ("before", "after"))
        values = {
            "n": f"{int(after.asked.sum()):,}",
            "before": f"{before.share:.2%}",
            "after": f"{after.share:.2%}",
        }
        told.append(t(f"draw_teach.{name}", **values))
        st.markdown(told[-1])
        show_ledger(before.shares, after.shares, key=f"{LESSON}.ledger.{name}")
    announce(" ".join(told).replace("**", ""), key=f"{LESSON}.spoken_lesson")
    st.caption(t("draw_teach.ledger_notice"))
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("draw_teach.accept"),
            icon=":material/check:",
            key=f"{LESSON}.accept",
            type="primary",
            on_click=accept,
        )
        st.button(
            t("draw_teach.discard"),
            icon=":material/close:",
            key=f"{LESSON}.discard",
            on_click=discard,
        )
