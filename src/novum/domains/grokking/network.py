"""The network and its loss: protected, so that one gradient per update is all that a learner gets.

Inputs are two tokens; each has its own row of `first`. With one-hot inputs the network is
`logits = phi(first[a] + first[p + b]) @ second`, with phi(z) = z**2 as in Gromov (2023), equation 2.
Arrays are float32. Shapes: first (2p, width), second (width, p).
"""

import numpy as np

LOWEST = np.float32(-30.0)  # log-probabilities below this are clipped: exp() would be denormal and slow
TINY = np.float32(1e-8)  # parameters smaller than this are set to zero, for the same reason


def one_hot(inputs: np.ndarray, tokens: int) -> np.ndarray:
    """Pairs of tokens (n, 2) as rows of zeros and two ones, (n, 2 * tokens)."""
    rows = np.arange(len(inputs))
    out = np.zeros((len(inputs), 2 * tokens), np.float32)
    out[rows, inputs[:, 0]] = 1.0
    out[rows, tokens + inputs[:, 1].astype(int)] = 1.0
    return out


def logits(parameters: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Scores (n, p) of one-hot rows (n, 2p)."""
    first, second = parameters
    return np.square(rows @ first) @ second


def flush(parameters: list[np.ndarray]) -> None:
    """Set vanishing parameters to exactly zero, in place."""
    for array in parameters:
        array[np.abs(array) < TINY] = 0.0


class Objective:
    """The mean cross-entropy of the softmax over a fixed training set, and its gradient.

    The gradient is exact but for probabilities below exp(`LOWEST`), which count as exp(`LOWEST`).
    """

    def __init__(self, rows: np.ndarray, labels: np.ndarray, tokens: int):
        self.rows = rows
        self.columns = np.ascontiguousarray(rows.T)
        self.targets = np.zeros((len(labels), tokens), np.float32)
        self.targets[np.arange(len(labels)), labels] = 1.0

    def value(self, parameters: list[np.ndarray]) -> float:
        """The loss, in nats per example, in double precision where the parameters are."""
        scores = logits(parameters, self.rows)
        scores = scores - scores.max(1, keepdims=True)
        normaliser = np.log(np.exp(scores).sum(1))
        return float((normaliser - (scores * self.targets).sum(1)).mean())

    def gradient(self, parameters: list[np.ndarray]) -> list[np.ndarray]:
        """Derivatives of `value` by each parameter array, of the same shapes."""
        first, second = parameters
        hidden = self.rows @ first
        active = np.square(hidden)
        error = self._error(active @ second)
        back = error @ second.T
        back *= hidden
        back *= 2
        return [self.columns @ back, active.T @ error]

    def _error(self, scores: np.ndarray) -> np.ndarray:
        """The derivative of the loss by the scores, (n, p); overwrites `scores`."""
        scores -= scores.max(1, keepdims=True)
        np.maximum(scores, LOWEST, out=scores)
        np.exp(scores, out=scores)
        scores /= scores.sum(1, keepdims=True)
        scores -= self.targets
        scores *= 1.0 / len(scores)
        return scores
