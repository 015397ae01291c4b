"""Neural networks in plain NumPy, with PyTorch's names, shapes and defaults.

Read the files in this order: layer, activations, init, layers, sequential, losses, optim (optimizer
holds its machinery), schedule, training; then conv and pool (plain has them as loops, memory and
pieces make them fast); then digits, images, augment, architecture and recipes; classic, which needs
none of them; for looking closer, metrics, gradcheck, trace (with the files named after it), maps,
receptive, exciting, blame, saliency, stages, neighbours, wishes, health, robustness, sweep, ascent
and checkpoint; for pictures that people bring, surroundings, otsu, binary, cleaning, digit_pieces,
digit_ink, digit_picture, digit_shape, digit_tuning, digit_sheet; and for captchas, captcha_style,
captcha (with its layout, noise and colours), digits8, bicubic, captcha_story, captcha_repair,
cutting, cut_reader, line, ctc, ctc_decode, line_reader, line_tuning.
"""

from core.activations import ReLU, Sigmoid, Step, Tanh
from core.conv import Conv2d
from core.layer import Layer
from core.layers import Dropout, Flatten, Linear, Sequential
from core.losses import CrossEntropyLoss, MSELoss, softmax
from core.metrics import accuracy_score, confusion_matrix
from core.optim import SGD, Adadelta, Adagrad, Adam, RMSprop
from core.optimizer import Optimizer
from core.pool import AvgPool2d, MaxPool2d
from core.training import Diverged, EpochEnd, StepEnd, evaluate, fit, predict

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AvgPool2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Diverged",
    "Dropout",
    "EpochEnd",
    "Flatten",
    "Layer",
    "Linear",
    "MSELoss",
    "MaxPool2d",
    "Optimizer",
    "RMSprop",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Step",
    "StepEnd",
    "Tanh",
    "accuracy_score",
    "confusion_matrix",
    "evaluate",
    "fit",
    "predict",
    "softmax",
]
