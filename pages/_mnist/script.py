"""The program to take home: one Python file that trains the very network of the page."""

from __future__ import annotations

import ast
import json
import math

import core.activations
import core.augment
import core.checkpoint
import core.classic
import core.conv
import core.digits
import core.digits_text
import core.images
import core.init
import core.layers
import core.losses
import core.metrics
import core.optim
import core.pool
import core.schedule
import core.threads
import core.training
from core.conv import Conv2d
from core.init import INITIALIZERS
from core.layers import Dropout, Layer, Linear
from core.optim import OPTIMIZERS
from core.pool import AvgPool2d, MaxPool2d
from core.schedule import SCHEDULES
from pages._mnist.run import TEST_BATCH, DigitsRun
from ui.source import standalone

MODULES = (
    core.init,
    core.activations,
    core.layers,
    core.conv,
    core.pool,
    core.losses,
    core.optim,
    core.schedule,
    core.metrics,
    core.threads,
    core.training,
    core.classic,
    core.images,
    core.augment,
    core.digits,
    core.digits_text,
    core.checkpoint,
)
HEADING = (
    "A neural network that learns to read digits, in one file that needs only NumPy (MIT licence)."
    "\n\nEverything above the last part is the library that ran in the page; the program at the\n"
    "end does what the page did and prints the same numbers.\n"
)
MOVES = ("degrees", "translate", "scale", "shear", "elastic")
MNIST_FILE = "train-images-idx3-ubyte.gz"  # and the three others beside it


def program(run: DigitsRun, own: tuple[str, ...] = (), weights: str = "") -> str:
    """Return the lines that build a run's network, train it as far as it has come and test it.

    Parameters
    ----------
    own : tuple of str
        Which of "train" and "test" are digits of the learner's own.
    weights : str
        The name of the file that the run's first weights came from, if they did.
    """
    lines = _data_lines(run, own)
    lines += _batch_lines(run) if run.learner.network is None else _classic_lines(run)
    if weights:
        lines += [
            "# The weights that this run began with, from a file beside this one.",
            f"state, notes = load(beside / {quoted(weights)})",
            "model.load_state_dict(state)",
        ]
    lines += _test_lines(run)
    lines += [_rate_line(run, change.lr) for change in run.changes if change.step == 0]
    begun = run.step or run.diverged
    lines += _training_lines(run) if begun else ['look("at the beginning:")']
    return "\n".join(lines) + "\n"


def script(run: DigitsRun, own: tuple[str, ...] = (), weights: str = "") -> str:
    """Return the whole file: the part of the library that is used, then the program."""
    text = program(run, own, weights)
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    modules = [
        module
        for module in MODULES
        if any(getattr(vars(module).get(n), "__module__", "") == module.__name__ for n in used)
    ]
    return standalone(text, modules, HEADING)


def own_file(run: DigitsRun, name: str) -> str:
    """Return the name of the table of the learner's own digits, as the page's downloads have it.

    ``name`` is "train" or "test".  Of the training digits only those that are learned from count.
    """
    return f"train-{run.size}.csv" if name == "train" else f"t10k-{len(run.test)}.csv"


def layer_call(layer: Layer, more: dict[str, str] | None = None) -> str:
    """Return the call that makes a layer, in PyTorch's words; ``more`` are further arguments."""
    inside: list[str] = []
    if isinstance(layer, Linear):
        inside = [str(layer.in_features), str(layer.out_features)]
    elif isinstance(layer, Conv2d):
        inside = [str(layer.in_channels), str(layer.out_channels), str(layer.kernel_size[0])]
        inside += [f"padding={layer.padding[0]}"] * (layer.padding[0] > 0)
    elif isinstance(layer, MaxPool2d | AvgPool2d):
        inside = [str(layer.kernel_size[0])]
    elif isinstance(layer, Dropout):
        inside = [repr(layer.p)]
    if layer.params and "bias" not in layer.params:
        inside.append("bias=False")
    inside += [f"{name}={value}" for name, value in (more or {}).items()]
    return f"{type(layer).__name__}({', '.join(inside)})"


def _data_lines(run: DigitsRun, own: tuple[str, ...]) -> list[str]:
    """Return the lines that read the digits, and the streams of random numbers."""
    files = [*[MNIST_FILE] * (len(own) < 2), *(own_file(run, name) for name in own)]
    prepare = run.learner.prepare
    smaller = f", size={prepare.size}" * (prepare.size is not None)
    lines = [
        "import sys",
        "from pathlib import Path",
        "",
        "# The digits lie in the folder that is given, or beside this file.",
        f"files = [{', '.join(map(quoted, files))}]",
        "beside = Path(__file__).resolve().parent",
        'places_to_look = [*map(Path, sys.argv[1:]), beside, beside / "assets" / "mnist"]',
        "found = [f for f in places_to_look if all((f / name).is_file() for name in files)]",
        "folder = (found or places_to_look)[0]",
    ]
    if len(own) < 2:
        lines.append("train, test = load_mnist(folder)")
    for name in own:
        lines.append(f'{name} = read_digits_csv((folder / "{own_file(run, name)}").read_bytes())')
    return [
        *lines,
        f"examples = train.images[:{run.size}], train.labels[:{run.size}]",
        f"prepare = Preparation(scale={prepare.scale!r}, offset={prepare.offset!r}{smaller})",
        "",
        "# One stream of luck each: first weights, order of the examples, dropout, moves.",
        f"weights, order, holes, moves = np.random.default_rng({run.settings.seed}).spawn(4)",
    ]


