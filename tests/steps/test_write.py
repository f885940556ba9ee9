"""The verb write: what was checked is what is rendered, and the same again after a crash."""

import msgspec
import pytest

from novum import events as ev
from novum.errors import MissingExtra, StudyError
from novum.events import Draft, FigureMade, PaperRendered
from novum.manuscript.references import find_references
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.manuscript.render.pdf import PdfRenderer
from novum.scientists.systematic import SystematicScientist
from novum.steps.declared import declared
from novum.steps.lookup import StudyLookup
from novum.steps.pinned import pinned_head
from novum.steps.write import BIBLIOGRAPHY, PROVENANCE, write
from tests.scientists.studies import Synthetic


class Recording:
    """A renderer of pages that keeps what it was given."""

    suffix = "html"

    def __init__(self):
        self.given = []

    def render(self, markdown, assets, style):
        self.given.append((markdown, dict(assets), style))
        return markdown.encode()


class Absent:
    suffix = "docx"

    def render(self, markdown, assets, style):
        raise MissingExtra("docx", "a Word file")


class Careless(SystematicScientist):
    """A scientist whose prose holds a number."""

    def compose(self, view, evidence, figures, services):
        return (
            super()
            .compose(view, evidence, figures, services)
            .replace("# Results\n", "# Results\n\nWe saw 42 runs.\n")
        )


@pytest.fixture(scope="module")
def begun() -> tuple[Synthetic, object]:
    """A study whose step *write* has begun, and the view it was given."""
    study = Synthetic("supported", seeds=8)
    view = study.state
    study.log.append([Draft(body=ev.StepStarted(step="write", view_seq=study.log.head[0]))])
    return study, view


@pytest.fixture(scope="module")
def written(begun):
    study, view = begun
    recording = Recording()
    drafts = write(view, study.services(SystematicScientist(), [MarkdownRenderer(), recording, Absent()]))
    return study, drafts, recording


def test_figures_come_before_the_paper_that_places_them(written):
    _, drafts, _ = written
    *figures, paper = [d.body for d in drafts]
    assert isinstance(paper, PaperRendered) and figures
    assert all(isinstance(f, FigureMade) and f"{{{{fig:{f.figure.id}" in paper.source for f in figures)


def test_figures_have_data_and_files(written):
    study, drafts, _ = written
    for figure in (d.body.figure for d in drafts[:-1]):
        assert msgspec.json.decode(study.blobs.get(figure.data))["kind"] == figure.kind
        assert all(study.blobs.get(sha) for sha in figure.files.values()) and figure.files


def test_the_head_is_that_of_the_view(written, begun):
    study, drafts, _ = written
    paper = drafts[-1].body
    before = next(
        e for e in study.log.events if isinstance(e.body, ev.StepStarted) and e.body.step == "write"
    )
    assert (paper.head_seq, paper.head) == (before.seq - 1, before.prev)
    assert paper.head in paper.source and paper.protocol_hash in paper.source


def test_a_second_attempt_writes_the_same_paper(written, begun):
    study, drafts, _ = written
    _, view = begun
    study.log.append([Draft(body=ev.CoordinatorStarted(host="elsewhere", pid=2))])  # after a crash
    again = write(view, study.services(SystematicScientist(), [MarkdownRenderer(), Recording(), Absent()]))
    assert [d.body for d in again] == [d.body for d in drafts]


def test_a_missing_renderer_is_a_note(written):
    _, drafts, _ = written
    paper = drafts[-1].body
    assert set(paper.files) == {"md", "html"}
    assert [note for note in paper.notes if "docx" in note]


def test_what_is_rendered_holds_values_and_no_reference(written):
    study, drafts, recording = written
    markdown, assets, style = recording.given[0]
    assert "{{" not in markdown.split("+++", 2)[2] and PROVENANCE not in markdown
    assert BIBLIOGRAPHY in assets and style == "novum"
    assert all(f"figures/{d.body.figure.id}.svg" in assets for d in drafts[:-1])
    assert study.blobs.get(drafts[-1].body.files["html"]) == markdown.encode()


def test_a_page_is_given_the_trails_of_its_numbers(written):
    _, drafts, recording = written
    told = msgspec.json.decode(recording.given[0][1]["trails.json"])
    ids = {r.id for r in find_references(drafts[-1].body.source) if r.kind in ("m", "c")}
    assert len(ids) > 50
    assert ids <= {*told["numbers"], *told["measurements"], *told["claims"]}


def test_the_table_of_numbers_names_departures_and_no_single_measurement(written):
    study, _, recording = written
    table = recording.given[0][0].split("# Where each number comes from")[1]
    assert "| weight decay 0.5 (confirm) |" in table and "| baseline (confirm) |" in table
    claims = [c.id for c in study.state.protocol.contrasts]
    assert "| C1 |" in table and not any(id in table for id in claims)
    assert not any(f"`{m}`\ufdd2" in table for m in study.state.measurements)


def test_values_are_what_references_became(written):
    _study, drafts, _ = written
    values = drafts[-1].body.values
    assert {values[k] for k in values if k.startswith("c:")} == {"supported"}
    assert any(k.startswith("m:") for k in values)


def test_a_bare_number_ends_the_step(begun):
    study, view = begun
    with pytest.raises(StudyError, match="bare number"):
        write(view, study.services(Careless(), [MarkdownRenderer()]))


def test_a_step_that_never_began_sees_the_head():
    study = Synthetic("refuted", seeds=8)
    assert pinned_head(study.log, "write") == study.log.head


def test_declared_values_are_found_by_key(begun):
    _study, view = begun
    lookup = StudyLookup(view, {})
    assert lookup.config("weight_decay") == 1.0 == lookup.config("baseline.weight_decay")
    assert lookup.config("level.0.weight_decay") == 0.0 and lookup.config("level.99.weight_decay") is None
    assert lookup.config("metric.updates_to_generalise.horizon") == 3000.0
    assert "modulo" in str(lookup.config("domain.limits"))
    assert lookup.config("budget.seconds") == view.domain.budgets["default"].seconds
    arm = view.protocol.contrasts[0]
    assert lookup.config(f"claim.{arm.id}.text") == arm.text


@pytest.mark.parametrize(
    "key", ["", "arm", "arm.x.weight_decay", "level.x.weight_decay", "domain.files", "nothing.at.all"]
)
def test_unknown_keys_give_nothing(begun, key):
    _, view = begun
    assert declared(view, {}, key) is None


@pytest.mark.slow
@pytest.mark.parametrize("outcome", ["supported", "censored", "interaction", "dose", "best", "unfinished"])
def test_the_pdf_has_pages_and_nothing_overruns(outcome):
    study = Synthetic(outcome)
    drafts = write(study.state, study.services(SystematicScientist(), [PdfRenderer()]))
    paper = drafts[-1].body
    assert paper.pages >= 5 and paper.notes == ()
