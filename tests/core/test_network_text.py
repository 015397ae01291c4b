"""A network as a text: read, written, built, refused."""

import numpy as np
import pytest

from core.architecture import (
    MOST_PARAMETERS,
    ArchitectureError,
    Part,
    build_network,
    format_layers,
    parse_layers,
)
from core.init import kaiming_normal


def names(model):
    return [type(layer).__name__ for layer in model]


def test_the_text_is_read_part_by_part():
    parts = parse_layers("32c3-max2-64c5p2-avg3-128")
    assert parts == (
        Part("c", 32, 3),
        Part("max", 0, 2),
        Part("c", 64, 5, 2),
        Part("avg", 0, 3),
        Part("n", 128),
    )
    assert parse_layers(" 32C3, MAX2 64c5p2  avg3-128 ") == parts
    assert parse_layers("") == parse_layers(" - ") == ()


@pytest.mark.parametrize("text", ["", "10", "32c3-max2-64c5p2-avg3-128-10"])
def test_writing_and_reading_go_round(text):
    assert format_layers(parse_layers(text)) == text


def test_it_builds_what_it_says():
    model = build_network("4c3p1-max2-6c5-20", dropout=0.5, activation="tanh", rng=0)
    assert names(model) == [
        *("Conv2d", "Tanh", "MaxPool2d", "Conv2d", "Tanh"),
        *("Flatten", "Dropout", "Linear", "Tanh", "Dropout", "Linear"),
    ]
    x = np.zeros((2, 1, 28, 28), np.float32)
    sizes = []
    for layer in model:
        x = layer.forward(x)
        sizes.append(x.shape[1:])
    assert sizes[0] == (4, 28, 28)
    assert sizes[3] == (6, 10, 10)
    assert sizes[-1] == (10,)


def test_without_hidden_layers_and_with_dropout_the_image_itself_is_whole():
    assert names(build_network("", dropout=0.5)) == ["Flatten", "Linear"]
    assert names(build_network("8", dropout=0.5)) == [
        *("Flatten", "Linear", "ReLU", "Dropout", "Linear")
    ]


def test_sizes_classes_and_weights_can_be_chosen():
    model = build_network("32", image_size=8, classes=3, init=kaiming_normal, rng=5)
    assert model.params["1.weight"].shape == (32, 64)
    assert model.params["3.weight"].shape == (3, 32)
    assert not model.params["1.bias"].any()
    again = build_network("32", image_size=8, classes=3, init=kaiming_normal, rng=5)
    assert np.array_equal(model.params["1.weight"], again.params["1.weight"])


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("32c3-maxx2", "part", "maxx2"),
        ("-32-c3", "part", "c3"),
        ("1e9", "part", "1e9"),
        ("9999999999999", "part", "9999999999999"),
        ("128-32c3", "order", "32c3"),
        ("128-max2", "order", "max2"),
        ("-".join(["8"] * 13), "many", ""),
        ("0", "neurons", "0"),
        ("2049", "neurons", "2049"),
        ("129c3", "kernels", "129c3"),
        ("0c3", "kernels", "0c3"),
        ("8c0", "kernels", "8c0"),
        ("8c29", "kernels", "8c29"),
        ("8c3p3", "kernels", "8c3p3"),
        ("max1", "window", "max1"),
        ("avg29", "window", "avg29"),
    ],
)
def test_what_is_no_network_is_refused_by_name(text, code, part):
    with pytest.raises(ArchitectureError) as caught:
        parse_layers(text)
    assert (caught.value.code, caught.value.part) == (code, part)
    assert part in str(caught.value)
    assert str(caught.value).startswith("expected ")


@pytest.mark.parametrize(
    ("text", "part", "got"),
    [
        ("8c25-8c5", "8c5", "4×4"),
        ("max2-max2-max2-max4", "max4", "3×3"),
        ("8c28-max2", "max2", "1"),
    ],
)
def test_an_image_that_shrinks_to_nothing_is_refused(text, part, got):
    with pytest.raises(ArchitectureError) as caught:
        build_network(text)
    assert (caught.value.code, caught.value.part) == ("small", part)
    assert caught.value.got.startswith(got)


def test_too_many_parameters_are_refused_before_they_are_drawn():
    with pytest.raises(ArchitectureError, match=f"at most {MOST_PARAMETERS:,} parameters, got"):
        build_network("2048-2048-2048")