def _batch_lines(run: DigitsRun) -> list[str]:
    """Return the lines that make network, loss, optimizer and the training to come."""
    settings = run.settings
    starts = {"init": INITIALIZERS[settings.init].__name__, "rng": "weights"}
    lines = ["model = Sequential("]
    for layer in run.learner.model:
        more = {"rng": "holes"} if isinstance(layer, Dropout) else starts if layer.params else None
        lines.append(f"    {layer_call(layer, more)},")
    inside = f"model, lr={settings.lr!r}"
    if settings.momentum and settings.optimizer in ("sgd", "rmsprop"):
        inside += f", momentum={settings.momentum!r}"
    if settings.weight_decay:
        inside += f", weight_decay={settings.weight_decay!r}"
    lines += [
        ")",
        "loss = CrossEntropyLoss()",
        f"optimizer = {OPTIMIZERS[settings.optimizer].__name__}({inside})",
    ]
    arguments = [f"batch_size={settings.batch_size}"]
    ranges = [f"{name}={getattr(settings, name)!r}" for name in MOVES if getattr(settings, name)]
    if ranges:
        lines.append(f"movement = Augmentation({', '.join(ranges)})")
        arguments.append("augment=lambda images: movement(images, rng=moves)")
    if settings.schedule != "constant":
        total = run.learner.recipe.epochs * run.learner.steps_per_epoch(run.size)
        arguments.append(f"schedule={SCHEDULES[settings.schedule].__name__}({total})")
    return [*lines, *_fit_lines(run, "fit", "model, loss, optimizer", arguments)]


def _classic_lines(run: DigitsRun) -> list[str]:
    """Return the lines that make the notes' network and the training to come."""
    settings = run.settings
    pixels = (run.learner.prepare.size or 28) ** 2
    rule = f'lr={settings.lr!r}, rule="{settings.method}", rng=weights'
    lines = [
        f"network = ThreeLayerNetwork({pixels}, {int(settings.layers)}, 10, {rule})",
        "model, loss = network.model, MSELoss()",
    ]
    arguments = []
    if angle := settings.copies:
        turned = f"[rotate(images, {angle!r}), rotate(images, {-angle!r})]"
        arguments.append(f"copies=lambda images: {turned}")
    return [*lines, *_fit_lines(run, "fit_classic", "network", arguments)]


def _fit_lines(run: DigitsRun, function: str, who: str, arguments: list[str]) -> list[str]:
    """Return the call that makes the events; nothing is computed before somebody asks for them."""
    epochs = run.diverged.epoch if run.diverged else max(1, math.ceil(run.place))
    common = [f"{who}, examples", f"epochs={epochs}", "rng=order, prepare=prepare"]
    return [f"events = {function}(", *(f"    {part}," for part in common + arguments), ")"]


def _test_lines(run: DigitsRun) -> list[str]:
    targets = "test.labels" if run.learner.network is None else "one_hot(test.labels)"
    return [
        "",
        "",
        "def look(when):",
        '    """Test the network as it is now."""',
        f"    outputs = predict(model, test.images, {TEST_BATCH}, prepare)",
        '    with np.errstate(all="ignore"):  # a network that has diverged answers anything',
        f'        print(when, "test loss", loss.forward(outputs, {targets}))',
        "    right = accuracy_score(test.labels, outputs.argmax(axis=1))",
        '    print(when, "test accuracy", right)',
        "",
        "",
    ]


def _training_lines(run: DigitsRun) -> list[str]:
    """Return the training loop, with the learner's changes, and its end: where the page stands."""
    at_end = not run.diverged and run.place == len(run.epochs)
    shown = sorted({1, 10, 100, 1000, run.step} - {0})
    lines = [
        "with one_core():  # as on the page: how many cores compute can show in the last digit",
        "    for event in events:",
        "        if isinstance(event, EpochEnd):",
        '            print("epoch", event.epoch, "training loss", event.train_loss)',
        '            print("epoch", event.epoch, "training accuracy", event.train_accuracy)',
        '            look(f"epoch {event.epoch}:")',
        "            continue",
        f"        if event.step in {shown} or isinstance(event, Diverged):",
        '            print("step", event.step, "loss", event.loss)',
    ]
    for change in run.changes:
        if change.step:
            lines.append(f"        if event.step == {change.step}:")
            lines.append(f"            {_rate_line(run, change.lr)}")
    if at_end:
        return lines
    if not run.diverged:
        lines += [f"        if event.step == {run.step}:", "            break"]
    return [*lines, '    look("at the end:")']


def _rate_line(run: DigitsRun, lr: float) -> str:
    return f"{'optimizer' if run.learner.network is None else 'network'}.lr = {lr!r}"


def quoted(text: str) -> str:
    """Return a text as it stands in a program, with double quotes."""
    return json.dumps(text)
