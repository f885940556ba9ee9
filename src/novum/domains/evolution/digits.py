"""Drawn digits of 8 by 8 pixels, fresh ones for every generator of random numbers.

A synthetic stand-in for scanned digits such as those that scikit-learn and MNIST hold: ten figures of
straight strokes, each turned, stretched, sheared, shifted and bent at random, drawn with a pen of random
width, and covered with noise. There are as many of them as one asks for, so no two seeds need share any.
"""

import numpy as np

SIDE, POINTS = 8, 40
FIGURES = (
    "50,8 22,25 18,50 22,75 50,92 78,75 82,50 78,25 50,8",
    "32,25 55,8 55,92",
    "22,25 40,8 68,10 78,30 60,55 22,92 80,92",
    "22,12 70,12 48,42 75,60 70,85 40,93 20,82",
    "65,92 65,8 20,62 85,62",
    "75,8 30,8 26,45 60,42 78,65 62,90 22,88",
    "70,10 40,25 24,60 35,90 65,90 76,68 60,50 28,60",
    "20,10 80,10 45,92",
    "50,48 28,30 50,8 72,30 50,48 24,70 50,92 76,70 50,48",
    "74,38 50,50 26,35 40,10 65,10 75,35 70,65 50,92",
)
TURN, STRETCH, SHEAR, SHIFT, BEND = 0.10, 0.08, 0.12, 0.03, 0.02  # standard deviations, in sides of the image
PEN, PEN_SPREAD, GRAIN = 0.55, 0.15, 0.1  # pixels, logarithm of it, share of full brightness


def outlines() -> np.ndarray:
    """Points along each figure about its centre, (10, POINTS, 2)."""
    found = []
    for text in FIGURES:
        corners = np.array([[float(c) for c in pair.split(",")] for pair in text.split()]) / 100 - 0.5
        lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
        along = np.concatenate([[0], np.cumsum(lengths)]) / lengths.sum()
        places = np.linspace(0, 1, POINTS)
        found.append(np.stack([np.interp(places, along, corners[:, axis]) for axis in (0, 1)], 1))
    return np.array(found)


def draw(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 64), float32 of about zero mean and half a unit of spread, and their labels (count,)."""
    labels = rng.integers(10, size=count)
    lines = _bent(rng, outlines()[labels])
    lines = np.einsum("nij,nkj->nki", _turned(rng, count), lines)
    lines = lines * np.exp(rng.normal(0, STRETCH, (count, 1, 2))) + rng.normal(0, SHIFT, (count, 1, 2))
    images = _inked(lines, PEN * np.exp(rng.normal(0, PEN_SPREAD, (count, 1, 1))))
    images += GRAIN * rng.standard_normal(images.shape)
    return (2 * (images.reshape(count, -1) - 0.25)).astype(np.float32), labels


def _bent(rng: np.random.Generator, lines: np.ndarray) -> np.ndarray:
    """Lines (n, POINTS, 2) with three slow waves added."""
    places = np.linspace(0, 1, POINTS)
    for wave in (1, 2, 3):
        phase = rng.uniform(0, 2 * np.pi, (len(lines), 1))
        swing = np.sin(np.pi * wave * places + phase)[..., None]
        lines = lines + rng.normal(0, BEND, (len(lines), 1, 2)) * swing
    return lines


def _turned(rng: np.random.Generator, count: int) -> np.ndarray:
    """Matrices (count, 2, 2) of small rotations with shear."""
    turn, shear = rng.normal(0, TURN, count), rng.normal(0, SHEAR, count)
    rows = [[np.cos(turn), shear - np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    return np.moveaxis(np.array(rows), -1, 0)


def _inked(lines: np.ndarray, pen: np.ndarray) -> np.ndarray:
    """Images (n, SIDE, SIDE) with brightest pixel one: a Gaussian blot of width `pen` at every point."""
    places, pixels = (lines + 0.5) * SIDE - 0.5, np.arange(SIDE)
    across, down = (np.exp(-((places[:, :, axis, None] - pixels) ** 2) / (2 * pen**2)) for axis in (0, 1))
    images = np.matmul(down.transpose(0, 2, 1), across)
    return images / images.max((1, 2), keepdims=True)
