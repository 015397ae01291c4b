"""What came out of a sweep: the bar and the chart, the table, the best value."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from core.sweep import Spot
from pages._mnist import session
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON
from pages._mnist.sweep_plan import axis_place, with_best
from pages._mnist.sweep_run import NAME, SweepRun
from ui.announce import announce
from ui.i18n import t
from ui.spread import Axes, Cloud, spread_figure, spread_picture
from ui.state import say, update
from ui.training import runs


def draw(sweep: SweepRun) -> None:
    """Draw the bar and the chart: a picture while it runs, a figure at rest."""
    left = sweep.seconds_left
    words = {"n": len(sweep.ends), "of": sweep.until, "seconds": f"{sweep.seconds:.0f}"}
    if sweep.cancelled:
        st.progress(sweep.progress, text=t("mnist_sweep.bar_cancelled", **words))
    elif sweep.finished:
        st.progress(1.0, text=t("mnist_sweep.bar_done", **words))
    else:
        rest = "…" if left is None else f"{left:.0f}"
        st.progress(sweep.progress, text=t("mnist_sweep.bar", left=rest, **words))
    said = _in_words(sweep)
    announce(said, key=f"{NAME}.spoken", live=sweep.playing)
    if sweep.playing:
        st.html(spread_picture(_clouds(sweep), _axes(sweep), dark=_dark(), label=said))
    elif any(spot.accuracies for spot in sweep.spots()):
        point, mean = t("mnist_sweep.one_network"), t("mnist_sweep.mean")
        figure = spread_figure(_clouds(sweep), _axes(sweep), dark=_dark(), point=point, mean=mean)
        st.plotly_chart(figure, key=f"{NAME}.chart", config={"displayModeBar": False})


def show_results(sweep: SweepRun) -> None:
    field, best = sweep.plan.field, sweep.best()
    st.caption(t("mnist_sweep.notice"))
    rows = [_row(sweep, spot, best) for spot in sweep.spots()]
    name = t(f"mnist_sweep.field_{field}")
    heads = [name, *(t(f"mnist_sweep.{head}") for head in ("mean", "lowest", "highest"))]
    st.markdown("\n".join([_line(heads), _line(["---:"] * len(heads)), *rows]))
    for end in sweep.ends:
        if end.error:
            st.warning(t("mnist_sweep.failed", seed=end.trial.seed))
    if best is None:
        return
    if field == "method":
        _say_which_rule(sweep)
        return
    value = written(field, best.value)
    clear = _lead(sweep, best)
    st.markdown(t("mnist_sweep.clear" if clear else "mnist_sweep.close", name=name, value=value))
    st.button(
        t("mnist_sweep.use", name=name, value=value),
        icon=":material/check:",
        key=f"{NAME}.use",
        on_click=take_best,
        args=(best.value,),
    )


def _say_which_rule(sweep: SweepRun) -> None:
    """Compare both rules in a sentence, as soon as both have been tried."""
    means = {spot.value: f"{spot.mean:.1%}" for spot in sweep.spots() if spot.accuracies}
    if len(means) == len(sweep.plan.values):
        st.markdown(t("mnist_sweep.rules_result", **means))


def _row(sweep: SweepRun, spot: Spot, best: Spot | None) -> str:
    field = sweep.plan.field
    value = written(field, spot.value)
    if not spot.accuracies:
        return _line([value, "–", "–", "–"])
    numbers = [spot.mean, min(spot.accuracies), max(spot.accuracies)]
    cells = [value, *(f"{number:.2%}" for number in numbers)]
    return _line([f"**{cell}**" for cell in cells] if spot == best else cells)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _lead(sweep: SweepRun, best: Spot) -> bool:
    """Whether even the worst network of the best value beats every network of the others."""
    others = [value for s in sweep.spots() if s.value != best.value for value in s.accuracies]
    return not others or min(best.accuracies) > max(others)


def _clouds(sweep: SweepRun) -> list[Cloud]:
    """Return a cloud for every value, also for those whose turn has not come."""
    field, best = sweep.plan.field, sweep.best()
    known = {spot.value: spot for spot in sweep.spots()}
    return [
        Cloud(
            written(field, value),
            axis_place(field, value),
            known[value].accuracies if value in known else (),
            best is not None and best.value == value and sweep.finished,
        )
        for value in sweep.plan.values
    ]


def _axes(sweep: SweepRun) -> Axes:
    field = sweep.plan.field
    name = t(f"mnist_sweep.field_{field}")
    title = t("mnist_sweep.chart", n=f"{sweep.judged:,}")
    return Axes(title, name, joined=field != "method")


def _in_words(sweep: SweepRun) -> str:
    name = t(f"mnist_sweep.field_{sweep.plan.field}")
    spots = [spot for spot in sweep.spots() if spot.accuracies]
    return f"{name}: " + ", ".join(
        f"{written(sweep.plan.field, spot.value)} {spot.mean:.1%}" for spot in spots
    )


def written(field: str, value: float | str) -> str:
    return t(f"mnist_sweep.rule_{value}") if field == "method" else f"{value:g}"


def _dark() -> bool:
    return bool(st.context.theme.type == "dark")


def take_best(value: float) -> None:
    """Set everything as the sweep had it, with its best value, ready to be trained."""
    sweep: SweepRun = runs()[NAME]
    settings = st.session_state[f"{LESSON}.settings"]
    plan = sweep.plan
    recipe = with_best(plan.base, plan.field, value, settings.train_size)
    update(LESSON, recipe=plan.recipe, **asdict(recipe))
    run: DigitsRun = runs()[LESSON]
    if session.needs_another_run(st.session_state[f"{LESSON}.settings"], run) or run.step:
        session.start_again()
    name = t(f"mnist_sweep.field_{plan.field}")
    say("success", t("mnist_sweep.taken", name=name, value=written(plan.field, value)))
