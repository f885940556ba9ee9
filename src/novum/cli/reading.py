"""Commands that only read: list, show, log."""

from datetime import datetime
from pathlib import Path
from typing import Any

from novum.canonical import SHORT
from novum.cli import summary
from novum.cli.output import console, print_json
from novum.errors import JournalDamaged, MachineError
from novum.opening import Study, age, choose_study, folders, open_study

CLIP = 60  # characters of one value in the log as text


def list_studies(lab: Path, as_json: bool) -> int:
    """The studies of a lab; none is no error, and a damaged one hides no other."""
    studies, damaged = _open_all(lab)
    rows = [summary.describe(study) for study in sorted(studies, key=age)]
    if as_json:
        print_json({"lab": str(lab), "studies": rows, "damaged": damaged})
        return 0
    if rows:
        from novum.cli import tables

        console().print(tables.studies_table(rows))
    elif not damaged:
        print(_empty(lab))
    for fault in damaged:
        print(fault["problem"])
    return 0


def report(lab: Path, as_json: bool) -> int:
    """The lab report on the screen and in the lab; a lab that cannot be written is only read."""
    from novum import report as lab_report
    from novum.cli import tables

    studies, damaged = _open_all(lab)
    told = lab_report.lab_report(studies, damaged)
    if not studies and not damaged:
        print_json({"lab": str(lab), **told, "written": None}) if as_json else print(_empty(lab))
        return 0
    written, why = _written(lab, told, studies)
    if as_json:
        print_json({"lab": str(lab), **told, "written": written})
        return 0
    for table in lab_report.tables(told):
        console().print(tables.plain_table(table))
    print(f"written to {written}" if written else why)
    return 0


def _written(lab: Path, told: dict[str, Any], studies: list[Study]) -> tuple[str | None, str]:
    from novum import report as lab_report

    try:
        return str(lab_report.write(lab, told, lab_report.drawing(studies))), ""
    except MachineError as error:
        return None, error.what


def _empty(lab: Path) -> str:
    return f"no study in {lab} yet; novum run begins one"


def _open_all(lab: Path) -> tuple[list[Study], list[dict[str, str]]]:
    """Every study that can be read, and for each other one what is wrong with it."""
    studies, damaged = [], []
    for folder in folders(lab):
        try:
            studies.append(open_study(folder))
        except JournalDamaged as fault:
            damaged.append({"id": folder.name, "path": str(folder), "problem": str(fault)})
    return studies, damaged


def show_number(lab: Path, ref: str, number: str, as_json: bool) -> int:
    """The trail of one number of a study's paper."""
    from novum.cli import trail

    return trail.show(choose_study(lab, ref), number, as_json)


def show(lab: Path, ref: str, tree: bool, as_json: bool) -> int:
    """One study; with `tree` every configuration tried."""
    study = choose_study(lab, ref)
    told = summary.describe(study)
    if tree:
        return _show_tree(study, told, as_json)
    if as_json:
        print_json(told)
        return 0
    from novum.cli import tables

    tables.print_study(console(), told)
    return 0


def _show_tree(study: Study, told: dict[str, Any], as_json: bool) -> int:
    from novum.report.searched import searched

    concealed = summary.concealed_trials(study.state)
    if as_json:
        found = searched(study.state, study.events())
        print_json(told | {"nodes": summary.nodes(study.state, concealed), "search": found})
        return 0
    from novum.cli import tables

    out = console()
    out.print(tables.heading(told))
    if study.state.commissions:
        out.print(tables.programs_tree(study.state, searched(study.state)))
    else:
        out.print(tables.search_tree(study.state, concealed))
    return 0


def log(lab: Path, ref: str, as_json: bool) -> int:
    """The journal; confirmation outcomes are withheld until the planned sample is complete."""
    study = choose_study(lab, ref)
    concealed = summary.concealed_trials(study.state)
    for event in study.events():
        line = summary.log_line(event, concealed)
        print_json(line) if as_json else print(_text(line))
    return 0


def _text(line: dict[str, Any]) -> str:
    when = f"{datetime.fromtimestamp(line['time']):%H:%M:%S}"
    return f"{line['seq']:>6}  {when}  {line['hash'][:8]}  {line['type']:<21} {_gist(line['event'])}".rstrip()


def _gist(body: dict[str, Any]) -> str:
    """The plain values of an event's body, shortened: enough to find one's way."""
    parts = ((key, _short(value)) for key, value in body.items() if key not in ("type", "key"))
    return " ".join(f"{key}={text}" for key, text in parts if text)


def _short(value: Any) -> str:
    """One value in few characters: ids are cut, records stand by their id, long lists by their length."""
    if isinstance(value, dict):
        return str(value.get("id") or value.get("claim") or "")
    if isinstance(value, list | tuple):
        nested = bool(value) and isinstance(value[0], dict | list | tuple)
        return f"[{len(value)}]" if nested or len(value) > 4 else ",".join(str(v) for v in value)
    text = "" if value is None else " ".join(str(value).split())
    if len(text) == 64 and " " not in text:
        return text[:SHORT]
    return text if len(text) <= CLIP else text[: CLIP - 3] + "..."
