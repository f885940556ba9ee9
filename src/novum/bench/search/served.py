"""Circle packing over HTTP: the same model behind a server of this machine that speaks OpenAI's protocol.

What is asked, sent, streamed, read and journaled is what any provider gets. The answers follow from the
prompts alone, so that a search over HTTP has to come to the very score of the one in this process; that they
do is what allows the others to be played in this process.
"""

from collections.abc import Sequence

from novum.asking import Calls, Panel
from novum.bench.rows import Row, share
from novum.bench.search.policies import DEFAULT, Found
from novum.bench.search.proposer import Serving
from novum.bench.search.rig import explore
from novum.bench.search.tasks import PACKING
from novum.canonical import derive_seed
from novum.models import Surroundings, open_model
from novum.protocols import Models
from novum.recording import Recorder


def served(base: int, k: int) -> float:
    """The score of the default policy with its model behind HTTP."""
    seed = derive_seed(base, "seed", k)
    play = PACKING.make(seed)
    with Serving(play.move, derive_seed(seed, "model")) as server:

        def models(recorder: Recorder) -> Models:
            around = Surroundings(blobs=recorder.blobs, environ={})
            return Panel(Calls(recorder), {"code": (open_model(f"{server.url}#scripted", around),)})

        played = explore(
            play.measure,
            play.start,
            models,
            policy=DEFAULT,
            trials=PACKING.trials,
            seed=derive_seed(seed, "search", DEFAULT, PACKING.name),
        )
    return play.truth(played.best)


def served_alike(base: int, seeds: Sequence[int], results: Sequence[Found]) -> list[Row]:
    """Whether searches over HTTP came to the scores of those in this process."""
    inline = {r.seed: r.score for r in results if r.contender == DEFAULT and r.task == PACKING.name}
    alike = [served(base, k) == inline[k] for k in seeds]
    return [
        share(
            "circle packing over HTTP ends in the very score of the same in this process", alike, at_least=1.0
        )
    ]
