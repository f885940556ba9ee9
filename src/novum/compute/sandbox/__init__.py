"""The layers of confinement, one file each. Standard library only; `layers.py` is their interface."""
