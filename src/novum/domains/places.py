"""Where in `domain.toml` something is: for messages that lead straight to the line to mend."""

import re
from dataclasses import dataclass, replace
from typing import NoReturn

from novum.errors import DomainError

DESCRIPTION = "domain.toml"


@dataclass(frozen=True)
class Place:
    """A table of the file, one entry of it if it is a list, and a key in it. `text` is the whole file."""

    text: str
    table: str = ""
    index: int | None = None
    name: str = ""

    def inside(self, name: str) -> "Place":
        return replace(self, table=f"{self.table}.{name}")

    def at(self, index: int) -> "Place":
        return replace(self, index=index)

    def key(self, name: str) -> "Place":
        return replace(self, name=name)

    def fail(self, what: str, *, fix: str) -> NoReturn:
        raise DomainError(what, where=str(self), fix=fix)

    def __str__(self) -> str:
        line = self.line()
        file = f"{DESCRIPTION}:{line}" if line else DESCRIPTION
        header = f"[{self.table}]" if self.index is None else f"[[{self.table}]] {self.index + 1}"
        return " ".join(part for part in (file, header if self.table else "", self.name) if part)

    def line(self) -> int:
        """The line of the key, else of the table's header; 0 if it is written in some other form."""
        found, inside, count = 0, False, -1
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line)
            if header:
                same = header[1].replace('"', "") == self.table
                count += same
                inside = same and (self.index is None or count == self.index)
                found = number if inside and not found else found
            elif inside and self.name and re.match(rf'\s*"?{re.escape(self.name)}"?\s*=', line):
                return number
        return found
