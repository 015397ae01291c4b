"""Optimizers: from gradients to steps, in order of difficulty.

Each is one formula, in PyTorch's form, with PyTorch's names and defaults.  θ are the parameters,
g their gradients, lr the learning rate; all operations run number by number.

``weight_decay`` λ adds λθ to g, as if the loss had the term λθ²/2: large weights must earn their
keep.  A mapping limits it to parameters by their last name: ``{"weight": 0.001}`` leaves the
biases alone, as PyTorch does with parameter groups.

The formulas are written as in-place operations, because a step must not allocate memory; how the
parameters come to an ``_update`` is told in ``core.optimizer``.
"""

from __future__ import annotations

import numpy as np

from core.layer import Layer
from core.optimizer import Optimizer, Rows, WeightDecay

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "Optimizer",
    "RMSprop",
    "WeightDecay",
]


class SGD(Optimizer):
    """Stochastic gradient descent, optionally with momentum: a ball that rolls downhill.

    v ← momentum·v + g;  θ ← θ − lr·v.  With ``nesterov``, θ ← θ − lr·(g + momentum·v): the
    gradient is taken a little ahead.  Sutskever et al., "On the importance of initialization and
    momentum in deep learning", 2013.
    """

    def __init__(
        self,
        model: Layer,
        lr: float = 0.001,
        momentum: float = 0.0,
        weight_decay: WeightDecay = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(model, lr, weight_decay)
        if nesterov and momentum <= 0:
            raise ValueError("Nesterov needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov

    def _update(self, param: np.ndarray, grad: np.ndarray, memory: Rows, spare: Rows) -> None:
        (move,) = spare
        direction = grad
        if self.momentum:
            (velocity,) = memory
            velocity *= self.momentum
            velocity += grad
            direction = velocity
        if self.nesterov:
            np.multiply(direction, self.momentum, out=move)
            move += grad
            direction = move
        np.multiply(direction, self.lr, out=move)
        param -= move


class Adagrad(Optimizer):
    """Steps that shrink where the ground has been steep.

    s ← s + g²;  θ ← θ − lr/(1 + (t − 1)·lr_decay) · g/(√s + eps).  Duchi, Hazan and Singer,
    "Adaptive Subgradient Methods", 2011.  s only ever grows, so learning slows down for good.
    """

    def __init__(
        self,
        model: Layer,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: WeightDecay = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(model, lr, weight_decay)
        self.lr_decay, self.eps = lr_decay, eps
        self.initial_accumulator_value = initial_accumulator_value

    spare = 2

    def _first_memory(self) -> float:
        return self.initial_accumulator_value

    def _update(self, param: np.ndarray, grad: np.ndarray, memory: Rows, spare: Rows) -> None:
        (squares,), (move, root) = memory, spare
        np.multiply(grad, grad, out=move)
        squares += move
        np.sqrt(squares, out=root)
        root += self.eps
        np.multiply(grad, self.lr / (1 + (self.steps - 1) * self.lr_decay), out=move)
        move /= root
        param -= move


class RMSprop(Optimizer):
    """Adagrad that forgets: a running mean of g² instead of a sum.

    s ← alpha·s + (1 − alpha)·g²;  θ ← θ − lr·g/(√s + eps).  With ``centered``, s is lessened by
    the square of the running mean of g; with ``momentum``, the quotient is gathered as in SGD.
    Tieleman and Hinton, "Neural Networks for Machine Learning", lecture 6.5, 2012.
    """

    memories, spare = 3, 2

    def __init__(
        self,
        model: Layer,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: WeightDecay = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(model, lr, weight_decay)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered

    def _update(self, param: np.ndarray, grad: np.ndarray, memory: Rows, spare: Rows) -> None:
        (squares, velocity, mean), (move, root) = memory, spare
        _running_mean(squares, np.multiply(grad, grad, out=move), self.alpha)
        if self.centered:
            _running_mean(mean, np.multiply(grad, 1, out=move), self.alpha)
            np.multiply(mean, mean, out=root)
            np.subtract(squares, root, out=root)
            np.sqrt(root, out=root)
        else:
            np.sqrt(squares, out=root)
        root += self.eps
        np.divide(grad, root, out=move)
        if self.momentum:
            velocity *= self.momentum
            velocity += move
            np.multiply(velocity, self.lr, out=move)
        else:
            move *= self.lr
        param -= move


class Adadelta(Optimizer):
    """RMSprop whose step has the parameters' own unit, so that lr = 1 mostly fits.

    s ← rho·s + (1 − rho)·g²;  d = √(u + eps)/√(s + eps)·g;  u ← rho·u + (1 − rho)·d²;
    θ ← θ − lr·d.  Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, algorithm 1.
    """

    memories, spare = 2, 2

    def __init__(
        self,
        model: Layer,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: WeightDecay = 0.0,
    ) -> None:
        super().__init__(model, lr, weight_decay)
        self.rho, self.eps = rho, eps

    def _update(self, param: np.ndarray, grad: np.ndarray, memory: Rows, spare: Rows) -> None:
        (squares, moves), (move, root) = memory, spare
        _running_mean(squares, np.multiply(grad, grad, out=move), self.rho)
        np.add(moves, self.eps, out=move)
        np.sqrt(move, out=move)
        np.add(squares, self.eps, out=root)
        np.sqrt(root, out=root)
        move /= root
        move *= grad
        _running_mean(moves, np.multiply(move, move, out=root), self.rho)
        move *= self.lr
        param -= move


class Adam(Optimizer):
    """Momentum over RMSprop, both freed of their bias towards zero in the first steps.

    m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  m̂ = m/(1 − β₁ᵗ);  v̂ = v/(1 − β₂ᵗ);
    θ ← θ − lr·m̂/(√v̂ + eps).  With ``amsgrad``, v̂ is the largest so far.  Kingma and Ba, "Adam",
    2015, algorithm 1 (eps is added after the correction, as there and in PyTorch).
    """

    memories, spare = 3, 2

    def __init__(
        self,
        model: Layer,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: WeightDecay = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(model, lr, weight_decay)
        self.betas, self.eps, self.amsgrad = betas, eps, amsgrad

    def _update(self, param: np.ndarray, grad: np.ndarray, memory: Rows, spare: Rows) -> None:
        (mean, squares, largest), (move, root) = memory, spare
        beta1, beta2 = self.betas
        _running_mean(squares, np.multiply(grad, grad, out=move), beta2)
        _running_mean(mean, np.multiply(grad, 1, out=move), beta1)
        if self.amsgrad:
            squares = np.maximum(largest, squares, out=largest)
        np.multiply(squares, 1 / (1 - beta2**self.steps), out=root)
        np.sqrt(root, out=root)
        root += self.eps
        np.multiply(mean, self.lr / (1 - beta1**self.steps), out=move)
        move /= root
        param -= move


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adadelta": Adadelta,
    "adam": Adam,
}


def _running_mean(mean: np.ndarray, new: np.ndarray, keep: float) -> None:
    """Turn mean into keep·mean + (1 − keep)·new, in place; new is used up."""
    mean *= keep
    new *= 1 - keep
    mean += new
