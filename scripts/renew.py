"""Renew an example whose requests have changed: its answers are given again, in their order, role by role.

    python scripts/renew.py grokking

Read what it says has changed before you commit: an answer that was written to another request has to fit the
new one as well. Where it does not, carry the study out by hand (`novum run … --model mailbox:mail`, see
`examples/README.md`) and keep its answers: `novum export --to recording --out examples/NAME/answers.jsonl`.
"""

import sys
import tempfile
from pathlib import Path

from novum import api
from novum.export import export
from novum.models import recordings
from novum.testing.examples import EXAMPLES, carried_out

MODEL = """
from pathlib import Path

from novum.models import recordings

path = Path({path!r})
left, NAME = list(recordings.of_file(path)), "mailbox:mail"
known = {{recorded.key for recorded in left}}


def answer(request):
    found = next(recorded for recorded in left if recorded.role == request.role)
    left.remove(found)
    if request.key not in known:
        print(f"changed: a request to {{request.role}}: {{' '.join(request.parts[-1].text.split())[:100]}}")
    return found.answer
"""


def main(name: str) -> int:
    """Carry the example out with its old answers and put the new recording in their place."""
    answers = EXAMPLES[name].answers
    with tempfile.TemporaryDirectory(prefix="novum-renew-") as scratch:
        script = Path(scratch) / "model.py"
        script.write_text(MODEL.format(path=str(answers)))
        outcome = carried_out(EXAMPLES[name], Path(scratch), f"scripted:{script}")
        if outcome.exit_code:
            print(f"{name}: {outcome.message}")
            return 1
        answers.unlink()  # an export takes nobody's place
        export(outcome.path, "recording", answers)
        for claim in api.open_study(outcome.path).state.decisions.values():
            print(f"{claim.verdict}: {claim.claim}")
        count = sum(1 for _ in recordings.of_file(answers))
        print(f"{name}: {count} answers, {answers.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
