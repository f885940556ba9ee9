"""Novum, an AI scientist: from a research domain to a paper whose every number has an address."""

__version__ = "0.1.0"
