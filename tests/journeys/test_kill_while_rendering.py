"""Killed while the paper is rendered: in pandoc, in the typesetter, in the HTML, and between them."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from novum import api, wiring
from tests.journeys.killing import Nursery, Victim, below, survivors
from tests.journeys.test_kill_anywhere import Toll, begun, copied, nursery, undisturbed

pytestmark = pytest.mark.slow
__all__ = ["begun", "nursery", "undisturbed"]  # fixtures
LIVES = ("pdf", "html", "pdf", "tex", "md", "pdf", "html", "pdf", "md", "pdf", "tex", "bib")
LONGEST = {"pdf": 0.6, "html": 0.05}  # seconds into a renderer, of those that take long


def test_killed_while_the_paper_is_rendered(
    begun: Path, tmp_path: Path, nursery: Nursery, undisturbed: dict[str, str]
) -> None:
    """The paper is whole afterwards in every format, and of the same text as without a kill."""
    pytest.importorskip("typst")
    formats, luck = [renderer.suffix for renderer in wiring.renderers()], random.Random(20261129)
    folder, killed, left = copied(begun, tmp_path), Counter[str](), {}
    for where in LIVES:
        seconds = round(luck.uniform(0, LONGEST.get(where, 0.0)), 3)
        die = {"at": "render", "n": formats.index(where) + 1, "when": "amid", "seconds": seconds}
        pid = nursery.resume(folder, die, typeset=True)
        children: set[int] = set()
        while Path(f"/proc/{pid}").exists():  # until it is reaped
            children |= {p for p, line in below(pid).items() if "pidfd_send_signal" not in line}
            time.sleep(0.02)
        code = nursery.ended()
        if code == 0:  # it was done before its time had come
            break
        assert code == -9
        killed[where] += 1
        left |= survivors(children, folder.parent.parent)
    nursery.resume(folder, typeset=True)
    assert nursery.ended() == 0
    print(f"killed {sum(killed.values())} times while rendering: {dict(killed)}; {len(left)} survivors")
    assert killed["pdf"] >= 3
    assert left == {}
    Victim(folder, nursery, luck, Toll()).check(undisturbed)
    the_paper_is_whole(folder, formats)


def the_paper_is_whole(folder: Path, formats: list[str]) -> None:
    from novum.manuscript.render.inspect import page_count

    state = api.open_study(folder).state
    assert state.paper is not None
    assert set(state.paper.files) == set(formats)
    pdf = (folder / "paper" / "paper.pdf").read_bytes()
    assert pdf.rstrip().endswith(b"%%EOF") and page_count(pdf) == state.paper.pages
    assert not [path for path in folder.rglob("*") if path.name.startswith(".part")], "left half written"
