"""The program to take home: a plain Python file that does what the page did."""

from __future__ import annotations

import core.activations
import core.datasets
import core.init
import core.layer
import core.layers
import core.losses
import core.metrics
import core.optim
import core.optimizer
import core.threads
import core.training
from core.datasets import DATASETS
from core.init import INITIALIZERS
from core.optim import OPTIMIZERS
from pages._quadrants.experiment import ACTIVATION_LAYERS, arguments, build_data
from pages._quadrants.settings import Settings
from ui.source import standalone
from ui.training import Change

MODULES = (
    core.init,
    core.layer,
    core.layers,
    core.activations,
    core.losses,
    core.optimizer,
    core.optim,
    core.metrics,
    core.threads,
    core.training,
    core.datasets,
)
HEADING = (
    "A neural network and its training, in one file that needs only NumPy (MIT licence).\n\n"
    "Everything above the last part is the library that ran in the page; the program at the end\n"
    "does what the page did and prints the same numbers.\n"
)


def program(settings: Settings, classes: int, step: int, changes: list[Change]) -> str:
    """Return the lines that build this experiment, train it to ``step`` and print the result."""
    seed = settings.seed
    lines = [f"rng = np.random.default_rng({seed})", _data_line(settings)]
    if build_data(settings)[1] is not None:
        share = settings.test
        lines.append(f"x, x_test, y, y_test = train_test_split(x, y, {share!r}, rng)")
    lines += ["", f"rng = np.random.RandomState({seed})", "model = Sequential("]
    sizes = (2, *settings.hidden, classes)
    for place, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        if place and settings.activation != "none":
            lines.append(f"    {ACTIVATION_LAYERS[settings.activation].__name__}(),")
        lines.append(
            f"    Linear({inputs}, {outputs}, rng=rng, init={INITIALIZERS[settings.init].__name__},"
            " dtype=np.float64),"
        )
    optimizer = OPTIMIZERS[settings.optimizer].__name__
    decay = f'{{"weight": {settings.l2!r}}}'
    lines += [
        ")",
        "loss = CrossEntropyLoss()",
        f"optimizer = {optimizer}(model, lr={settings.lr!r}, weight_decay={decay})",
        "",
        f"rng = np.random.default_rng({seed})",
        f"batch_size = {settings.batch or 'len(x)'}",
        *_training_lines(step, changes),
        'print("loss", repr(evaluate(model, loss, (x, y))[0]))',
        'print("accuracy", evaluate(model, loss, (x, y))[1])',
        "for point in [(2.0, 2.0), (-2.0, 2.0), (-2.0, -2.0), (2.0, -2.0)]:",
        "    print(point, softmax(model(np.array([point])))[0].tolist())",
    ]
    return "\n".join(lines) + "\n"


def script(settings: Settings, classes: int, step: int, changes: list[Change]) -> str:
    """Return the whole file: the library, then the program."""
    return standalone(program(settings, classes, step, changes), MODULES, HEADING)


def _data_line(settings: Settings) -> str:
    if settings.data == "own":
        return f"x, y = parse_points({settings.points!r})"
    values = arguments(settings, None)
    inside = ", ".join(f"{k}={'rng' if k == 'rng' else repr(v)}" for k, v in values.items())
    return f"x, y = {DATASETS[settings.data].make.__name__}({inside})"


def _training_lines(step: int, changes: list[Change]) -> list[str]:
    """Return the training loop, with what the learner changed while it ran."""
    lines = []
    for change in changes:
        if change.step == 0:
            lines.append(_change_line(change))
    later = [change for change in changes if change.step > 0]
    if step == 0:
        return lines
    lines += [
        "forever = 10**9",
        "for event in fit(",
        "    model, loss, optimizer, (x, y), epochs=forever, batch_size=batch_size, rng=rng",
        "):",
        "    if not isinstance(event, StepEnd):",
        "        continue",
    ]
    for change in later:
        lines += [f"    if event.step == {change.step}:", f"        {_change_line(change)}"]
    lines += [
        f"    if event.step in (1, 10, 100, 1000, {step}):",
        '        print("step", event.step, "loss", event.loss)',
        f"    if event.step == {step}:",
        "        break",
    ]
    return lines


def _change_line(change: Change) -> str:
    if change.what == "lr":
        return f"optimizer.lr = {change.value!r}"
    return f"model.params[{change.what!r}][{change.place!r}] = {change.value!r}"
