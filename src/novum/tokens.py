"""How long texts are to a model, and how to shorten them; pure, and without any model's tokeniser.

A tokeniser is a large download per model, and each provider has another. Two figures do without: an
estimate of what is usual, for planning, and a bound that byte-level tokenisers cannot exceed, for budgets.
"""

from collections.abc import Callable

from msgspec import structs

from novum.canonical import canonical
from novum.records import ModelRequest

BYTES_PER_TOKEN = 3.5  # English and code have 3.5 to 4.5 bytes a token with the tokenisers in use
PER_PART = 16  # what marks the speaker and the ends of a part, in tokens, generously
PER_IMAGE = 6000  # no provider that we know of counts an image as more
FIXED = 64  # around a request as a whole: preamble of a provider, name of the schema
HEAD_SHARE = 0.4  # of a shortened text: what began matters, and errors are at the end


def estimate(text: str) -> int:
    """About how many tokens a text has; for planning, never for a cap."""
    return round(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def at_most(text: str) -> int:
    """A number of tokens that a text cannot exceed: one for each byte."""
    return len(text.encode("utf-8", "replace"))


def input_estimate(request: ModelRequest) -> int:
    """About how many input tokens a request has."""
    return _input(request, estimate)


def input_at_most(request: ModelRequest) -> int:
    """A number of input tokens that a request cannot exceed."""
    return _input(request, at_most)


def _input(request: ModelRequest, count: Callable[[str], int]) -> int:
    texts = sum(count(part.text) + PER_PART for part in request.parts)
    # providers spell a schema out to the model, some of them more wordily than JSON
    schema = 2 * count(canonical(request.output)) if request.output else 0
    return texts + schema + PER_IMAGE * len(request.images) + FIXED


def fit(request: ModelRequest, most: int) -> ModelRequest:
    """A request of at most about `most` input tokens: its longest texts are shortened, the others are whole.

    What is cut depends on the request alone, so the same request is always shortened to the same. Images and
    the schema stay, even if they alone are too long.
    """
    excess = input_estimate(request) - most
    if excess <= 0:
        return request
    lengths = sorted((estimate(part.text) for part in request.parts), reverse=True)
    room = _level(lengths, sum(lengths) - excess)
    shorter = tuple(
        structs.replace(part, text=clip(part.text, room)) if part.text else part for part in request.parts
    )
    return structs.replace(request, parts=shorter)


def _level(lengths: list[int], total: int) -> int:
    """The length to which the longest are cut so that all together have `total`; `lengths` longest first."""
    kept = sum(lengths)
    for count, length in enumerate(lengths, 1):
        kept -= length
        level = (total - kept) // count
        if count == len(lengths) or level >= lengths[count]:
            return max(0, level)
    return 0


def clip(text: str, tokens: int) -> str:
    """A text of at most about `tokens` tokens: its head and its tail, and between them what was left out.

    Lines stay whole where they can. A text that fits is returned as it is.
    """
    if estimate(text) <= tokens:
        return text
    room = max(0, int(tokens * BYTES_PER_TOKEN) - 60)
    raw = text.encode("utf-8", "replace")
    head = _whole_lines(raw[: int(room * HEAD_SHARE)].decode("utf-8", "ignore"), keep_start=True)
    tail_room = room - len(head.encode())
    tail = _whole_lines(raw[len(raw) - tail_room :].decode("utf-8", "ignore"), keep_start=False)
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[… {left_out} characters left out …]\n{tail}"


def _whole_lines(text: str, *, keep_start: bool) -> str:
    """A text without the broken line at its cut, if that costs less than half of it."""
    cut = text.rfind("\n") if keep_start else text.find("\n")
    if cut < 0:
        return text
    whole = text[:cut] if keep_start else text[cut + 1 :]
    return whole if len(whole) >= len(text) / 2 else text
