"""The runner's side of warm starts: keeps zygotes, and asks them for trials.

There is one zygote for each layer, environment, kind of user and role, so that program, evaluator and
`prepare` never share one. The first processes of trials are made ahead, one set for the job that comes next,
and wait for the word to begin. A zygote that cannot be had is no failure: the stage starts cold.
"""

import contextlib
import json
import os
import select
import socket
from collections.abc import Iterator

from novum.compute.node import descriptors, limits, view, zygote
from novum.compute.node.watch import CoordinatorGone, Pipes, Root
from novum.compute.sandbox import layers

_PATIENCE = 30.0
_SPARE = 60_000  # bytes of a message that surely fit into a socket's buffer
_STARTS = 3


class Refused(Exception):
    """No warm start; the message says why."""


class Zygote:
    """A running zygote: our end of its socket, where it complains, and whom its trials run as (null: us)."""

    def __init__(self, control: socket.socket, complaints: int, uid: int | None):
        self.control = control
        self.complaints = complaints
        self.uid = uid

    def ended(self) -> bool:
        """It never sends anything, so whatever there is to read is its end."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        self.control.close()
        os.close(self.complaints)

    def last_words(self) -> str:
        """What it printed before it ended."""
        os.set_blocking(self.complaints, False)
        with contextlib.suppress(BlockingIOError):
            said = os.read(self.complaints, 1 << 16).decode(errors="replace").strip()
            return said.rsplit("\n", 1)[-1][:300]
        return ""


class Nestling:
    """A trial's first process, walled in already, that waits for the word to begin."""

    def __init__(self, found: Zygote, pipes: Pipes):
        self.pipes = pipes
        self.uid = found.uid
        self._zygote = found
        self._channel = socket.socket(fileno=os.dup(pipes.report))
        self._work = -1

    def meet(self, coordinator: int | None) -> tuple[Root, str]:
        """Wait until it is ready: (what is known of it, the path of its empty folder, for us alone).

        Raises:
            Refused: nothing has run, and the stage may be started otherwise.
            CoordinatorGone: the coordinator ended.
        """
        with self._explained():
            handle = self._given(coordinator)
            root = Root(_number(handle), handle)
            self._work = self._given(coordinator)
        return root, f"/proc/self/fd/{self._work}/."

    def begin(self, spec: dict) -> None:
        """Have it run `spec`. Raises Refused: nothing has run, and the stage may be started otherwise."""
        message = json.dumps(spec).encode() + b"\n"
        if len(message) > _SPARE:
            raise Refused("its command is too long")
        with self._explained():
            self._channel.sendall(message)
        self._channel.close()

    def let_work_go(self) -> None:
        """Let its folder end with it."""
        if self._work >= 0:
            os.close(self._work)
            self._work = -1

    def abandon(self) -> None:
        """Let it end unused."""
        self._channel.close()
        self.let_work_go()
        self.pipes.abandon()

    def _given(self, coordinator: int | None) -> int:
        """A descriptor that is on its way to us."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN | select.POLLHUP)
        if coordinator is not None:
            poll.register(coordinator, select.POLLIN | select.POLLHUP)  # it never says anything
        ready = {number for number, _ in poll.poll(_PATIENCE * 1000)}
        if coordinator in ready:
            raise CoordinatorGone
        if self._channel.fileno() not in ready:
            raise Refused("the zygote did not answer")
        data, handles = descriptors.receive(self._channel, 1 << 16, 1)
        if handles and not data.strip():
            return handles[0]
        for handle in handles:  # a complaint may come before what was sent with it, and be read along with it
            os.close(handle)
        raise Refused(_reason(data) or self._end())

    def _end(self, why: str = "") -> str:
        said = self._zygote.last_words() or why
        return f"the zygote ended: {said}" if said else "the zygote ended"

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Refused(self._end(error.strerror or str(error))) from error


class Zygotes:
    """Zygotes, made on demand and kept; `place` is a folder for what they need, which must be empty."""

    def __init__(self, place: str):
        self.place = place
        self._live: dict[str, Zygote] = {}
        self._started: dict[str, int] = {}
        self._spare: dict[str, Nestling] = {}
        self._latest: tuple[dict, list[tuple[str, dict]]] = {}, []

    def prepare(self, request: dict) -> None:
        """Start what the stages of a job will need, without waiting for it.

        Raises:
            OSError: a process or folder cannot be made.
        """
        for name in sorted({name for name, _ in self._wanted(request)}):
            if name in self._live and self._live[name].ended():
                self._forget(name)
            if name not in self._live and self._started.get(name, 0) < _STARTS:
                self._started[name] = self._started.get(name, 0) + 1
                self._live[name] = self._start(request, sum(self._started.values()))

    def _forget(self, name: str) -> None:
        """Let go of a zygote and of what waits in it."""
        spare = self._spare.pop(name, None)
        if spare is not None:
            spare.abandon()
        self._live.pop(name).close()

    def close(self) -> None:
        """Let all of them end."""
        for name in list(self._live):
            self._forget(name)

    def take(self, request: dict) -> dict[str, Nestling]:
        """First processes for all stages that can start warm, by the stage's name: spare or new."""
        found = {}
        for name, stage in self._wanted(request):
            nestling = self._spare.pop(name, None) or self._ask(name, stage)
            if nestling is not None:
                found[stage["name"]] = nestling
        return found

    def spare(self, request: dict) -> None:
        """Have first processes made for another job like this one, so that it need not wait for them."""
        for name, stage in dict(self._wanted(request)).items():
            if name not in self._spare:
                nestling = self._ask(name, stage)
                if nestling is not None:
                    self._spare[name] = nestling

    def _wanted(self, request: dict) -> list[tuple[str, dict]]:
        """(name of its zygote, stage) of what can start warm of a job; made out once for each job."""
        if self._latest[0] is not request:
            seen = json.dumps(request["environment"], sort_keys=True)
            kind = (request["layer"], str(request["drop_user"]), seen)
            named = [("\0".join((*kind, stage["name"])), stage) for stage in _eligible(request)]
            self._latest = request, named
        return self._latest[1]

    def _ask(self, name: str, stage: dict) -> Nestling | None:
        """Ask a zygote for a trial's first process, for a stage like this one; None if it has ended."""
        found = self._live.get(name)
        if found is None:
            return None
        pipes = Pipes()
        try:
            sizes = json.dumps(limits.memory_sizes(stage["limits"])).encode()
            socket.send_fds(found.control, [sizes], pipes.theirs)
        except OSError:
            pipes.abandon()
            return None
        pipes.let_go()  # else we would not see it if the zygote ended
        return Nestling(found, pipes)

    def _start(self, request: dict, index: int) -> Zygote:
        environment = request["environment"]
        place = os.path.join(self.place, str(index))
        uid = _user(request, index)
        inside = (os.geteuid(), os.getegid()) if uid is None else (uid, uid)
        view.write_etc(os.path.join(place, "etc"), *inside)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        heard, said = os.pipe()
        libraries = sorted(set(environment["libraries"]) & set(zygote.TRUSTED))
        nest = layers.Nest(
            environment=environment,
            folder=place,
            uid=uid,
            control=theirs.fileno(),
            complaints=said,
            words=["zygote", str(theirs.fileno()), "" if uid is None else str(uid), ",".join(libraries),
                   "." * zygote.ROOM],
            variables=limits.clean_environment(view.WORK, "/tmp", view.LIBRARIES),
        )  # fmt: skip
        layers.get(request["layer"]).start_zygote(nest)
        theirs.close()
        os.close(said)
        return Zygote(ours, heard, uid)


def _eligible(request: dict) -> list[dict]:
    """The stages of a job that a zygote could run."""
    if not request["warm"] or request["layer"] not in layers.WITH_ZYGOTES:
        return []
    room = limits.memory_available() // 4  # what a stage writes stays in memory until it has ended
    return [stage for stage in request["job"]["stages"] if _could_fork(stage, room)]


def _could_fork(stage: dict, room: int) -> bool:
    return stage["command"][0] == "python" and limits.memory_sizes(stage["limits"])["work"] <= room


def _user(request: dict, index: int) -> int | None:
    """The user a root runner's zygote becomes, if that one can read the libraries."""
    libraries = request["environment"]["libraries"].values()
    if request["drop_user"] and limits.others_may_read(libraries):
        return limits.unprivileged_user(index)
    return None


def _reason(data: bytes) -> str:
    """What it said instead of giving something; empty if nothing."""
    with contextlib.suppress(ValueError):
        return str(json.loads(data.split(b"\n", 1)[0]).get("error", ""))
    return ""


def _number(handle: int) -> int:
    """The number, here, of the process that a descriptor stands for."""
    with open(f"/proc/self/fdinfo/{handle}") as facts:
        return next(int(line.split()[1]) for line in facts if line.startswith("Pid:"))
