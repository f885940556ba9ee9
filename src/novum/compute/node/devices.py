"""The device files of a GPU, which a program sees only where its job asks for one."""

import os
import re

_CARD = re.compile(r"nvidia\d+")
_BESIDE = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")


def gpu(folder: str = "/dev") -> list[str]:
    """Paths of NVIDIA's device files; none where there is no card."""
    names = sorted(os.listdir(folder))
    cards = [name for name in names if _CARD.fullmatch(name)]
    return [os.path.join(folder, name) for name in (*cards, *_BESIDE) if name in names] if cards else []


def environment() -> dict[str, str]:
    """What a program that may use a GPU finds in its environment beside the rest.

    JAX would else take most of the card's memory at once, which trials share.
    """
    return {"NOVUM_DEVICE": "gpu", "JAX_PLATFORMS": "cuda", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
