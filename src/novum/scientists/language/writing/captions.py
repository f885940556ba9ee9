"""Captions that a reader of the figures found wrong, mended sentence by sentence and kept to what they are.

A caption is the machine's: its references stay, its reservations are not touched, and what takes the place
of a sentence passes the checks that hold for a writer's own. What does not is left as it was.
"""

import re
from collections import Counter

from novum.manuscript.text import REFERENCE
from novum.scientists.language.writing.prose import Judge, sentences_of

LONGEST = 300  # characters of a sentence, without its references
GUARDED = re.compile(r"\b(?:evidence|self-reported|exploratory|unchecked|supported)\b", re.I)


def section_of(name: str) -> str:
    """What a writer's sentences of a caption are called among those of the paper."""
    return f"caption of {name}"


def sentences(caption: str) -> list[str]:
    return sentences_of(caption)


def fault_of(old: str, new: str, judge: Judge) -> str:
    """Why a sentence of a caption may not be replaced by another, or left out; empty if it may."""
    if GUARDED.search(old):
        return "it says how far the figure may be trusted, which is not a writer's to change"
    if Counter(REFERENCE.findall(old)) != Counter(REFERENCE.findall(new)):
        return "its references have to stay, and no other may join them"
    bare = REFERENCE.sub("some", new)
    if len(bare) > LONGEST:
        return "it is too long for a caption"
    return judge.fault(bare) if bare else ""
