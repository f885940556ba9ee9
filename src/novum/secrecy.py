"""Secrets stay out of whatever is written down: journal, blobs, logs, messages, prompts.

What is secret is known by value: the environment variables whose names say so. Wherever such a value turns
up in something that is about to be stored, hashed, said or sent, the variable's name stands in its place.
Values are looked for as they are and in the spellings that they have inside JSON and addresses; what a
program has encoded in some other way is not found, which is why it is not given the values either.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

NAMES = re.compile(r"(^|_)(API_?)?(KEYS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASS|CREDENTIALS?|AUTH)(_|$)")
SHORTEST = 8  # characters; what is shorter would turn up by chance


class Redactor:
    """Replaces secret values by the names of their variables.

    Args:
        secrets: variable's name -> value. Values that are short, have no letter, or name a file that is
            there are left alone: they would be found by chance, or are no secrets.
    """

    def __init__(self, secrets: Mapping[str, str]):
        kept = {name: value for name, value in secrets.items() if _is_secret(value)}
        # longest first, so that a secret which holds another is replaced as a whole
        self._found = sorted(
            ((spelt, f"‹{name}›") for name, value in kept.items() for spelt in _spellings(value)),
            key=lambda pair: (-len(pair[0]), pair[0]),
        )
        self._bytes = [(spelt.encode(), mark.encode()) for spelt, mark in self._found]

    def text(self, text: str) -> str:
        """A text without secrets; of JSON text, JSON text."""
        for spelt, mark in self._found:
            if spelt in text:
                text = text.replace(spelt, mark)
        return text

    def data(self, data: bytes) -> bytes:
        """Bytes without secrets."""
        for spelt, mark in self._bytes:
            if spelt in data:
                data = data.replace(spelt, mark)
        return data


def of_environment(environ: Mapping[str, str] | None = None) -> Redactor:
    """The redactor of everything secret in an environment, by default this process's own."""
    given = os.environ if environ is None else environ
    return Redactor({name: value for name, value in given.items() if NAMES.search(name.upper())})


def _is_secret(value: str) -> bool:
    if len(value) < SHORTEST or not any(char.isalpha() for char in value):
        return False
    return not (value.startswith("/") and Path(value).exists())


def _spellings(value: str) -> set[str]:
    inside = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    return {value, *inside, quote(value, safe=""), quote(value)}
