"""Pages to look at: the paper of a made study whose logs, code and names are hostile, and a made-up paper
with mathematics.
"""

from msgspec import structs

from novum.manuscript.provenance import complete
from novum.manuscript.references import resolve
from novum.manuscript.render.html.renderer import TRAILS, HtmlRenderer
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.records import StageResult
from novum.scientists.systematic import SystematicScientist
from novum.state import State, fold
from novum.steps.lookup import StudyLookup
from novum.steps.trails import as_json, trails
from novum.steps.write import assets_of, finished, write
from tests.manuscript import sample
from tests.scientists.studies import Synthetic

EVIL = (
    "</script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"
    "<!--<script> ]]> \" ' & \\u003c/script> {{m:x}} \u2028\u202e‮ javascript:alert(1)"
)


def hostile(study: Synthetic) -> State:
    """The study with the same text wherever a program, a plan or a machine may leave one."""
    view = fold([], study.state)
    for trial in view.trials.values():
        broken = trial.status == "failed"
        stage = StageResult(name="program", status="crashed" if broken else "ok", exit_code=int(broken),
                            stdout=EVIL, stderr=f"a line\n{EVIL}", detail=EVIL if broken else "")  # fmt: skip
        trial.result = structs.replace(trial.result, stages=(stage,), host=EVIL)
        trial.reason, trial.notes = (EVIL if broken else ""), (EVIL,)
    blob = study.blobs.put(f"# {EVIL}\nprint('code')\n".encode())
    view.nodes = {id: structs.replace(node, plan=EVIL, workspace={**node.workspace, f"{EVIL}.py": blob})
                  for id, node in view.nodes.items()}  # fmt: skip
    return view


def of_a_study() -> tuple[bytes, State]:
    """The page, and the study it is of."""
    study = Synthetic("supported", seeds=8)
    services = study.services(SystematicScientist(), [MarkdownRenderer()])
    *figures, paper = [draft.body for draft in write(study.state, services)]
    drawn = [made.figure for made in figures]
    view = hostile(study)
    seen = structs.replace(view, figures={figure.id: figure for figure in drawn})
    lookup = StudyLookup(seen, services.literature.entries())
    resolved = resolve(paper.source, lookup)
    assets = {**assets_of(drawn, services), TRAILS: as_json(trails(view, resolved.used, study.blobs))}
    return HtmlRenderer().render(finished(resolved, lookup, study.domain.baseline), assets), view


def of_a_sample() -> bytes:
    """A page with formulas, footnotes and every kind of table, without trails."""
    lookup = sample.lookup()
    text = complete(resolve(sample.SOURCE, lookup), lookup)
    return HtmlRenderer().render(text.replace("# Discussion", "# Discussion^[A note.]"), sample.assets())
