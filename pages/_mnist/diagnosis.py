"""What goes wrong in a run on digits, with the numbers that show it and a way out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from core.architecture import parse_layers
from core.digits import Digits
from core.health import UnitCensus, UnitHealth, update_ratios
from core.layers import Linear
from pages._mnist import session
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON, Settings
from ui.i18n import t
from ui.state import update

# What knows nothing: cross entropy gives each class a tenth, squared error each output its mean.
GUESSING = {"batches": float(np.log(10.0)), "notes": 0.0864, "gradient": 0.0864}
NO_BETTER = 0.9  # a loss above this share of guessing's has learned nothing worth the name
FEWEST_STEPS, FEWEST_IMAGES, LEAST_SHARE = 30, 2000, 0.3  # of an epoch: before, it is too early
TOO_SHORT = 5e-4  # steps that change no layer's weights by more than this share
WEAK = 0.9  # test accuracy below which slow progress is worth a word
DEAD, SATURATED = 0.5, 0.33  # shares of a layer's units; healthy runs stay well below
RISE = 1.05  # the test loss against its lowest, from which it counts as rising
CENSUS, FEWEST_TESTED = 500, 200  # images that units are judged by, and without which nothing is

# Rates at which a plain network learns digits; SGD's is shared out by its momentum.
USUAL_RATES = {"adam": 0.001, "rmsprop": 0.001, "adagrad": 0.01, "adadelta": 1.0}


class Finding(NamedTuple):
    """One thing that is wrong: its id, the numbers that show it, the settings that mend it."""

    id: str
    values: dict[str, Any]
    fix: dict[str, Any]


def show_findings(run: DigitsRun) -> None:
    """Say what goes wrong, with the numbers that show it and a button that mends it."""
    last_ratios(run)  # kept for when it rests
    for found in diagnose(run.settings, run):
        with st.container(border=True, key=f"finding-{found.id}"):
            sentence = t(f"mnist_finding.{found.id}", **found.values)
            st.warning(sentence, icon=":material/troubleshoot:")
            if not found.fix:
                continue
            words = [f"{t(f'mnist.field_{k}')} {_shown(k, v)}" for k, v in found.fix.items()]
            st.button(
                t("finding.fix", what=", ".join(words)),
                key=f"{LESSON}.fix.{found.id}",
                on_click=mend,
                args=(found.fix,),
            )


def mend(fix: dict[str, Any]) -> None:
    """Change what is to be changed and begin anew."""
    update(LESSON, **fix)
    session.start_again()


def diagnose(settings: Settings, run: DigitsRun) -> list[Finding]:
    """Return what is wrong with a run, the most telling first; nothing while it is playing.

    ``settings`` are those that the run was built from.
    """
    if run.diverged is not None:
        lr = min(run.rate / 10, usual_rate(settings))
        values = {"step": f"{run.diverged.step:,}", "lr": f"{run.rate:g}"}
        return [_finding("diverged", values, settings, run, lr=lr)]
    if run.playing or not run.step:
        return []
    found = _twins(settings, run) or _units(settings, run) or _slow_or_stuck(settings, run)
    return [*found, *_overfitting(settings, run)]


def usual_rate(settings: Settings) -> float:
    """Return a learning rate that suits the method and the optimizer."""
    if settings.method != "batches":
        return 0.1
    return USUAL_RATES.get(settings.optimizer, round(0.1 * (1.0 - settings.momentum), 6))


def units_of(run: DigitsRun) -> tuple[list[UnitHealth], int]:
    """Return the health of the hidden units, and by how many test images it was judged."""
    counted: tuple[list[UnitHealth], int] = session.remembered(
        "units", run, lambda: (take_census(run, run.test, CENSUS), min(CENSUS, len(run.test)))
    )
    return counted


def take_census(run: DigitsRun, digits: Digits, count: int, batch: int = 50) -> list[UnitHealth]:
    """Pass the first images through the network, some at a time, and judge its units."""
    census = UnitCensus()
    images = digits.images[:count]
    for start in range(0, len(images), batch):
        census.add(run.through(images[start : start + batch]))
    return census.result()


def last_ratios(run: DigitsRun) -> dict[str, float]:
    """Return how much of each parameter the last step that was watched has changed."""
    kept = f"{LESSON}.of_run.ratios"
    if run.before is not None and run.after is not None:
        st.session_state[kept] = update_ratios(run.learner.model, run.before, run.after)
    found: dict[str, float] = st.session_state.get(kept, {})  # a slice that only tests has no step
    return found


def _twins(settings: Settings, run: DigitsRun) -> list[Finding]:
    """Find neurons that all have the same weights: they began alike, and so they stay."""
    linear = [layer for layer in run.learner.model if isinstance(layer, Linear)]
    if len(linear) < 2:
        return []
    weight = linear[0].params["weight"]
    if len(weight) < 2 or not (weight == weight[0]).all():
        return []
    return [_finding("twins", {"units": len(weight)}, settings, run, init=_fitting_init(settings))]


def _units(settings: Settings, run: DigitsRun) -> list[Finding]:
    """Find layers in which most ReLUs are dead, or many sigmoids saturated."""
    layers, images = units_of(run)
    if images < FEWEST_TESTED:
        return []
    mended = {"lr": min(run.rate, usual_rate(settings)), "init": _fitting_init(settings)}
    if settings.method != "batches":
        mended = {"lr": mended["lr"]}  # its first weights and its inputs are given
    for number, layer in enumerate(layers, start=1):
        values = {"layer": number, "units": layer.units, "images": images}
        if layer.dead >= DEAD * layer.units:
            return [_finding("dead", {**values, "dead": layer.dead}, settings, run, **mended)]
        if layer.saturated >= SATURATED * layer.units:
            values["saturated"] = layer.saturated
            return [_finding("saturated", values, settings, run, **mended)]
    return []


def _slow_or_stuck(settings: Settings, run: DigitsRun) -> list[Finding]:
    """Find a loss that stays where guessing is, or that falls in steps far too short."""
    seen = round(run.place * run.size)
    warming_up = settings.schedule == "one_cycle" and run.place < 0.3 * settings.epochs
    early = run.step < FEWEST_STEPS or seen < FEWEST_IMAGES or run.place < LEAST_SHARE
    if early or warming_up:
        return []
    guess, losses = GUESSING[settings.method], np.array(run.losses)
    eighth = max(10, len(losses) // 8)
    last, before = float(losses[-eighth:].mean()), float(losses[-2 * eighth : -eighth].mean())
    stuck = last > NO_BETTER * guess
    ratios = [value for name, value in last_ratios(run).items() if name.endswith("weight")]
    longest = max(ratios, default=1.0)
    values = {"images": f"{seen:,}", "last": f"{last:.3g}", "guess": f"{guess:.3g}"}
    weak = bool(run.epochs) and run.epochs[-1].test_accuracy < WEAK and last < 0.98 * before
    wild_start = losses[0] > 2 * guess and settings.method == "batches"
    if longest < TOO_SHORT and (stuck or weak) and not wild_start:
        rate = usual_rate(settings) if usual_rate(settings) > run.rate else 10 * run.rate
        values["ratio"] = f"{longest:.1g}"
        return [_finding("slow", values, settings, run, lr=min(rate, 1000.0))]
    if stuck and run.rate > 3 * usual_rate(settings):
        values["lr"] = f"{run.rate:g}"
        return [_finding("too_fast", values, settings, run, lr=usual_rate(settings))]
    if stuck and settings.method == "batches":
        fix = {"optimizer": "adam", "lr": USUAL_RATES["adam"], "init": _fitting_init(settings)}
        found = _finding("stuck", values, settings, run, **fix)
        if not found.fix:  # all of that has been tried: what is left is another activation
            fix = {"activation": "relu", "init": "kaiming_normal"}
            found = _finding("stuck", values, settings, run, **fix)
        return [found]
    return []


def _overfitting(settings: Settings, run: DigitsRun) -> list[Finding]:
    """Find a test loss that rises again while the training images go on getting better."""
    if len(run.epochs) < 3 or len(run.test) < FEWEST_TESTED:
        return []
    best = min(run.epochs, key=lambda epoch: epoch.test_loss)
    *_, before, last = run.epochs
    rises = before.test_loss > best.test_loss and last.test_loss > RISE * best.test_loss
    learns_on = last.train_accuracy > best.train_accuracy and last.train_loss < best.train_loss
    if last.number - best.number < 2 or not rises or not learns_on:
        return []
    values = {
        "best": best.number,
        "last": last.number,
        "best_loss": f"{best.test_loss:.3g}",
        "last_loss": f"{last.test_loss:.3g}",
        "best_accuracy": f"{best.train_accuracy:.1%}",
        "last_accuracy": f"{last.train_accuracy:.1%}",
    }
    fix = _against_overfitting(settings, run, best.number)
    return [_finding("overfitting", values, settings, run, **fix)]


def _against_overfitting(settings: Settings, run: DigitsRun, best: int) -> dict[str, Any]:
    """Return the strongest remedy that is left: images, changed images, dropout, an early end."""
    if run.size < len(run.train):
        return {"train_size": len(run.train)}
    if settings.method != "batches":
        return {"epochs": best} if settings.copies else {"copies": 10.0}
    if not any(getattr(settings, name) for name in ("degrees", "translate", "scale", "elastic")):
        return {"degrees": 10.0, "translate": 2.0, "scale": 0.1}
    return (
        {"dropout": 0.3}
        if settings.dropout < 0.3 and parse_layers(settings.layers)
        else {"epochs": best}
    )


def _fitting_init(settings: Settings) -> str:
    return "kaiming_normal" if settings.activation == "relu" else "xavier_uniform"


def _finding(
    name: str, values: dict[str, Any], settings: Settings, run: DigitsRun, **fix: Any
) -> Finding:
    """Return a finding whose fix names only what it changes."""
    now = {**asdict(settings), "lr": run.rate}
    return Finding(name, values, {k: v for k, v in fix.items() if now[k] != v})


def _shown(name: str, value: Any) -> str:
    if name in ("init", "optimizer", "activation"):
        return t(f"{name}.{value}")
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
