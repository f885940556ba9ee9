"""`novum mailbox`: which questions wait for an answer."""

from pathlib import Path

from novum.cli.output import plural, print_json
from novum.errors import UserError
from novum.models.mailbox import waiting


def mailbox(lab: Path, folder: str, as_json: bool) -> int:
    """Print the open requests of a mailbox, oldest first, each with where its answer belongs.

    Raises:
        UserError: there is no such folder.
    """
    place = lab / Path(folder.removeprefix("mailbox:")).expanduser()
    if not place.is_dir():
        raise UserError(f"there is no mailbox {place}", fix="begin with novum run --model mailbox:DIR")
    found = [
        {"request": str(one.path), "answer": str(place / one.answers[0]), "study": one.study}
        for one in waiting(place)
    ]
    if as_json:
        print_json({"folder": str(place), "waiting": found})
        return 0
    print(f"{plural(len(found), 'request')} without an answer in {place}")
    for one in found:
        print(f"  read {one['request']}\n   put {one['answer']}")
    return 0
