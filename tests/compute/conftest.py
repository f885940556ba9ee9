"""What the tests of compute share: the layers that work on this machine."""

import pytest

from novum.compute.layers import examine
from novum.compute.sandbox.layers import ORDER


@pytest.fixture(params=ORDER)
def layer(request: pytest.FixtureRequest) -> str:
    """Each layer that works here; the others are skipped with the reason that `novum doctor` gives."""
    report = examine(request.param)
    if report.problem:
        pytest.skip(f"{request.param}: {report.problem}")
    return request.param
