"""Small networks over whole populations: parameters are flat rows (members, d), float32, one row a network.

A network is described by its layers' sizes, such as (64, 16, 10). Weights of a layer come first, then its
biases; the order is that of the layers.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

Layers = Sequence[int]
LOWEST = np.float32(-30.0)  # log-probabilities below this are clipped: exp() would be denormal and slow


def size(layers: Layers) -> int:
    """The number of parameters d."""
    return sum((n + 1) * m for n, m in itertools.pairwise(layers))


def spans(layers: Layers) -> list[tuple[slice, slice]]:
    """Where in a row each layer's weights and biases lie."""
    found, at = [], 0
    for n, m in itertools.pairwise(layers):
        found.append((slice(at, at + n * m), slice(at + n * m, at + (n + 1) * m)))
        at += (n + 1) * m
    return found


def unpack(flat: np.ndarray, layers: Layers) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (..., n, m) and biases (..., 1, m) of each layer, as views of rows (..., d)."""
    lead = flat.shape[:-1]
    return [(flat[..., w].reshape(*lead, n, m), flat[..., None, b])
            for (w, b), n, m in zip(spans(layers), layers[:-1], layers[1:], strict=True)]  # fmt: skip


def initialise(rng: np.random.Generator, layers: Layers, scale: float = 1.0) -> np.ndarray:
    """One row (d,): weights normal with standard deviation scale / sqrt(inputs), biases zero."""
    row = np.zeros(size(layers), np.float32)
    for (w, _), n in zip(spans(layers), layers[:-1], strict=True):
        row[w] = rng.standard_normal(w.stop - w.start, np.float32) * np.float32(scale / np.sqrt(n))
    return row


def forward(flat: np.ndarray, inputs: np.ndarray, layers: Layers) -> np.ndarray:
    """Outputs (..., n, out) of tanh networks (..., d) with a linear end, on inputs (n, in) or (..., n, in).

    Every network is multiplied by itself, so that its outputs do not depend on those beside it.
    """
    for index, (weights, biases) in enumerate(unpack(flat, layers)):
        inputs = np.matmul(inputs, weights)
        inputs += biases
        if index < len(layers) - 2:
            np.tanh(inputs, out=inputs)
    return inputs


def log_likelihood(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean log-probability (...,) of labels (n,) under the softmax of scores (..., n, classes)."""
    scores = scores - scores.max(-1, keepdims=True)
    np.maximum(scores, LOWEST, out=scores)
    right = scores[..., np.arange(len(labels)), labels]
    return (right - np.log(np.exp(scores).sum(-1))).mean(-1)


def accuracy(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share (...,) of rows whose highest score is that of the label."""
    return (scores.argmax(-1) == labels).mean(-1)


def gradient(flat: np.ndarray, inputs: np.ndarray, labels: np.ndarray, layers: Layers) -> np.ndarray:
    """The gradient (..., d) of `log_likelihood` of networks (..., d) on inputs (n, in)."""
    return backward(flat, inputs, layers, lambda scores: _softmax_error(scores, labels))


def backward(flat: np.ndarray, inputs: np.ndarray, layers: Layers,
             slope: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:  # fmt: skip
    """The gradient (..., d) of whatever has the derivative slope(outputs) by the outputs (..., n, out)."""
    parts, active = unpack(flat, layers), [inputs]
    for weights, biases in parts[:-1]:
        active.append(np.tanh(np.matmul(active[-1], weights) + biases))
    weights, biases = parts[-1]
    back = slope(np.matmul(active[-1], weights) + biases)
    found = np.empty(flat.shape, np.float32)
    for index in reversed(range(len(parts))):
        w, b = spans(layers)[index]
        found[..., w] = np.matmul(np.swapaxes(active[index], -1, -2), back).reshape(*flat.shape[:-1], -1)
        found[..., b] = back.sum(-2)
        if index:
            back = np.matmul(back, np.swapaxes(parts[index][0], -1, -2)) * (1 - active[index] ** 2)
    return found


def _softmax_error(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The derivative of the mean log-probability of the labels by the scores; overwrites them."""
    scores -= scores.max(-1, keepdims=True)
    np.maximum(scores, LOWEST, out=scores)
    np.exp(scores, out=scores)
    scores /= -scores.sum(-1, keepdims=True)
    scores[..., np.arange(len(labels)), labels] += 1
    scores /= len(labels)
    return scores
