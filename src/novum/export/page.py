"""The HTML paper: one file that needs nothing beside it."""

from collections.abc import Mapping

from novum.export.source import Source, rendered


def files(source: Source) -> Mapping[str, bytes]:
    """`paper.html` as it was rendered with the paper."""
    return {"paper.html": rendered(source, "html")}
