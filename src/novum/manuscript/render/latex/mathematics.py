"""Formulas, read and written again: what is let through is known to compile and to do nothing else.

    formula  := (atom scripts?)*
    atom     := character | { formula } | command arguments | \\left delimiter formula \\right delimiter
              | \\begin{environment} rows \\end{environment}
    scripts  := at most one '^' argument (or primes) and one '_' argument

Every argument and every script is written in braces, and alignment marks stand within an environment alone.
A formula outside this grammar is refused as a whole; the commands are those of `commands`.
"""

import re
from collections.abc import Set

from novum.manuscript.marks import CLOSE, HEAD
from novum.manuscript.render.latex import commands as known
from novum.manuscript.render.latex.escape import MARKS, OURS, escape
from novum.manuscript.render.latex.symbols import LOWERED, RAISED, other_math

TOKEN = re.compile(rf"{HEAD.pattern}|\\operatorname\*|\\(?:[A-Za-z]+|.)|\s+|.", re.S)
SPACING = frozenset(("\\,", "\\;", "\\:", "\\!", "\\ ", "\\>"))
LITERAL = frozenset(("\\{", "\\}", "\\|", "\\%", "\\$", "\\#", "\\&", "\\_"))
OPENERS = frozenset("()[]|./<>") | {"\\{", "\\}", "\\|"}
BREAKS = frozenset(("&", "\\\\"))
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
OPERATOR = re.compile(
    rf"\\(?:{'|'.join(sorted(known.LARGE | known.FUNCTIONS))}) $|\\(?:operatorname|mathop)\b"
)
DEEPEST = 60
END = ""


class Refused(ValueError):
    """A formula outside the grammar; the message says why."""


def formula(tex: str) -> str:
    """A formula as LaTeX that compiles as mathematics; marks stay around their values.

    Raises:
        Refused: it holds what is not known to compile.
    """
    reader = _Reader(tex)
    return re.sub(r"\s+", " ", reader.whole()).strip()


def _scripts(tex: str) -> str:
    """Raised and lowered characters as scripts."""
    for sign, letters in (("^", RAISED), ("_", LOWERED)):
        runs = re.compile(f"[{''.join(letters)}]+")
        tex = runs.sub(lambda run: f"{sign}{{{''.join(letters[c] for c in run[0])}}}", tex)  # noqa: B023
    return tex


def _apart(cell: str) -> str:
    """A row's first cell; without what it may begin with, TeX took its bracket or star for an option."""
    return f"{{}}{cell}" if cell.startswith(("[", "*")) else cell


def _braced(rows: str) -> str:
    """An environment with alignment marks, so that they are none of a table's whose cell it stands in."""
    return f"{{{rows}}}"


