"""The controls, the progress bars, the curves: what a learner sees of the training."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.recipes import RECIPES
from pages._mnist import session, weights
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, MOST_EPOCHS, Settings, changed_fields
from ui import walk
from ui.assets import IN_BROWSER
from ui.controls import play_button
from ui.curve_figure import figure
from ui.curves import Line, Panel, pictures, smoothed
from ui.i18n import labels, language, t
from ui.state import bound, update
from ui.training import runs

_PLAY_WIDTH = 170  # pixels: room for the longest of its words


def show_controls(settings: Settings, run: DigitsRun) -> None:
    """Draw recipe, epochs, learning rate, and the buttons that drive the run."""
    with st.container(gap="small", key="controls"):
        _settings()
        with st.container(horizontal=True, gap="small"):
            _buttons(run)
            walk.start_button(LESSON)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_shape(run), width="content")
        if IN_BROWSER:
            st.caption(t("mnist.in_browser"), width="content")
        changed = session.changed_words(settings)
        if changed:
            st.caption(t("mnist.changed", what=changed), width="content")
            st.button(
                t("mnist.back_to_recipe"),
                key=f"{LESSON}.back_to_recipe",
                type="tertiary",
                on_click=session.take_recipe,
                args=(settings.recipe,),
            )
    if session.needs_another_run(settings, run):
        st.info(t("controls.pending"))
        st.button(t("controls.apply"), key=f"{LESSON}.apply", on_click=_apply)


def _settings() -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox(
            t("mnist.recipe"),
            list(RECIPES),
            format_func=labels("recipe", RECIPES).get,
            width=265,
            **{**bound(LESSON, "recipe"), "on_change": _choose_recipe, "args": ()},
        )
        with st.container(width=110, key="epochs"):
            binding = {**bound(LESSON, "epochs"), "on_change": _set_epochs, "args": ()}
            st.number_input(t("mnist.epochs"), 1, MOST_EPOCHS, None, step=1, **binding)
        with st.container(width=150, key="lr"):
            binding = {**bound(LESSON, "lr"), "on_change": _set_rate, "args": ()}
            st.number_input(t("setting.lr"), 1e-6, 1000.0, None, step=0.001, format="%g", **binding)


def _buttons(run: DigitsRun) -> None:
    broken = run.diverged is not None
    if run.playing:
        now: tuple[str, str, Any] = "controls.pause", "pause", pause
    elif run.finished and not broken:
        now = "mnist.one_more", "add", one_more
    else:
        now = "mnist.resume" if run.step else "controls.train", "play_arrow", train
    play_button(LESSON, *now, width=_PLAY_WIDTH, disabled=broken)
    if run.step or run.playing:
        _button("mnist.stop", "stop", stop, disabled=broken or (run.finished and not run.playing))
        _button("controls.again", "replay", session.start_again)
    if run.untrained and not run.playing:
        _offer_shipped(run)
    if session.PREVIOUS in runs() and not run.playing:
        _button("controls.bring_back", "undo", session.bring_back, type="tertiary")


def _offer_shipped(run: DigitsRun) -> None:
    """Offer the weights that come with the app, where the recipe as it stands has some."""
    there = weights.shipped(run.settings.recipe)
    if there is None or changed_fields(run.settings):
        return
    st.button(
        t("mnist.take_trained", accuracy=f"{there.accuracy or 0:.2%}"),
        icon=":material/bolt:",
        key=f"{LESSON}.take_trained",
        help=t("mnist.take_trained_help", seed=there.settings.seed),
        on_click=weights.begin_with,
        args=(there,),
    )


def _button(word: str, icon: str, action: Any, **arguments: Any) -> None:
    key = f"{LESSON}.{action.__name__}"
    st.button(t(word), icon=f":material/{icon}:", key=key, on_click=action, **arguments)


def show_progress(run: DigitsRun) -> None:
    """Draw the bars, the figures and the curves as the run stands now.

    The bars are also moved between two pictures, from within the slice: see ``before_slice``.
    """
    if run.playing:
        st.html(pictures(panels(run), dark=_dark(), label=in_words(run)))
    elif run.step:
        # One figure each: side by side on a desk, one under the other on a phone.
        name = f"curves:{language()}:{_dark()}:{run.last_epoch}"
        drawn = session.remembered(name, run, lambda: _figures(run))
        for place, (column, curves) in enumerate(zip(st.columns(2), drawn, strict=True)):
            column.plotly_chart(
                curves,
                key=f"{LESSON}.curves.{place}",
                config={"displayModeBar": False},
            )


def _figures(run: DigitsRun) -> list[Any]:
    return [figure(panel, dark=_dark()) for panel in panels(run)]


def draw_bars(run: DigitsRun) -> None:
    """Draw both bars, and have them moved between two pieces of work while the run is playing."""
    with st.container(key="bars", gap="small"):
        epoch, whole = st.empty(), st.empty()

    def move() -> None:
        epoch.progress(_share(run), text=_epoch_words(run))
        whole.progress(run.progress, text=_whole_words(run))

    run.on_tick = move
    move()


def draw_figures(run: DigitsRun) -> None:
    """Draw what counts in large type: accuracies and speed."""
    last = run.epochs[-1] if run.epochs else None
    nothing = t("mnist.not_yet")
    shown = {
        "test_accuracy": f"{last.test_accuracy:.2%}" if last else nothing,
        "train_accuracy": f"{last.train_accuracy:.2%}" if last else nothing,
        "speed": f"{run.images_per_second:,.0f}" if run.step else nothing,
    }
    cells = "".join(
        f'<div><div style="font-size:.85rem;opacity:.75">{t(f"mnist.{name}")}</div>'
        f'<div style="font-size:clamp(1.2rem,2vw,1.7rem)">{value}</div></div>'
        for name, value in shown.items()
    )
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:.4rem 1rem;justify-content:space-between;'
        f'font-variant-numeric:tabular-nums">{cells}</div>'
    )
    if run.step:
        n, share = f"{len(run.test):,}", f"{_share_in_steps(run):.0%}"
        st.caption(t("mnist.figures_note", n=n, share=share))


def panels(run: DigitsRun) -> list[Panel]:
    """Return the two pairs of axes: the loss of every step, the accuracy of every epoch."""
    end = float(max(run.last_epoch, run.place))
    line, band = smoothed(*run.loss_curve(), t("mnist.loss_mean"), t("mnist.loss_raw"))
    top = max([1e-9, *line.y, *(() if band is None else band.high)])
    epochs = run.epochs[:]  # the script that was at work before this one may be adding to them
    tested = [epoch.test_loss for epoch in epochs]
    at = [float(epoch.number) for epoch in epochs]
    lines = [line, Line(t("mnist.test"), at, tested, "ink", dots=True)]
    loss = Panel(t("mnist.loss"), lines, t("mnist.epochs"), end, 0.0, float(top), band)
    learned = [epoch.train_accuracy for epoch in epochs]
    right = [epoch.test_accuracy for epoch in epochs]
    low = min([0.9, *learned, *right])
    lines = [
        Line(t("mnist.training"), at, learned, "accent", dots=True),
        Line(t("mnist.test"), at, right, "ink", dots=True),
    ]
    bottom = max(0.0, low - 0.02)
    accuracy = Panel(t("mnist.accuracy"), lines, t("mnist.epochs"), end, bottom, 1.0, percent=True)
    return [loss, accuracy]


def train() -> None:
    """Let the run go on."""
    runs()[LESSON].play()


def pause() -> None:
    """Hold it; it can go on from there."""
    runs()[LESSON].playing = False


def stop() -> None:
    """End it here."""
    runs()[LESSON].stop()


def one_more() -> None:
    """Train for one more epoch."""
    runs()[LESSON].play()


def _choose_recipe() -> None:
    name = st.session_state[f"{LESSON}.recipe"]
    if name in RECIPES:  # just after a language switch it can be the other language's word for it
        session.take_recipe(name)


def _set_epochs() -> None:
    value = st.session_state[f"{LESSON}.epochs"]
    if value is not None:
        update(LESSON, epochs=value)
        run: DigitsRun = runs()[LESSON]
        if run.settings.schedule == "constant":
            run.last_epoch = max(value, int(run.place) + run.playing)


def _set_rate() -> None:
    """Change the learning rate, also of a run that is on its way."""
    value = st.session_state[f"{LESSON}.lr"]
    if value is not None:
        update(LESSON, lr=value)
        run: DigitsRun = runs()[LESSON]
        if run.step:
            run.set_rate(value)


def _apply() -> None:
    """Leave the run that is on its way for one with the settings as they are now."""
    session.start_again()
    train()


def _shape(run: DigitsRun) -> str:
    """Say in a line what is trained on what."""
    inputs = (run.learner.prepare.size or 28) ** 2
    parts = [str(inputs), *filter(None, run.settings.layers.split("-")), "10"]
    parameters = sum(array.size for array in run.learner.model.params.values())
    batch = run.settings.batch_size if run.settings.method == "batches" else 1
    return t(
        "mnist.shape",
        layers=" → ".join(parts),
        parameters=f"{parameters:,}",
        images=f"{run.size:,}",
        batch=batch,
    )


def _share(run: DigitsRun) -> float:
    done = run.finished and not run.stopped and run.diverged is None
    return 1.0 if done else run.place - int(run.place)


def _epoch_words(run: DigitsRun) -> str:
    if run.testing:
        return t("mnist.bar_testing", n=f"{run.testing:,}", of=f"{len(run.test):,}")
    number = min(int(run.place) + 1, run.last_epoch)
    n = f"{round(_share(run) * run.size):,}"
    return t("mnist.bar_epoch", epoch=number, epochs=run.last_epoch, n=n, of=f"{run.size:,}")


def _whole_words(run: DigitsRun) -> str:
    seconds = f"{run.wall:.1f}"
    if run.diverged:
        return t("mnist.bar_broken", seconds=seconds)
    if run.finished or run.seconds_left is None:
        return t("mnist.bar_done" if run.step else "mnist.bar_before", seconds=seconds)
    return t("mnist.bar_whole", seconds=seconds, left=f"{run.seconds_left:.0f}")


def _share_in_steps(run: DigitsRun) -> float:
    return run.seconds / run.wall if run.wall else 0.0


def in_words(run: DigitsRun) -> str:
    """Say in a sentence how far the run is."""
    if not run.losses:
        return t("mnist.loss")
    last = f"{run.epochs[-1].test_accuracy:.2%}" if run.epochs else t("mnist.not_yet")
    return t("mnist.curves_in_words", step=f"{run.step:,}", loss=f"{run.losses[-1]:.3g}", last=last)


def _dark() -> bool:
    return bool(st.context.theme.type == "dark")
