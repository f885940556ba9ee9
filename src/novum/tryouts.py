"""What a model wrote of a topic, put through the conformance suite of domains: recorded, so never run twice.

It is known by the content of its files. The suite runs them as trials are run, in the sandbox of the study.
"""

from collections.abc import Mapping

from msgspec import Struct

from novum.canonical import digest
from novum.domains.check import try_domain
from novum.domains.contract import domain_of
from novum.domains.places import DESCRIPTION
from novum.errors import DomainError, MachineError
from novum.events import DomainTried
from novum.protocols import Executor
from novum.recording import Recorder
from novum.records import Check, Domain


class Tried(Struct, frozen=True, kw_only=True):
    """`novum.protocols.TriedDomain`."""

    domain: Domain | None
    checks: tuple[Check, ...]
    log: str


class RecordedTryouts:
    """`novum.protocols.Tryouts` of a study under way."""

    def __init__(self, recorder: Recorder, executor: Executor, sandbox: str):
        self._recorder = recorder
        self._executor = executor
        self._sandbox = sandbox

    async def tried(self, files: Mapping[str, str]) -> Tried:
        """What the suite finds of a folder's files.

        Raises:
            MachineError: the machine, not the domain, kept the suite from its end.
        """
        domain, fault = self._read(files)
        key = digest(dict(files))
        if key not in self._recorder.state.tryouts:
            self._recorder.commit(await self._outcome(files, domain, fault))
        found = self._recorder.state.tryouts[key]
        return Tried(domain=domain, checks=found.checks, log=found.log)

    async def _outcome(self, files: Mapping[str, str], domain: Domain | None, fault: str) -> DomainTried:
        if domain is None:
            broken = Check(id="contract", passed=False, detail=fault)
            return DomainTried(files=dict(files), checks=(broken,))
        found = await try_domain(domain, self._recorder.blobs, self._executor, self._sandbox)
        if found.lost:
            raise MachineError(
                f"the domain could not be tried: {found.lost}", fix="see novum doctor, then novum resume"
            )
        return DomainTried(files=dict(files), checks=found.checks, log=found.log)

    def _read(self, files: Mapping[str, str]) -> tuple[Domain | None, str]:
        """The domain, or why there is none."""
        contents = {path: self._recorder.blobs.get(sha) for path, sha in files.items()}
        text = contents.get(DESCRIPTION, b"").decode("utf-8", "replace")
        try:
            return domain_of(text, contents, self._recorder.blobs), ""
        except DomainError as fault:
            return None, str(fault)
