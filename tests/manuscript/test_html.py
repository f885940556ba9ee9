"""The HTML paper as a document: parts, numbers, citations, mathematics, and a policy that fits."""

import base64
import hashlib
import importlib.util
import re
from collections import Counter
from html import unescape
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.auditing import evidence_of
from novum.errors import MissingExtra, UserError
from novum.manuscript.marks import OPEN, mark
from novum.manuscript.provenance import complete
from novum.manuscript.references import figure_path, resolve
from novum.manuscript.render.html import renderer
from novum.manuscript.render.html.page import in_script
from novum.manuscript.render.html.pieces import DIGITS, spell, split
from novum.manuscript.render.html.renderer import TRAILS, HtmlRenderer
from novum.steps.audit.case import when_written
from novum.steps.lookup import StudyLookup
from novum.steps.trails import as_json, trails
from novum.steps.write import finished
from tests.manuscript import sample
from tests.manuscript.test_html_tree import seen

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("pypandoc"), reason="needs novum[pdf]")
SOME = {
    "study": {"id": "made"},
    "claims": {
        "c2a0b2c3d4e5": {"place": 2, "label": "C2", "text": "b < c", "decision": {"verdict": "inconclusive"}},
        "c1a0b2c3d4e5": {"place": 1, "label": "C1", "text": "a", "decision": {"verdict": "supported"}},
    },
    "numbers": {"a1f0c2d3e4b5": {}},
    "trials": {},
    "measurements": {},
}


@pytest.fixture(scope="module")
def paper() -> tuple[str, dict[str, bytes]]:
    lookup = sample.lookup()
    text = complete(resolve(sample.SOURCE, lookup), lookup)
    return text, sample.assets() | {TRAILS: msgspec.json.encode(SOME)}


@pytest.fixture(scope="module")
def html(paper) -> str:
    return HtmlRenderer().render(*paper).decode()


def body(html: str) -> str:
    return html[html.index("<body>") : html.index("<dialog") if "<dialog" in html else len(html)]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", body(html))).replace("\u00a0", " ").split())


def render(markdown: str, **assets: bytes) -> str:
    return body(HtmlRenderer().render(markdown, {TRAILS: b'{"claims": {}}'} | assets).decode())


def test_the_page_says_what_the_source_says(html):
    text = words(html)
    assert "Weight decay and delayed generalisation" in text and "Written by" in text
    assert sample.HASH in text and sample.HEAD in text and "−1,622 updates" in text and "p < 0.001" in text
    assert "Keywords grokking, weight decay, pre-registration" in text
    assert "A Provenance" in text and "3.2 Operation" in text and "3.4.1 Runs without the event" in text


def test_what_is_counted_is_counted_as_in_the_pdf(html):
    text = words(html)
    assert "Figure 1." in text and "Figure 3." in text and "Figure 4." not in text
    assert "Table 3. Every trial" in text and "Table 4." not in text
    assert "(1)" in text and "(2)" in text and "(3)" not in text


def test_every_reference_is_a_link_to_its_trail(html):
    links = dict(re.findall(r'<a class="[nvs]\b[^"]*" href="#([^"]+)"[^>]*>([^<]*)</a>', html))
    assert links["n-d3f0c2d3e4b5"] == "−1,622" and links["c-c1a0b2c3d4e5"] == "supported"
    assert links["cfg:low.weight_decay"] == "0"
    used = {u.id for u in resolve(sample.SOURCE, sample.lookup()).used if u.kind in ("m", "c", "cfg")}
    assert used == {address.partition("-")[2] if ":" not in address else address[4:] for address in links}


def test_every_address_is_there_once(html):
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert [id for id, n in Counter(ids).items() if n > 1] == []
    inner = {
        link for link in re.findall(r'href="#([^"]+)"', body(html)) if link[:2] not in ("n-", "c-", "t-")
    }
    assert inner <= set(ids), inner - set(ids)


def test_claims_stand_in_their_order_with_signs(html):
    text = words(html)
    assert "✓ supported C1 a ○ inconclusive C2 b < c" in text


def test_only_cited_works_are_listed_in_the_order_of_citation(html):
    text = words(html)
    assert "Scandinavian" in text and "A work nobody cites" not in text
    assert re.search(r"of Holm \[5\]", text) and "described by Power et al. [1]" in text
    assert text.index("[1] A. Power") < text.index("[5] S. Holm")


def test_another_style_cites_by_author_and_year(paper):
    assert "Holm (1979)" in words(HtmlRenderer().render(*paper, style="author-year").decode())
    with pytest.raises(UserError, match="unknown style"):
        HtmlRenderer().render(*paper, style="glossy")


def test_two_renderings_are_the_same_bytes(paper, html):
    assert HtmlRenderer().render(*paper).decode() == html


def test_the_policy_allows_this_sheet_and_script_alone(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    for kind, tag in (("style", "style"), ("script", "script")):
        held = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert len(held) == 1
        digest = base64.b64encode(hashlib.sha256(held[0].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


def test_nothing_is_fetched(html):
    found = seen(body(html))
    assert {v[:5] for k, v in found.attributes if k == "src"} == {"data:"}
    assert not re.search(r"url\(\s*['\"]?(?!#)|@import|@font-face", html)
    assert {name for name, _ in found.attributes if name.startswith("on") or name == "style"} == set()


def test_without_trails_the_page_is_the_paper_alone(paper):
    alone = HtmlRenderer().render(paper[0], sample.assets()).decode()
    assert 'id="novum-trails"' not in alone and 'class="n"' not in alone and "−1,622 updates" in words(alone)


def test_mathematics_is_mathml(html):
    assert "<math" in html and "\\frac" not in body(html) and "\\odot" not in body(html)
    shown = render(f"$$ a = {mark('m', 'x1', '3')} $$ and $x_{{{mark('cfg', 'k', '2')}}}$")
    assert shown.count("<math") == 2 and OPEN not in shown and "<mn>3</mn>" in shown


def test_marks_survive_in_any_place():
    m = mark("m", "aaaaaaaaaaaa", "5")
    shown = render(
        f"# Of {m} things\n\n*{m}*, **{m}**, [{m}](#of-5-things)\n\n| a |\n|--:|\n| {m} |\n\n- {m}"
    )
    assert shown.count('href="#n-aaaaaaaaaaaa"') == 5  # and not within another link
    assert not re.search(f"[{OPEN}{DIGITS}\ufdd1\ufdd2]", shown)
    assert 'id="of-5-things"' in shown and shown.count('id="n-aaaaaaaaaaaa"') == 1


def test_marks_that_do_not_close_are_text():
    assert split("a\ufdd0\ufde1\ufdd1b")[-1] == (None, "b")
    spelt, marks = spell("a" + mark("m", "x", "b") + "\ufde3c\ufdd2")
    assert marks == (("m", "x"),) and "".join(t for _, t in split(spelt)) == "abc"


def test_prose_is_text_and_never_markup():
    shown = render(
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) "
        '[b]{onclick="alert(1)"} ![c](https://x.test/c.png)\n\n'
        '# H {#novum-trails onclick="alert(1)"}\n\n```{.python onmouseover=alert(1)}\n</script><b>\n```\n\n'
        "| <script> |\n|---|\n| </script><svg onload=alert(1)> |\n"
    )
    assert "&lt;script&gt;alert(1)" in shown
    assert not {
        n for n, v in seen(shown).attributes if n.startswith("on") or "javascript" in v or "x.test" in v
    }
    assert shown.count("<script") == 0 and shown.count('id="novum-trails"') == 0


def test_front_matter_is_text():
    evil = "</title><script>alert(1)</script> @trails@ @json@"
    page = HtmlRenderer().render(
        f"+++\ntitle = '{evil}'\nauthors = '{evil}'\nstudy = '{evil}'\ndate = '{evil}'\n"
        f"keywords = ['{evil}']\n"
        f"[disclosure]\n'{evil}' = '{evil}'\n+++\n\n# Abstract\n\n{evil}\n", {}
    ).decode()  # fmt: skip
    assert page.count("<script") == 1 and page.count("&lt;/title&gt;&lt;script&gt;") >= 7
    assert page.count("@trails@ @json@") >= 7  # what is filled into the frame is no gap of it


def test_data_cannot_end_their_element():
    said = in_script('{"a": "</script><!-- <script> &amp; \u2028"}')
    assert not re.search(r"[<>&]", said)


def test_long_sections_of_the_appendix_and_the_list_of_numbers_are_folded(html):
    sections = re.findall(r'<details class="appendix"( open)?><summary><h2[^>]*><span[^>]*>(\w)', html)
    unfolded = {letter for state, letter in sections if state}
    assert [letter for _, letter in sections] == ["A", "B", "C", "D"] and unfolded == {"B", "C", "D"}
    rows = "\n".join(f"| {i} |" for i in range(90))
    shown = render(f"# A {{.appendix}}\n\n| a |\n|---|\n{rows}\n\n# B\n\ntext")
    assert '<details class="appendix"><summary><h2 id="a">' in shown
    assert '<details class="appendix" open><summary><h2 id="b">' in shown


def test_footnotes_come_after_the_works():
    shown = render("Said^[Noted.].\n\n# Appendix {.appendix}\n\ntext")
    assert shown.index("Noted.") < shown.index("Appendix</h2>") and 'class="notes"' in shown


def test_without_pandoc_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(renderer, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"an HTML paper needs the extra 'pdf'"):
        HtmlRenderer()


def test_the_page_of_a_study_is_the_same_from_its_journal_again(toy_study: Path):
    case = evidence_of(toy_study)
    paper, view = case.state.paper, when_written(case)
    assert paper is not None and view.domain is not None
    lookup = StudyLookup(view, case.entries or {})
    resolved = resolve(paper.source, lookup)
    assets = {figure_path(f): case.blobs.get(f.files["svg"]) for f in case.state.figures.values()}
    assets["references.bib"] = case.blobs.get(view.domain.files["references.bib"])
    assets[TRAILS] = as_json(trails(view, resolved.used, case.blobs))
    again = HtmlRenderer().render(finished(resolved, lookup, view.domain.baseline), assets)
    assert again == (toy_study / "paper" / "paper.html").read_bytes()
    told = re.search(r'id="novum-trails">(.*?)</script>', again.decode(), re.S)
    held = msgspec.json.decode(told[1])
    ids = {*held["numbers"], *held["measurements"]}
    assert set(re.findall(r'class="n" href="#n-(\w+)"', again.decode())) <= ids and len(ids) > 50


PIECES = [
    "`", "```\n", "\n```\n", "$", "$$", "\n\n", "\n", " ", "word", "[", "](", ")", "{.a}", "[@power2022]",
    "<!--", "-->", "<b onclick=x>", "</script>", "\\", "*", "_", "# ", "# X {.appendix}\n", "# Abstract\n",
    "- ", "1. ", "| a |\n|--:|\n", "| ", "> ", "    ", "+++\n", "title = 'x'\n", "[^1]", "[^1]: n\n",
    "![c](figures/x.svg){#fig-x}",
    "$$ x $$", "\\frac", "\ufdd0", "\ufdd1", "\ufdd2", "\ufde3", "\x00", "NOVUMPIECEENDSHERE", "@a@",
    mark("m", "aaaaaaaaaaaa", "5"), mark("cfg", "a.b", "*x"), mark("c", "bbbbbbbbbbbb", "supported"),
]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_manuscript_breaks_the_page(text: str):
    page = HtmlRenderer().render(text, sample.assets() | {TRAILS: b'{"claims": {}}'}).decode()
    assert page.count("<script") == 2 and page.count("</main>") == 1
    assert not re.search(f"[{OPEN}{DIGITS}\ufdd1\ufdd2]", page)
    assert not {name for name, _ in seen(body(page)).attributes if name.startswith("on")}
