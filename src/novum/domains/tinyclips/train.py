"""The generative model of clips: the part of the program that may be edited.

A clip is drawn in steps; each draws some frames, given some that were drawn before. `plan` lists the steps.
One network serves them all: it sees noisy frames to be drawn and clean frames that are given, in as many
slots as the largest step needs, and is told which slots are in use. The driver makes a `Model`, calls
`update` once for each batch of training clips, and then `draw`. Clips are (n, frames, 2), float32, with mean
zero and a standard deviation of one.
"""

import numpy as np

from kit import diffusion
from kit.descent import Adam
from kit.residual import Residual
from kit.training import Average

BLOCKS, FREQUENCIES = 3, 8
DESIGN = {"schedule": "karras", "sampler": "heun", "prediction": "velocity"}
STRIDE = 4  # frames from one key frame to the next

Plan = list[tuple[list[int], list[int]]]
"""For each step the frames that it draws, and the frames that it is given."""


def plan(config: dict, length: int) -> Plan:
    """All frames jointly; one after another; or first every fourth, then those between."""
    frames = list(range(length))
    if config["frames"] == "joint":
        return [(frames, [])]
    if config["frames"] == "autoregressive":
        reach = int(config["context"])
        return [([t], frames[max(0, t - reach) : t]) for t in frames]
    keys = frames[::STRIDE]
    return [(keys, [])] + [(frames[k + 1 : k + STRIDE], [k, k + STRIDE]) for k in keys[:-1]]


def slots(steps: Plan, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames drawn (steps, slots) and given (steps, slots'); a slot that is free names the frame `length`."""
    drawn, given = (max(map(len, side)) for side in zip(*steps, strict=True))
    table = np.full((len(steps), drawn + given), length)
    for row, (new, old) in zip(table, steps, strict=True):
        row[: len(new)] = new
        row[drawn : drawn + len(old)] = old
    return table[:, :drawn], table[:, drawn:]


def shares(given: np.ndarray) -> np.ndarray:
    """How often to train on each step (steps,), so that every number of given frames comes equally often.

    The opening frames of an autoregressive model would else be one step of many, and be learnt last.
    """
    kinds = given.sum(1)
    rarity = np.array([1 / np.sum(kinds == kind) for kind in kinds])
    return rarity / rarity.sum()


def embed(sigma: np.ndarray) -> np.ndarray:
    """Sines and cosines of the logarithm of noise levels (n, 1)."""
    angles = np.log(sigma) / 4 * (np.pi / 4 * 2 ** np.arange(FREQUENCIES, dtype=np.float32))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


class Model:
    """A denoiser of frames of clips of some length, with the optimiser that trains it by so many updates."""

    def __init__(self, config: dict, length: int, updates: int, rng: np.random.Generator):
        self.config, self.length, self.updates, self.rng = config, length, updates, rng
        self.drawn, self.given = slots(plan(config, length), length)
        self.wide, told = 2 * self.drawn.shape[1], 3 * self.given.shape[1] + self.drawn.shape[1]
        self.shares = np.cumsum(shares(self.given < length))
        self.network = Residual(self.wide + told + 2 * FREQUENCIES, int(config["width"]), BLOCKS, self.wide)
        self.parameters = self.network.initialise(rng, config["init_distribution"])
        self.rule = Adam(config["learning_rate"])
        self.average = Average(config["ema"], self.parameters)

    def pick(self, clips: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """Those frames (n, slots) of each clip as rows (n, 2 * slots); free slots are zero."""
        padded = np.concatenate([clips, np.zeros_like(clips[:, :1])], axis=1)
        return padded[np.arange(len(clips))[:, None], frames].reshape(len(clips), -1)

    def used(self, frames: np.ndarray) -> np.ndarray:
        """Which coordinates (..., 2 * slots) of frames (..., slots) belong to slots in use."""
        return np.repeat(frames < self.length, 2, axis=-1).astype(np.float32)

    def told(self, clips: np.ndarray, steps: np.ndarray, blur: float = 0.0) -> np.ndarray:
        """What the network is told of steps (n,) beside noisy frames: those given, and the slots in use."""
        given = self.pick(clips, self.given[steps])
        if blur:
            noise = self.rng.standard_normal(given.shape, np.float32)
            given += np.float32(blur) * noise * self.used(self.given[steps])
        slots = np.concatenate([self.drawn[steps], self.given[steps]], axis=1) < self.length
        return np.concatenate([given, slots.astype(np.float32)], axis=1)

    def inputs(self, noisy: np.ndarray, sigma: np.ndarray, told: np.ndarray) -> np.ndarray:
        return np.concatenate([noisy / np.sqrt(1 + sigma**2), told, embed(sigma)], axis=1)

    def update(self, clips: np.ndarray) -> None:
        """One step down the gradient of the squared error, each clip at a step of the plan of its own."""
        steps = np.searchsorted(self.shares, self.rng.random(len(clips)))
        told = self.told(clips, steps, self.config["context_noise"])
        frames, used = self.pick(clips, self.drawn[steps]), self.used(self.drawn[steps])
        sigma = diffusion.training_levels(DESIGN["schedule"], len(clips), self.rng)
        noisy = (frames + sigma * self.rng.standard_normal(frames.shape, np.float32)) * used
        output, entered = self.network.forward(self.parameters, self.inputs(noisy, sigma, told))
        miss = (diffusion.target(frames, noisy, sigma, DESIGN["prediction"]) - output) * used
        miss *= np.float32(2 / used.sum())
        left = np.cos(np.pi / 2 * self.rule.count / self.updates) ** 2
        self.rule.rate = self.config["learning_rate"] * left
        self.parameters += self.rule.step(self.network.gradient(self.parameters, entered, miss))
        self.average.add(self.parameters)

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """New clips (count, frames, 2), by the averaged parameters, step by step of the plan."""
        clips, parameters = np.zeros((count, self.length, 2), np.float32), self.average.value()
        for step, frames in enumerate(self.drawn):
            told = self.told(clips, np.full(count, step))
            new = self.fill(parameters, told, self.used(frames), rng).reshape(count, -1, 2)
            taken = frames < self.length
            clips[:, frames[taken]] = new[:, taken]
        return clips

    def fill(
        self, parameters: np.ndarray, told: np.ndarray, used: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Frames (n, 2 * slots) from noise, for rows of what the network is told; free slots hold nothing."""

        def denoise(noisy: np.ndarray, level: float) -> np.ndarray:
            sigma = np.full((len(noisy), 1), level, np.float32)
            output, _ = self.network.forward(parameters, self.inputs(noisy * used, sigma, told))
            skip, scale = diffusion.mixing(DESIGN["prediction"], np.float32(level))
            return skip * noisy + scale * output

        return diffusion.sample(denoise, (len(told), self.wide), self.config | DESIGN, rng)
