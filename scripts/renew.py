"""Renew an example whose requests have changed: what is asked as before is answered from its recording,
the rest by you, through a mailbox.

    python scripts/renew.py grokking     # and in another terminal: novum mailbox mail

The new recording takes the place of the old one once the study is done and its audit has passed.
"""

import sys
import tempfile
from pathlib import Path

from novum import api
from novum.export import export
from novum.models import recordings
from novum.testing.examples import EXAMPLES, carried_out

MODEL = '''
from pathlib import Path

from novum.models import Surroundings, recordings
from novum.models.mailbox import Mailbox
from novum.testing.memory import MemoryBlobs

NAME = "mailbox:mail"
known = {{recorded.key: recorded.answer for recorded in recordings.of_file(Path({path!r}))}}
mailbox = Mailbox(NAME, Path({mail!r}), "", Surroundings(blobs=MemoryBlobs()))


async def answer(request):
    return known.get(request.key) or await mailbox.ask(request)
'''


def main(name: str) -> int:
    """Carry the example out and put the new recording in the place of the old one."""
    answers, mail = EXAMPLES[name].answers, Path("mail").resolve()
    with tempfile.TemporaryDirectory(prefix="novum-renew-") as scratch:
        script = Path(scratch) / "model.py"
        script.write_text(MODEL.format(path=str(answers), mail=str(mail)))
        print(f"{name}: what was not asked before waits for an answer in {mail}", flush=True)
        outcome = carried_out(EXAMPLES[name], Path(scratch), f"scripted:{script}")
        if outcome.exit_code:
            print(f"{name}: {outcome.message}")
            return 1
        answers.unlink()  # an export takes nobody's place
        export(outcome.path, "recording", answers)
        verdicts = ", ".join(d.verdict for d in api.open_study(outcome.path).state.decisions.values())
        print(f"{name}: {sum(1 for _ in recordings.of_file(answers))} answers; {verdicts}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
