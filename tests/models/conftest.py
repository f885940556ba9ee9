"""What tests of models share."""

import functools
import ssl
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_context() -> Iterator[None]:
    """Every client reads the machine's certificates anew, which these tests over plain HTTP never use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield
