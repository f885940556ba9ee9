"""The HTML paper in a real browser: what a reader can click, see, read on a phone, and never be harmed by."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from novum.state import State
from tests.browser.chromium import Browser, executable
from tests.browser.papers import EVIL, of_a_sample, of_a_study

pytestmark = [pytest.mark.slow, pytest.mark.skipif(executable() is None, reason="needs chromium")]
SHOWN = "document.querySelector('#novum-panel').open"
TRAIL = "document.querySelector('#novum-trail').innerText"
STEPS = "[...document.querySelectorAll('#novum-path li')].map(e => e.innerText)"
FOCUSED = "document.activeElement.getAttribute('href')"
WIDTHS = "[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]"

CONTRASTS = """(() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const f = x => (x /= 255) <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => {
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c[3] > .99) return c; } return [255, 255, 255, 1]; };
  const seen = {};
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility({opacityProperty: true, visibilityProperty: true})
        || e.closest('script, style, noscript, .skip')) continue;
    const style = getComputedStyle(e), svg = e.closest('svg');
    const front = parse(svg ? style.fill : style.color), back = behind(svg ? svg.parentElement : e);
    const [hi, lo] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (hi + .05) / (lo + .05);
    const name = e.tagName + '.' + e.className + ' in ' + e.parentElement.tagName;
    if (!(name in seen) || seen[name] > ratio) seen[name] = Math.round(ratio * 100) / 100;
  }
  return seen;
})()"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = executable()
    assert program is not None
    with Browser(program) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State]:
    data, view = of_a_study()
    path = tmp_path_factory.mktemp("page") / "paper.html"
    path.write_bytes(data)
    return path, view


@pytest.fixture(scope="module")
def formulas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "paper.html"
    path.write_bytes(of_a_sample())
    return path


@pytest.fixture
def page(browser: Browser, made: tuple[Path, State]) -> Browser:
    browser.ask("Emulation.setScriptExecutionDisabled", {"value": False})
    browser.scheme("light")
    browser.size(1280, 900)
    browser.open(made[0])
    return browser


def quiet(browser: Browser) -> None:
    """Nothing was asked of a network, nothing was refused by the policy, nothing failed, nothing ran."""
    asked = [e["request"]["url"] for e in browser.of("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1
    assert browser.of("Log.entryAdded") == [] and browser.of("Runtime.exceptionThrown") == []
    assert browser.see("window.harmed") is None


def test_a_number_leads_down_to_code_and_logs(page: Browser):
    page.click(".abstract a.n")
    page.until(SHOWN)
    number = page.see("location.hash")
    assert number.startswith("#n-") and page.see(STEPS) == ["paper", "number"]
    page.click("#novum-panel #novum-close")
    page.until(f"!{SHOWN}")

    estimate = page.see(
        "[...document.querySelectorAll('main a.n')].find(a => a.innerText.includes('−')).hash"
    )
    page.click(f'main a.n[href="{estimate}"]')
    page.until(SHOWN)
    text = page.see(TRAIL)
    assert "MEASUREMENTS" in text and "THE CLAIM" in text and "supported" in text and "interval" in text
    assert page.see("document.querySelectorAll('#novum-trail svg circle').length") > 10

    page.click("#novum-trail td a[href^='#n-']")
    page.until(f"{STEPS}.length === 3")
    assert page.see(STEPS) == ["paper", "number", "measurement"]
    text = page.see(TRAIL)
    assert "seed" in text and "observed" in text and "evaluator" in text and "bwrap" in text

    page.click("#novum-trail a[href^='#t-']")
    page.until(f"{STEPS}.length === 4")
    text = page.see(TRAIL)
    assert "attempt" in text and "learner.py" in text and "evaluator.py" in text and "prepare.py" in text
    assert page.see("document.querySelector('#novum-trail pre.log').textContent") == EVIL
    assert (
        page.see("[...document.querySelectorAll('#novum-trail pre.log')][1].textContent") == f"a line\n{EVIL}"
    )
    page.see("document.querySelectorAll('#novum-trail summary')"
             ".forEach(s => { if (s.innerText.startsWith('learner.py')) s.id = 'aimed'; })")  # fmt: skip
    page.click("#aimed")
    page.until("document.querySelector('#aimed').parentElement.querySelector('pre')")
    code = page.see("document.querySelector('#aimed').parentElement.querySelector('pre').textContent")
    assert "def " in code and code.count("\n") > 20
    quiet(page)


def test_the_way_back_and_out(page: Browser):
    page.click("a.v")
    page.until(SHOWN)
    claim = page.see("location.hash")
    page.click("#novum-trail td a[href^='#t-']")
    page.until("location.hash.startsWith('#t-')")
    page.see("history.back()")
    page.until(f"location.hash === {json.dumps(claim)} && {STEPS}.length === 2")
    page.click("#novum-trail td a[href^='#t-']")
    page.until("location.hash.startsWith('#t-')")
    page.click("#novum-path li:nth-child(2) a")
    page.until(f"location.hash === {json.dumps(claim)}")
    page.press("Escape", 27)
    page.until(f"!{SHOWN}")
    assert page.see("location.hash") == "" and page.see(FOCUSED) == claim
    page.see("history.back()")  # to the view that was left by Escape
    page.until(SHOWN)
    page.press("Escape", 27)
    page.until(f"!{SHOWN}")
    quiet(page)


def test_the_keyboard_is_enough(page: Browser):
    page.see("document.querySelector('main a.n').focus()")
    first = page.see(FOCUSED)
    page.press("Enter", 13)
    page.until(SHOWN)
    assert page.see("document.activeElement.id") == "novum-trail"
    for _ in range(12):
        page.press("Tab", 9)
        assert page.see("document.querySelector('#novum-panel').contains(document.activeElement)"
                        " || document.activeElement === document.body")  # fmt: skip
    page.press("Escape", 27)
    page.until(f"!{SHOWN}")
    assert page.see(FOCUSED) == first


def test_an_address_opens_its_trail(page: Browser, made: tuple[Path, State]):
    path, view = made
    failed = next(t.id for t in view.trials.values() if t.status == "failed")
    page.open(path, f"#t-{failed}")
    page.until(SHOWN)
    assert EVIL[:40] in page.see(TRAIL) and page.see(STEPS) == ["paper", "trial"]
    for kind in ("main a.s", "main a.n", ".claims a.badge"):
        page.open(path)
        address = page.see(f"document.querySelector({json.dumps(kind)}).getAttribute('href')")
        page.open(path, address)
        page.until(SHOWN)
    page.open(path, "#n-000000000000")
    assert not page.see(SHOWN)
    for odd in (
        "#%3Cimg%20src=x%20onerror=window.harmed=1%3E",
        "#n-%E0%A4%A",
        "#constructor",
        "#n-__proto__",
    ):
        page.open(path, odd)
    quiet(page)


def test_an_address_within_a_folded_section_unfolds_it(page: Browser):
    folded = "document.querySelector('details.appendix:not([open])')"
    address = page.see(f"{folded}.querySelector('h2').id")
    page.see(f"location.hash = {json.dumps(address)}")
    page.until(f"document.getElementById({json.dumps(address)}).closest('details').open")


def test_hostile_text_is_text(page: Browser, made: tuple[Path, State]):
    _, view = made
    scripts = "document.querySelectorAll('script, img, iframe, object, embed, base, form').length"
    before = page.see(scripts)
    for address in [f"#t-{id}" for id in list(view.trials)[:3]] + [
        f"#n-{id}" for id in list(view.measurements)[:2]
    ]:
        page.see(f"location.hash = {json.dumps(address)}")
        page.until(f"{SHOWN} && {TRAIL}.includes({json.dumps(address[3:])})")
        page.see("document.querySelectorAll('#novum-trail details').forEach(d => { d.open = true; })")
        page.until("document.querySelector('#novum-trail pre code')")
        assert page.see(scripts) == before
    assert EVIL in page.see("document.querySelector('#novum-trail').textContent")
    quiet(page)


def test_the_policy_stops_what_would_get_in(page: Browser):
    page.see("window.refused = []")
    page.see("addEventListener('securitypolicyviolation', e => refused.push(e.effectiveDirective))")
    trap = ('<img src="https://novum.invalid/a.png"><iframe src="https://novum.invalid/"></iframe>'
            '<p style="color: red" onclick="window.harmed = 1" id="trap">x</p>')  # fmt: skip
    page.see(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(trap)})")
    page.see("document.querySelector('#trap').click()")
    page.until("window.refused.length >= 4")
    found = set(page.see("window.refused"))
    assert {"img-src", "frame-src", "style-src-attr", "script-src-attr"} <= found
    assert page.see("fetch('https://novum.invalid/').then(() => 'fetched', () => 'refused')") == "refused"
    assert page.see("window.harmed") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out(page: Browser, made: tuple[Path, State], formulas: Path, scheme: str):
    page.scheme(scheme)
    for path, addresses in (
        (formulas, [""]),
        (made[0], ["", "main a.n", "main a.s", "main a.v", "main a.id"]),
    ):
        for selector in addresses:
            page.open(path)
            page.see("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
            if selector:
                page.see(f"document.querySelector({json.dumps(selector)}).click()")
                page.until(SHOWN)
            found = page.see(CONTRASTS)
            assert len(found) > 10
            assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}, (path, selector)


def test_figures_take_the_colours_of_the_page(page: Browser):
    drawn = "getComputedStyle(document.querySelector('figure svg [stroke=\"#222222\"]')).stroke"
    light = page.see(drawn)
    page.scheme("dark")
    dark = page.see(drawn)
    assert light == "rgb(34, 34, 34)" and dark == "rgb(221, 226, 231)"


def test_the_reader_may_choose_the_theme(page: Browser):
    ground = "getComputedStyle(document.body).backgroundColor"
    page.see("localStorage.clear()")
    page.open(Path(page.see("location.pathname")))
    auto = page.see(ground)
    seen = []
    for _ in range(3):
        page.click("#novum-theme")
        seen.append((page.see("document.querySelector('#novum-theme').innerText"), page.see(ground)))
    assert [name for name, _ in seen] == ["Theme: light", "Theme: dark", "Theme: auto"]
    assert seen[0][1] == seen[2][1] == auto != seen[1][1]
    page.click("#novum-theme")
    page.scheme("dark")
    assert page.see(ground) == auto  # what was chosen stays, whatever the system asks for


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_shows_it_without_scrolling_sideways(
    page: Browser, made: tuple[Path, State], formulas: Path, width: int
):
    page.size(width, 740, phone=True)
    for path in (formulas, made[0]):
        page.open(path)
        page.see("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
        assert page.see(WIDTHS) == [width, width]
    for selector in ("main a.n", "main a.v", "main a.id", "main a.s"):
        page.open(made[0])
        page.see(f"document.querySelector({json.dumps(selector)}).click()")
        page.until(SHOWN)
        page.see("document.querySelectorAll('#novum-trail details').forEach(d => { d.open = true; })")
        inner = [f"document.querySelector('#novum-{name}').scrollWidth" for name in ("trail", "panel")]
        assert page.see(f"[{', '.join(inner)}]") == [width, width], selector
        assert page.see(WIDTHS) == [width, width]


def test_wide_things_scroll_in_a_place_of_their_own(page: Browser):
    page.size(360, 740, phone=True)
    wide = "[...document.querySelectorAll('main .scroll')].filter(e => e.scrollWidth > e.clientWidth)"
    places = page.see(f"{wide}.map(e => e.tabIndex + e.getAttribute('role'))")
    assert len(places) > 3 and set(places) == {"0region"}


def test_names_for_those_who_do_not_see_it(page: Browser):
    page.see("document.querySelector('main a.n').click()")
    page.until(SHOWN)
    page.ask("Accessibility.enable")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    roles = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if "role" in n]
    assert [role for role, name in roles if role in ("button", "link", "image", "dialog") and not name] == []
    assert next(name for role, name in roles if role == "dialog")
    page.press("Escape", 27)
    page.until(f"!{SHOWN}")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    roles = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if "role" in n]
    pictures = [name for role, name in roles if role in ("image", "img", "graphics-document")]
    assert len(pictures) >= 4 and all(name.startswith("Figure ") for name in pictures)
    page.ask("Accessibility.disable")


def test_it_prints_whole(page: Browser, tmp_path: Path):
    from novum.manuscript.render.inspect import page_count, pdf_text

    pdf = base64.b64decode(page.ask("Page.printToPDF", {"printBackground": False})["data"])
    text = " ".join(pdf_text(pdf).split())
    assert page_count(pdf) >= 5 and "Where each number comes from" in text and "Theme" not in text
    identifier = page.see(
        "[...document.querySelectorAll('details.appendix')].at(-1).querySelector('td code').innerText"
    )
    assert identifier in text.replace(" ", "")
    assert page.see("document.querySelectorAll('details.appendix:not([open])').length") > 0  # folded again


def test_without_scripts_it_is_still_a_paper(browser: Browser, made: tuple[Path, State]):
    browser.ask("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.ask("Page.navigate", {"url": made[0].as_uri()})
        browser.until("document.querySelector('noscript') !== null")
        text = browser.see("document.querySelector('main').innerText")
        assert "Trails need JavaScript" in text and "Introduction" in text
        assert not browser.see("document.querySelector('#novum-theme').checkVisibility()")
    finally:
        browser.ask("Emulation.setScriptExecutionDisabled", {"value": False})