class _Reader:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, tex: str):
        parts = MARKS.split(tex)
        plain = "".join(part if i % 2 else _scripts(OURS.sub("", part)) for i, part in enumerate(parts))
        self.tokens = TOKEN.findall(plain)
        self.at = 0
        self.depth = 0

    # --- tokens

    def peek(self) -> str:
        """The next token that is no space; empty at the end."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        found = self.take()
        if found != token:
            raise Refused(f"'{found or 'the end'}' stands where '{token}' belongs")

    # --- grammar

    def whole(self) -> str:
        """The formula, as rows where it has several that no environment holds."""
        written = self.until({END, *BREAKS})
        if self.peek() == END:
            return written
        self.at = 0
        rows = self.rows({END}, known.ENVIRONMENTS["aligned"])
        return _braced(f"\\begin{{aligned}}{rows}\\end{{aligned}}")

    def rows(self, ends: Set[str], most: int) -> str:
        """Rows of at most so many cells."""
        pieces, count = [_apart(self.until({*ends, *BREAKS}))], 1
        while self.peek() in BREAKS:
            token = self.take()
            count = count + 1 if token == "&" else 1
            if count > most:
                raise Refused(f"a row has more than {most} cells")
            cell = self.until({*ends, *BREAKS})
            pieces.append(f" & {cell}" if token == "&" else f" \\\\ {_apart(cell)}")
        return "".join(pieces)

    def until(self, ends: Set[str]) -> str:
        """Atoms with their scripts up to one of the tokens that end them."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused("it is nested too deeply")
        pieces = []
        while (token := self.peek()) not in ends:
            if token == END:
                raise Refused(f"'{sorted(ends)[0]}' is missing")
            pieces.append(self.scripts("{}") if token in ("^", "_", "'") else self.scripts(self.atom()))
        self.depth -= 1
        return "".join(pieces)

    def scripts(self, base: str) -> str:
        """An atom followed by what is raised and lowered at it."""
        found: dict[str, str] = {}
        while (token := self.peek()) in ("^", "_", "'", "\\limits", "\\nolimits"):
            if token.startswith("\\"):
                if not OPERATOR.match(base):
                    raise Refused(f"'{token}' follows no operator")
                base += self.take() + " "
                continue
            sign = "^" if token == "'" else token
            if sign in found:
                raise Refused(f"a doubled '{token}'")
            found[sign] = self.primes() if token == "'" else self.script()
        return base + "".join(f"{sign}{{{written}}}" for sign, written in found.items())

    def script(self) -> str:
        self.take()
        return self.argument()

    def primes(self) -> str:
        count = 0
        while self.peek() == "'":
            self.take()
            count += 1
        raised = self.script() if self.peek() == "^" else ""
        return "\\prime " * count + raised

    def argument(self) -> str:
        """What a command or script applies to: a group, or the next atom."""
        token = self.peek()
        if token in ("^", "_", "'", "}", "&", END, "\\\\", "\\right", "\\end", CLOSE):
            raise Refused(f"'{token or 'the end'}' stands where an argument belongs")
        if token == "{":
            return self.group()
        return self.atom()

    def group(self) -> str:
        self.expect("{")
        written = self.until({"}"})
        self.expect("}")
        return written

    def atom(self) -> str:
        token = self.take()
        if HEAD.fullmatch(token):
            return self.marked(token)
        if token == "{":
            self.at -= 1
            return f"{{{self.group()}}}"
        if token.startswith("\\"):
            return self.command(token)
        return self.character(token)

    def character(self, token: str) -> str:
        if token in ("}", "&", "$", CLOSE):
            raise Refused(f"'{token}' stands alone")
        if token in ("%", "#"):
            return f"\\{token}"
        if token == "~":
            return "~"
        if " " < token <= "~":
            return f"{token} " if token in "<>" else token
        return other_math(token) if token > "~" else " "

    def marked(self, head: str) -> str:
        """A resolved value: a number as a number, anything else as text."""
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at] != CLOSE:
            self.at += 1
        text = "".join(self.tokens[start : self.at])
        self.expect(CLOSE)
        if re.search(r"[^\W\d_]{2}", text):
            return f"{head}\\text{{{escape(text)}}}{CLOSE}"
        return f"{head}{formula(THOUSANDS.sub('{,}', text))}{CLOSE}"

    # --- commands

    def command(self, token: str) -> str:
        name = token[1:]
        if token in SPACING or token in LITERAL:
            return token
        if name in known.SPELLED:
            return known.SPELLED[name] + " "
        if name in known.DROPPED:
            return ""
        name = known.ALIASES.get(name, name)
        if name in known.PLAIN:
            return f"\\{name} "
        if name in known.TEXTUAL:
            return f"\\{known.TEXTUAL[name]}{{{escape(self.raw_group())}}}"
        return self.with_arguments(name)

    def with_arguments(self, name: str) -> str:
        count = 1 if name in known.ONE else 2 if name in known.TWO else 0
        if count:
            return f"\\{name}" + "".join(f"{{{self.argument()}}}" for _ in range(count))
        if name in known.OPTIONAL:
            option = self.option()
            return f"\\{name}{option}{{{self.argument()}}}"
        if name in known.SIZES:
            return f"\\{name}{self.delimiter()}"
        if name == "left":
            return self.fenced()
        if name == "begin":
            return self.environment()
        if name == "substack":
            return f"\\substack{{{self.stacked()}}}"
        raise Refused(f"'\\{name}' is not known")

    def option(self) -> str:
        if self.peek() != "[":
            return ""
        self.take()
        written = self.until({"]"})
        self.expect("]")
        return f"[{{{written}}}]"

    def delimiter(self) -> str:
        token = self.take()
        if token in OPENERS:
            return token
        command = other_math(token).strip() if len(token) == 1 and token > "~" else token
        if command[:1] == "\\" and command[1:] in {*known.DELIMITERS, "|"}:
            return command + " "
        raise Refused(f"'{token or 'the end'}' is no delimiter")

    def fenced(self) -> str:
        opening = self.delimiter()
        inside = self.until({"\\right"})
        self.expect("\\right")
        return f"\\left{opening}{inside}\\right{self.delimiter()}"

    def stacked(self) -> str:
        self.expect("{")
        pieces = [self.until({"}", "\\\\"})]
        while self.take() == "\\\\":
            pieces.append(self.until({"}", "\\\\"}))
        return "\\\\ ".join(pieces)

    def environment(self) -> str:
        name = self.raw_group()
        columns = self.columns() if name == "array" else ""
        kind = known.OUTER.get(name, name)
        most = len(columns.strip("{}").replace("|", "")) if columns else known.ENVIRONMENTS.get(kind, 0)
        if name in known.TRANSPARENT:
            written = self.until({"\\end"})
        elif most:
            rows = self.rows({"\\end"}, most)
            written = _braced(f"\\begin{{{kind}}}{columns}{rows}\\end{{{kind}}}")
        else:
            raise Refused(f"the environment '{name}' is not known")
        self.expect("\\end")
        if self.raw_group() != name:
            raise Refused(f"the environment '{name}' does not end")
        return written

    def columns(self) -> str:
        columns = self.raw_group().replace(" ", "")
        if not re.fullmatch(r"[lcr|]+", columns):
            raise Refused(f"'{columns}' are no columns")
        return f"{{{columns}}}"

    def raw_group(self) -> str:
        """The characters between braces, as they stand; they hold neither command nor mathematics."""
        self.expect("{")
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            if self.tokens[self.at][:1] in ("\\", "{", "$"):
                raise Refused("text within it holds commands")
            self.at += 1
        text = "".join(self.tokens[start : self.at])
        self.expect("}")
        return text
