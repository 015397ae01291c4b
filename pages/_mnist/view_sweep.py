"""Sweet spots: one field tried at several values, with several seeds each."""

from __future__ import annotations

import streamlit as st

from core.architecture import ArchitectureError
from pages._mnist import session
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings, recipe_of
from pages._mnist.sweep_plan import (
    FEWEST,
    MOST_SEEDS,
    RULES,
    SWEEPS,
    Plan,
    ValuesError,
    default_values,
    estimate,
    plan_of,
    plan_of_rules,
    read_values,
    split,
)
from pages._mnist.sweep_results import draw, show_results
from pages._mnist.sweep_rules import show_check
from pages._mnist.sweep_run import NAME, SweepRun
from ui.i18n import t
from ui.training import live, runs


def show(settings: Settings, run: DigitsRun) -> None:
    """Draw the view."""
    st.markdown(t("mnist_sweep.lead"))
    if len(run.train) < FEWEST:
        st.info(t("mnist_sweep.too_few", n=len(run.train), least=FEWEST))
        return
    what = _choose_what()
    plan = _plan_rules(settings, run) if what == "rules" else _plan(settings, run, what)
    _show_buttons(plan, run)
    sweep: SweepRun | None = runs().get(NAME)
    if sweep is not None and sweep.plan.field == ("method" if what == "rules" else what):
        with st.container(key="sweep"):
            live(lambda: draw(sweep), sweep, draw_first=True)
        if not sweep.playing and sweep.ends:
            show_results(sweep)
    if what == "rules":
        show_check(settings, run)


def start(plan: Plan) -> None:
    """Begin a sweep; the one before goes."""
    before: SweepRun | None = runs().get(NAME)
    if before is not None:
        before.cancel()
    sweep = runs()[NAME] = SweepRun(plan, runs()[LESSON].train)
    sweep.play()


def cancel() -> None:
    """Stop the sweep; what has come out stays."""
    runs()[NAME].cancel()


def _choose_what() -> str:
    key = f"{NAME}.what"
    if st.session_state.get(key) not in SWEEPS:
        st.session_state[key] = SWEEPS[0]
    names = {what: t(f"mnist_sweep.what_{what}") for what in SWEEPS}
    return (
        st.segmented_control(
            t("mnist_sweep.what"),
            SWEEPS,
            format_func=names.get,
            key=key,
            persist_state="session",
        )
        or SWEEPS[0]
    )


def _plan(settings: Settings, run: DigitsRun, field: str) -> Plan | None:
    """Draw what can be set, and return the sweep that it makes; None if it makes none."""
    most = len(split(run.train)[0][0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        standard = default_values(field, recipe_of(settings))
        key = f"{NAME}.values.{field}.{standard}"
        st.session_state.setdefault(key, standard)
        text = st.text_input(
            t("mnist_sweep.values"), key=key, width=340, max_chars=200, persist_state="session"
        )
        seeds = _number("seeds", 3, 1, MOST_SEEDS, t("mnist_sweep.seeds_help"))
        images = _number("images", min(5_000, most), min(100, most), most, None)
    try:
        values = read_values(text or "", field)
    except ValuesError as error:
        st.error(str(error))
        return None
    plan = plan_of(field, values, seeds, images, settings)
    try:
        _say_how_long(plan, run, t("mnist_sweep.fixed", n=f"{images:,}"))
    except ArchitectureError as error:
        st.error(session.architecture_sentence(error))
        return None
    return plan


def _plan_rules(settings: Settings, run: DigitsRun) -> Plan:
    st.markdown(t("mnist_sweep.rules_lead"))
    plan = plan_of_rules(settings, len(split(run.train)[0][0]))
    n = f"{plan.base.train_size:,}"
    _say_how_long(plan, run, t("mnist_sweep.rules_fixed", n=n, lr=RULES.lr, epochs=RULES.epochs))
    return plan


def _say_how_long(plan: Plan, run: DigitsRun, fixed: str) -> None:
    judged = f"{len(split(run.train)[1][0]):,}"
    words = [t("mnist_sweep.count", n=len(plan.trials)), fixed]
    words.append(t("mnist_sweep.judged", n=judged))
    busy = run.playing or (NAME in runs() and runs()[NAME].playing)
    if not busy:
        recipes = ":".join(str(trial.recipe) for trial in plan.trials)
        seconds = session.remembered(
            f"sweep_time:{recipes}", run, lambda: estimate(plan, run.train)
        )
        words.append(t("mnist_sweep.takes", time=_duration(seconds)))
    st.caption(" ".join(words))


def _show_buttons(plan: Plan | None, run: DigitsRun) -> None:
    sweep: SweepRun | None = runs().get(NAME)
    if sweep is not None and sweep.playing:
        st.button(
            t("mnist_sweep.cancel"), icon=":material/stop:", key=f"{NAME}.cancel", on_click=cancel
        )
        return
    st.button(
        t("mnist_sweep.start"),
        icon=":material/play_arrow:",
        key=f"{NAME}.start",
        type="primary",
        disabled=plan is None or run.playing,
        on_click=start,
        args=(plan,),
    )
    if run.playing:
        st.caption(t("mnist_sweep.wait"))


def _number(name: str, standard: int, low: int, high: int, hint: str | None) -> int:
    key = f"{NAME}.{name}"
    kept = st.session_state.get(key) or standard
    st.session_state[key] = min(max(kept, low), high)
    value = st.number_input(
        t(f"mnist_sweep.{name}"),
        low,
        high,
        None,
        step=1,
        key=key,
        help=hint,
        width=150,
        persist_state="session",
    )
    return value or standard


def _duration(seconds: float) -> str:
    if seconds < 90:
        return t("mnist_sweep.seconds", n=max(1, round(seconds)))
    return t("mnist_sweep.minutes", n=round(seconds / 60))
