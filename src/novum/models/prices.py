"""What a call costs, and the most that it can cost.

A price is the user's own, or comes from the table that ships with `genai-prices` (offline; nothing is
fetched). Where neither knows the model there is no price: `None`, never zero.
"""

from msgspec import Struct

from novum import tokens
from novum.records import ModelRequest, Prices, Usage, WorstCase

FREE = Prices(input=0, output=0)


class PriceList(Struct, frozen=True, kw_only=True):
    """The price of one model: `fixed`, or what the table says of `model` at `provider`."""

    fixed: Prices | None = None
    model: str = ""
    provider: str = ""

    def of(self, usage: Usage) -> float | None:
        """What a call costs in USD; None if nobody knows."""
        if self.fixed is not None:
            return self.fixed.of(usage)
        return _listed(self.model, self.provider, usage) if self.provider else None

    def worst_case(self, request: ModelRequest) -> WorstCase:
        """The most that an attempt can use. Caches are counted out: writing one may cost extra."""
        most = most_usage(request)
        usd = self.of(most)
        if self.fixed is None and usd is not None:
            usd *= CACHE_WRITE
        return WorstCase(tokens=most.total, usd=usd)


CACHE_WRITE = 1.25  # what providers add at most for input that they put into their cache for minutes


def most_usage(request: ModelRequest) -> Usage:
    """Every byte a token, and every token of the answer that is allowed."""
    return Usage(input_tokens=tokens.input_at_most(request), output_tokens=request.max_output_tokens)


def worst_case(request: ModelRequest, prices: Prices | None) -> WorstCase:
    """The most that an attempt can use at fixed prices."""
    return PriceList(fixed=prices).worst_case(request)


def _listed(model: str, provider: str, usage: Usage) -> float | None:
    """The table's price of a call, at today's tariff."""
    from genai_prices import Usage as Counted
    from genai_prices import calc_price

    counted = Counted(
        input_tokens=usage.input_tokens,
        cache_read_tokens=min(usage.cached_tokens, usage.input_tokens),
        output_tokens=usage.output_tokens,
    )
    try:
        return float(calc_price(counted, model, provider_id=provider).total_price)
    except LookupError:
        return None
