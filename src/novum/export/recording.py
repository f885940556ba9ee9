"""The answers of a study's models, to be replayed: small, without the questions, which a replay asks itself.

`novum run DOMAIN --model replay:FILE` with the study's settings goes through the study again for nothing. A
study that asked no model has no answers.
"""

from collections.abc import Mapping

from novum.export.source import Source
from novum.folder.readme import command_of
from novum.models import recordings


def files(source: Source) -> Mapping[str, bytes]:
    """One file, `recording.jsonl`."""
    answers = recordings.of_journal(source.events(), source.blobs)
    title = recordings.Title(study=source.state.study, command=command_of(source.state, "FILE"))
    return {"recording.jsonl": recordings.written(title, answers)}
