"""The training loop: all examples, the right order of things, and no surprises."""

import itertools
import warnings

import numpy as np
import pytest

from core.datasets import four_points, make_blobs
from core.init import standard_normal
from core.layers import Layer, Linear, ReLU, Sequential
from core.losses import CrossEntropyLoss, MSELoss
from core.optim import SGD, Adam
from core.training import Diverged, EpochEnd, StepEnd, evaluate, fit, predict


def network(seed=0, **kwargs):
    rng = np.random.default_rng(seed)
    return Sequential(Linear(2, 8, rng=rng, **kwargs), ReLU(), Linear(8, 3, rng=rng, **kwargs))


@pytest.fixture
def data():
    x, y = make_blobs(50, centers=3, rng=0)
    return x.astype(np.float32), y


class Recorder(Layer):
    """Predicts 0 and remembers which examples it was shown."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x, *, training=False):
        if training:
            self.seen.append(x.copy())
        return np.zeros((len(x), 1), np.float32)

    def backward(self, dy, *, need_dx=True):
        return dy


def test_every_epoch_shows_all_examples_in_a_new_order():
    x = np.arange(10, dtype=np.float32)[:, None]
    model = Recorder()
    events = list(fit(model, MSELoss(), SGD(model), (x, x), epochs=3, batch_size=4, rng=0))
    assert [len(batch) for batch in model.seen] == [4, 4, 2] * 3
    epochs = [np.concatenate(model.seen[i : i + 3]).ravel() for i in (0, 3, 6)]
    assert all(sorted(order) == list(range(10)) for order in epochs)
    assert len({tuple(order) for order in epochs}) == 3
    assert [type(e) for e in events] == [StepEnd, StepEnd, StepEnd, EpochEnd] * 3
    assert [e.step for e in events if isinstance(e, StepEnd)] == list(range(1, 10))
    # Predicting 0, the loss is the mean square, whatever the batches are.
    assert events[3].train_loss == pytest.approx(np.mean(x**2))


def test_it_equals_a_loop_written_by_hand(data):
    x, y = data
    model, by_hand = network(), network()
    losses = [
        event.loss
        for event in fit(
            model, CrossEntropyLoss(), Adam(model), data, epochs=3, batch_size=16, rng=5
        )
        if isinstance(event, StepEnd)
    ]
    loss, optimizer, rng, expected = CrossEntropyLoss(), Adam(by_hand), np.random.default_rng(5), []
    for _ in range(3):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 16):
            rows = order[start : start + 16]
            expected.append(loss.forward(by_hand.forward(x[rows], training=True), y[rows]))
            by_hand.backward(loss.backward())
            optimizer.step()
    assert losses == expected
    assert all(np.array_equal(model.params[k], v) for k, v in by_hand.params.items())


def test_the_same_seed_gives_the_same_bits(data):
    def train(seed):
        model = network()
        events = list(
            fit(
                model,
                CrossEntropyLoss(),
                SGD(model, 0.1),
                data,
                epochs=2,
                rng=seed,
                validation=data,
            )
        )
        return events, b"".join(array.tobytes() for array in model.state_dict().values())

    assert train(3) == train(3)
    assert train(3) != train(4)


def test_validation_is_measured_after_each_epoch(data):
    model = network()
    loss = CrossEntropyLoss()
    for event in fit(model, loss, SGD(model, 0.1), data, validation=data, epochs=3, rng=0):
        if isinstance(event, EpochEnd):
            now = evaluate(model, loss, data)
            assert (event.validation_loss, event.validation_accuracy) == now
    assert now[1] == np.mean(model(data[0]).argmax(axis=1) == data[1])
    x, y = data
    regression = Sequential(Linear(2, 2, rng=0))
    assert evaluate(regression, MSELoss(), (x, x))[1] is None


def test_predict_in_batches(data):
    model = network()
    np.testing.assert_allclose(predict(model, data[0], batch_size=7), model(data[0]), rtol=1e-5)


def test_divergence_is_a_fact_and_not_a_warning(data):
    model = network()
    x = data[0] * 1e10
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        steps = fit(model, CrossEntropyLoss(), SGD(model, lr=1e3), (x, data[1]), epochs=99, rng=0)
        events = list(steps)
    assert isinstance(events[-1], Diverged)
    assert not np.isfinite(events[-1].loss)
    assert not any(isinstance(event, Diverged) for event in events[:-1])
    assert np.geterr()["over"] == "warn"


def test_leaving_the_loop_stops_it(data):
    model = network()
    for event in fit(model, CrossEntropyLoss(), SGD(model, 0.1), data, epochs=99, rng=0):
        after = model.state_dict()
        if event.epoch == 3:
            break
    assert all(np.array_equal(after[k], v) for k, v in model.params.items())


def test_a_batch_of_everything_needs_no_order(data):
    class NoOrder:
        def permutation(self, n):
            raise AssertionError("drew an order")

    model = network()
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    list(fit(model, CrossEntropyLoss(), SGD(model), data, epochs=2, batch_size=50, rng=rng))
    assert rng.bit_generator.state == before


def test_data_stay_as_they_are(data):
    x, y = data[0].copy(), data[1].copy()
    model = network()
    list(fit(model, CrossEntropyLoss(), SGD(model, 0.1), data, epochs=2, batch_size=7, rng=0))
    assert np.array_equal(x, data[0])
    assert np.array_equal(y, data[1])


@pytest.mark.parametrize(
    ("inputs", "targets", "kwargs"),
    [
        (3, 2, {}),
        (0, 0, {}),
        (3, 3, {"epochs": -1}),
        (3, 3, {"batch_size": 0}),
    ],
)
def test_what_does_not_fit_is_a_sentence(inputs, targets, kwargs):
    model = network()
    data = np.zeros((inputs, 2)), np.zeros(targets, int)
    with pytest.raises(ValueError, match="fit expected"):
        next(fit(model, CrossEntropyLoss(), SGD(model), data, **kwargs))


@pytest.mark.slow
def test_the_notes_network_learns_as_in_the_notes():
    rng = np.random.RandomState(1)
    model = Sequential(
        Linear(2, 50, rng=rng, init=standard_normal, dtype=np.float64),
        ReLU(),
        Linear(50, 4, rng=rng, init=standard_normal, dtype=np.float64),
    )
    optimizer = SGD(model, lr=0.001, weight_decay={"weight": 0.001})
    events = fit(model, CrossEntropyLoss(), optimizer, four_points(), epochs=10_000)
    losses = [event.loss for event in events if isinstance(event, StepEnd)]
    assert len(losses) == 10_000
    assert losses[0] == pytest.approx(12.0392, abs=5e-5)
    assert losses[-1] == pytest.approx(0.0039663, abs=5e-8)


def test_two_loops_can_take_turns(data):
    def loop():
        model = network()
        return fit(model, CrossEntropyLoss(), SGD(model, 0.1), data, epochs=3, rng=1)

    alone = list(loop())
    both = list(zip(loop(), loop(), strict=True))
    assert [one for one, _ in both] == [other for _, other in both] == alone


def test_nothing_draws_from_the_global_generator(data):
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()  # noqa: NPY002
    model = network()
    list(itertools.islice(fit(model, CrossEntropyLoss(), SGD(model), data), 3))
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_bytes_are_prepared_batch_by_batch():
    x = np.arange(40, dtype=np.uint8).reshape(10, 4)
    model, calls = Recorder(), []

    def prepare(batch, out=None):
        calls.append((batch.dtype, len(batch), out is not None))
        y = np.empty(batch.shape, np.float32) if out is None else out
        np.divide(batch, 10, out=y, casting="same_kind")
        return y

    y = x.astype(np.float32)
    fits = fit(model, MSELoss(), SGD(model), (x, x[:, :1]), batch_size=4, rng=0, prepare=prepare)
    assert len(list(fits)) == 4
    assert [len(batch) for batch in model.seen] == [4, 4, 2]
    assert np.array_equal(np.sort(np.concatenate(model.seen), axis=0), y / np.float32(10))
    assert calls[1:] == [(np.uint8, n, True) for n in (4, 4, 2)]  # into memory that is there


def test_training_is_augmented_and_testing_is_not():
    x = np.ones((6, 1), np.float32)
    model, tested = Recorder(), []
    forward = model.forward

    def spy(batch, *, training=False):
        if not training:
            tested.append(batch.copy())
        return forward(batch, training=training)

    model.forward = spy
    data = x, x
    more = {"validation": data, "augment": lambda b: b + 1, "prepare": lambda b, out=None: 10 * b}
    list(fit(model, MSELoss(), SGD(model), data, batch_size=3, rng=0, **more))
    assert np.concatenate(model.seen).ravel().tolist() == [20] * 6
    assert np.concatenate(tested).ravel().tolist() == [10] * 6


def test_a_schedule_takes_its_shares_of_the_rate_that_was_set_last(data):
    model = network()
    optimizer, rates = SGD(model, lr=1.0), []
    events = fit(model, CrossEntropyLoss(), optimizer, data, epochs=4, schedule=lambda s: 1 / s)
    for event in events:
        if isinstance(event, StepEnd):
            rates.append(optimizer.lr)
            if event.step == 4:
                optimizer.lr = 0.1
    assert rates == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 0.1 / 5, 0.1 / 6, 0.1 / 7, 0.1 / 8])


def test_training_accuracy_counts_each_example_before_its_step(data):
    x, y = data
    model = network()
    expected, seen = 0, 0
    events = fit(model, CrossEntropyLoss(), SGD(model, lr=0.5), data, batch_size=10, rng=1)
    order = np.random.default_rng(1).permutation(len(x))
    right = []
    for event in itertools.chain([None], events):
        if isinstance(event, EpochEnd):
            assert event.train_accuracy == expected / len(x)
            break
        if event is not None:
            assert event.seen == (seen := seen + 10)
            expected += right.pop()
        rows = order[seen : seen + 10]
        if len(rows):
            right.append(int(np.sum(model(x[rows]).argmax(axis=1) == y[rows])))
    assert 0 < expected < len(x)


def test_losses_without_classes_have_no_training_accuracy(data):
    x, _ = data
    model = Recorder()
    *_, last = fit(model, MSELoss(), SGD(model), (x, x[:, :1]))
    assert last.train_accuracy is None
