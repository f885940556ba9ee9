"""The slot *specify*: a model writes a domain from a topic page; another question has its program written.

Who writes the evaluator sees the page and, later, what the machine found. Who writes the program sees what
any later author of a program sees: the description, the background and `interface.md`, never `prepare.py` or
`evaluator.py`. The machine tries the two together by the conformance suite of domains, and faults go back, to
the program's author where the program is at fault, a bounded number of times.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import structs

from novum import patches
from novum.domains import written
from novum.domains.check import static_checks
from novum.domains.contract import domain_of
from novum.domains.topics import parsed
from novum.domains.written import BACKGROUND, DESCRIPTION, EVALUATOR, INTERFACE, PREPARE, PROGRAM
from novum.errors import DomainError
from novum.patches import PatchError
from novum.protocols import Services, TriedDomain
from novum.records import Domain, ModelAnswer, ModelRequest
from novum.scientists.language import specify_requests as requests
from novum.scientists.language.edits import EditError, edited
from novum.scientists.language.told import Told
from novum.state import State
from novum.steps.specify import ROUNDS, Specified, failed, told
from novum.steps.typed import Failed, Misfit, ask_until

TRIES = 3  # answers to one question, the first included
WRITTEN = (DESCRIPTION, BACKGROUND, INTERFACE, PREPARE, EVALUATOR)
PROGRAMS = ("plain", "repeats")  # checks that fail by the program
NOTE = "PROGRAM:"

Files = dict[str, str]


class _GaveUp(Exception):
    """No answer could be used; says why."""


async def specify(view: State, services: Services) -> Specified:
    """The files of a domain that passes its conformance suite, or why there are none."""
    desk = _Desk(view, services)
    try:
        return await desk.work()
    except _GaveUp as error:
        return Specified(reason=" ".join(str(error).split())[:400], drafts=tuple(desk.told.drafts))


class _Desk:
    """One specification under way."""

    def __init__(self, view: State, services: Services):
        assert view.topic is not None and view.settings is not None
        self.topic, self.settings, self.services = view.topic, view.settings, services
        blobs = services.blobs
        self.page = parsed(blobs.get(self.topic.page).decode("utf-8", "replace"))
        self.works = {key: dict(entry) for key, entry in services.literature.entries().items()}
        self.parts: Files = {}
        if self.topic.evaluator:
            self.parts[EVALUATOR] = blobs.get(self.topic.evaluator).decode("utf-8", "replace")
        self.editable = tuple(path for path in WRITTEN if path not in self.parts)
        self.program = ""
        self.authors: dict[str, str] = {}
        self.told = Told("domain")

    async def work(self) -> Specified:
        await self._describe(requests.first(self.page, self.works, self.parts, self.settings.budget))
        await self._write_program("")
        reason = ""
        for turn in range(ROUNDS):
            files = {path: self._put(text) for path, text in self.files().items()}
            tried = await self.services.tryouts.tried(files)
            if tried.domain is not None and not failed(tried.checks):
                return Specified(files=files, drafts=tuple(self.told.drafts))
            reason = self.told.note(told(tried.checks))
            if turn < ROUNDS - 1:
                await self._mend(tried)
        raise _GaveUp(f"after {ROUNDS} tries it still does not pass: {reason}")

    def files(self, program: str | None = None) -> Files:
        """The folder as it is now, path -> text."""
        topic = {"id": self.topic.id, "title": self.topic.title, "references": self.page.references}
        parts = self.parts | {PROGRAM: self.program if program is None else program}
        return written.folder_of(parts, topic, self.authors)

    def _put(self, text: str) -> str:
        return self.services.blobs.put(text.encode())

    # --- what is measured and how -----------------------------------------------------------------------

    async def _describe(self, request: ModelRequest, note: bool = False) -> str:
        """Have all but the program written or mended; returns a note for the program's author."""
        answer, after = await self._answered(request, self.parts, self.editable, self._fault, note)
        self.parts = after
        if EVALUATOR in self.editable:
            self.authors["evaluator"] = answer.model
        self.authors["prepare"] = answer.model
        return _note_in(answer.text) if note else ""

    def _fault(self, parts: Files) -> str:
        """What can be said of the files before anything runs."""
        wrong = written.fault_of(parts) or written.needs_budget(parts[DESCRIPTION], self.settings.budget)
        if wrong:
            return wrong
        before, self.parts = self.parts, parts
        try:
            domain = self.domain()
        except DomainError as fault:
            return written.described(fault)
        finally:
            self.parts = before
        return told(list(static_checks(domain, self.services.blobs)))

    def domain(self) -> Domain:
        """The domain as described, whatever program there is yet.

        Raises:
            DomainError: it breaks the contract.
        """
        files = self.files(self.program or "pass\n")
        return domain_of(files[DESCRIPTION], {p: t.encode() for p, t in files.items()}, self.services.blobs)

    # --- the program --------------------------------------------------------------------------------------

    async def _write_program(self, found: str) -> None:
        """Have the program written, or mended after what was `found`."""
        request = requests.program(
            self.domain(), self.services.blobs, self.parts[INTERFACE], self.program, found
        )
        before = {PROGRAM: self.program} if self.program else {}
        answer, after = await self._answered(request, before, (PROGRAM,), _has_program)
        self.program = after[PROGRAM]
        self.authors["program"] = answer.model

    # --- mending ------------------------------------------------------------------------------------------

    async def _mend(self, tried: TriedDomain) -> None:
        if by_program(tried):
            await self._write_program(f"{told(tried.checks)}\n\n{_of_program(tried.log)}".strip())
            return
        before = dict(self.parts)
        note = await self._describe(
            requests.again(self.page, self.works, self.parts, self.program, told(tried.checks), tried.log,
                           self.editable), note=True)  # fmt: skip
        if note or any(before[path] != self.parts[path] for path in (DESCRIPTION, INTERFACE)):
            await self._write_program(
                note or "The description or the interface has changed; keep to it as it is now."
            )

    # --- asking -------------------------------------------------------------------------------------------

    async def _answered(
        self,
        request: ModelRequest,
        before: Files,
        editable: Sequence[str],
        check: Callable[[Files], str],
        note: bool = False,
    ) -> tuple[ModelAnswer, Files]:
        """An answer whose edits can be made and pass the check, and the files after them.

        With `note`, an answer that edits nothing and has a line for the program's author will do.
        """
        asked = structs.replace(
            request, workspace={p: self._put(t) for p, t in before.items()}, editable=tuple(editable)
        )

        def read(answer: ModelAnswer) -> tuple[ModelAnswer, Files]:
            try:
                after = _after(before, answer, editable, note)
                reason = check(after)
            except (EditError, PatchError) as error:
                reason = str(error)
            if reason:
                raise Misfit(self.told.note(reason))
            return answer, after

        found = await ask_until(self.services.models, asked, read, requests.AGAIN,
                                repairs=TRIES - 1, quoted=requests.QUOTED_TOKENS)  # fmt: skip
        if isinstance(found, Failed):
            raise _GaveUp(f"no answer could be used in {found.asked}; the last: {found.reason}")
        return found


def _after(before: Files, answer: ModelAnswer, editable: Sequence[str], note: bool) -> Files:
    if answer.patch:
        return dict(patches.applied(before, answer.patch))
    if note and _note_in(answer.text) and "<<<<" not in answer.text:
        return dict(before)
    return edited(before, answer.text, editable)


def _note_in(text: str) -> str:
    lines = (line.strip().lstrip("*# ") for line in text.splitlines())
    return " ".join(line.removeprefix(NOTE).strip() for line in lines if line.startswith(NOTE))


def _has_program(files: Mapping[str, str]) -> str:
    return "" if files.get(PROGRAM, "").strip() else f"{PROGRAM} is missing; write it as a whole file"


def by_program(tried: TriedDomain) -> bool:
    """Whether everything that failed failed in the program, as far as a machine can tell."""
    return all(
        check.id in PROGRAMS
        or (check.id == "runs" and check.detail.startswith("program "))
        or (check.id == "levels" and all(": program " in part for part in check.detail.split("; ")))
        for check in failed(tried.checks)
    )


def _of_program(log: str) -> str:
    """The program's part of a log: its author is not shown what the evaluator says."""
    return "\n\n".join(part for part in log.split("\n\n[") if part.lstrip("[").startswith("program,"))
