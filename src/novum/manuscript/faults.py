"""What is wrong with a manuscript, where, and how to mend it."""

from novum.records import Record


class ManuscriptFault(Record, kw_only=True):
    """One fault. `line` and `column` count from 1 in the source; `rule` is stable, for filters and tests."""

    rule: str
    line: int
    column: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.what}; {self.mend} [{self.rule}]"


def position(source: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character offset."""
    before = source.count("\n", 0, offset)
    return before + 1, offset - (source.rfind("\n", 0, offset) + 1) + 1


def fault_at(source: str, offset: int, rule: str, what: str, mend: str) -> ManuscriptFault:
    """A fault at a character offset of the source."""
    line, column = position(source, offset)
    return ManuscriptFault(rule=rule, line=line, column=column, what=what, mend=mend)


def in_order(faults: list[ManuscriptFault]) -> list[ManuscriptFault]:
    """Faults by place, each once."""
    return sorted(dict.fromkeys(faults), key=lambda f: (f.line, f.column, f.rule, f.what))
