"""What a call costs, and the most that it can cost."""

from novum import tokens
from novum.records import ModelRequest, Prices, Usage, WorstCase


def worst_case(request: ModelRequest, prices: Prices | None) -> WorstCase:
    """The most that an attempt can use: every byte a token, and every token of the answer allowed."""
    most = Usage(input_tokens=tokens.input_at_most(request), output_tokens=request.max_output_tokens)
    return WorstCase(tokens=most.total, usd=None if prices is None else prices.of(most))
