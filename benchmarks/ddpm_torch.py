"""A plain training loop for diffusion in the plane, in PyTorch: what `diffusion.py` compares with.

It has the settings of the public template `2d_diffusion` of The AI Scientist, first version, and is written
anew: a denoiser with sinusoidal embeddings of both coordinates and the time, hidden size 256 and three
residual layers, batches of 256 from a shuffling loader, AdamW at 3e-4 with a cosine to zero, gradients
clipped at 0.5, an average of decay 0.995 every ten steps, 10,000 steps, and 100 ancestral sampling steps.

Needs PyTorch and NumPy and nothing of Novum: `python ddpm_torch.py train POINTS.npy OUT.npy SEED` draws
10,000 points; `python ddpm_torch.py step STEPS` prints the CPU milliseconds of one step without the loader.
"""

import sys
import time

import numpy as np
import torch
from torch import nn

STEPS, BATCH, TIMES, DRAWN = 10_000, 256, 100, 10_000
EMBEDDING, HIDDEN, LAYERS = 128, 256, 3


def waves(values: torch.Tensor, scale: float) -> torch.Tensor:
    """Sines and cosines (n, EMBEDDING) of values (n,) at frequencies from 1 down to 1e-4."""
    frequencies = torch.exp(-np.log(1e4) / (EMBEDDING // 2 - 1) * torch.arange(EMBEDDING // 2))
    angles = (scale * values)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layer(torch.relu(x))


class Denoiser(nn.Module):
    """Predicts the noise (n, 2) in points (n, 2) at times (n,)."""

    def __init__(self):
        super().__init__()
        blocks = [Block() for _ in range(LAYERS)]
        self.layers = nn.Sequential(
            nn.Linear(3 * EMBEDDING, HIDDEN), *blocks, nn.ReLU(), nn.Linear(HIDDEN, 2)
        )

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        told = [waves(x[:, 0], 25.0), waves(x[:, 1], 25.0), waves(t.float(), 1.0)]
        return self.layers(torch.cat(told, dim=1))


class Loop:
    """One training run: `step` takes a batch of points."""

    def __init__(self):
        self.model, self.average = Denoiser(), Denoiser()
        self.average.load_state_dict(self.model.state_dict())
        self.variances = torch.linspace(1e-4, 0.02, TIMES)
        self.kept = torch.cumprod(1 - self.variances, dim=0)
        self.rule = torch.optim.AdamW(self.model.parameters(), lr=3e-4)
        self.rate = torch.optim.lr_scheduler.CosineAnnealingLR(self.rule, T_max=STEPS)
        self.done = 0

    def step(self, points: torch.Tensor) -> float:
        t = torch.randint(TIMES, (len(points),))
        noise = torch.randn_like(points)
        kept = self.kept[t][:, None]
        loss = nn.functional.mse_loss(self.model(kept.sqrt() * points + (1 - kept).sqrt() * noise, t), noise)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 0.5)
        self.rule.step()
        self.rule.zero_grad()
        self.done += 1
        if self.done % 10 == 0:
            self._average()
        self.rate.step()
        return loss.item()

    @torch.no_grad()
    def _average(self) -> None:
        """After a hundred steps the decay rises to 0.995 as 1 - (1 + steps)^(-2/3)."""
        since = max(0, self.done - 101)
        decay = 0.0 if self.done <= 100 else min(0.995, 1 - (1 + since) ** (-2 / 3))
        for mean, now in zip(self.average.parameters(), self.model.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)

    @torch.no_grad()
    def draw(self) -> torch.Tensor:
        x = torch.randn(DRAWN, 2)
        for t in range(TIMES - 1, -1, -1):
            kept, before = self.kept[t], self.kept[t - 1] if t else torch.tensor(1.0)
            noise = self.average(x, torch.full((DRAWN,), t))
            data = (x - (1 - kept).sqrt() * noise) / kept.sqrt()
            x = (
                before.sqrt() * self.variances[t] * data + (1 - before) * (1 - self.variances[t]).sqrt() * x
            ) / (1 - kept)
            if t:
                x = x + (self.variances[t] * (1 - before) / (1 - kept)).sqrt() * torch.randn_like(x)
        return x


def train(points: str, out: str, seed: str) -> None:
    torch.manual_seed(int(seed))
    data = torch.utils.data.TensorDataset(torch.from_numpy(np.load(points)))
    loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True)
    loop = Loop()
    while loop.done < STEPS:
        for (batch,) in loader:
            loop.step(batch)
            if loop.done == STEPS:
                break
    np.save(out, loop.draw().numpy())


def step(steps: str) -> None:
    loop, points = Loop(), torch.randn(BATCH, 2)
    for _ in range(20):
        loop.step(points)
    began = time.process_time()
    for _ in range(int(steps)):
        loop.step(points)
    print(1000 * (time.process_time() - began) / int(steps))


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"train": train, "step": step}[sys.argv[1]](*sys.argv[2:])
