"""The filter's decisions, by running its instructions: also those for architectures we are not on."""

import errno
import os
import struct

import pytest

from novum.compute.node import seccomp

ALLOW, KILL = "allow", "kill"
X86, ARM = 0xC000003E, 0xC00000B7


def decide(program: bytes, architecture: int, number: int, *arguments: int) -> str | int:
    """Run a filter on one call: "allow", "kill", or the error number that the caller gets."""
    data = struct.pack("<IIQ", number, architecture, 0) + struct.pack(
        "<6Q", *arguments, *[0] * (6 - len(arguments))
    )
    code = [struct.unpack("HBBI", program[i : i + 8]) for i in range(0, len(program), 8)]
    accumulator, at = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif operation == 0x06:
            return {0x7FFF0000: ALLOW, 0x80000000: KILL}.get(value, value & 0xFFFF)
        else:
            test = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            at += yes if test[operation] else no


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    names = os.uname()
    uname = os.uname_result((names.sysname, names.nodename, names.release, names.version, request.param))
    monkeypatch.setattr(seccomp.os, "uname", lambda: uname)
    return request.param


def filtered(machine: str, name: str, *arguments: int, local: bool = True) -> str | int:
    architecture, numbers = seccomp._ARCHITECTURES[machine]
    return decide(seccomp.build(local), architecture, numbers[name], *arguments)


def test_what_no_experiment_needs_is_refused(machine: str) -> None:
    for name in ("ptrace", "shmget", "keyctl", "bpf", "mount", "unshare", "setns", "process_vm_readv"):
        assert filtered(machine, name) == errno.EPERM
    for name in ("memfd_create", "io_uring_setup", "userfaultfd", "clone3"):
        assert filtered(machine, name) == errno.ENOSYS


def test_ordinary_calls_pass(machine: str) -> None:
    architecture, numbers = seccomp._ARCHITECTURES[machine]
    for number in set(range(460)) - set(numbers.values()):
        assert decide(seccomp.build(True), architecture, number) == ALLOW


def test_processes_yes_namespaces_no(machine: str) -> None:
    assert filtered(machine, "clone", 0x11) == ALLOW
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert filtered(machine, "clone", 0x11 | flag) == errno.EPERM


def test_sockets(machine: str) -> None:
    assert filtered(machine, "socket", 1) == ALLOW
    assert filtered(machine, "socket", 1, local=False) == errno.EACCES
    for family in (2, 10, 16, 17):
        assert filtered(machine, "socket", family) == errno.EACCES


def test_typing_into_terminals(machine: str) -> None:
    assert filtered(machine, "ioctl", 0, 0x5412) == errno.EPERM
    assert filtered(machine, "ioctl", 0, 0x541C) == errno.EPERM
    assert filtered(machine, "ioctl", 0, 0x5401) == ALLOW


def test_other_architectures_are_killed(machine: str) -> None:
    other = ARM if machine == "x86_64" else X86
    assert decide(seccomp.build(True), other, 0) == KILL


def test_the_second_numbering_of_x86_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("only x86_64 has it")
    assert decide(seccomp.build(True), X86, 0x40000000 + 1) == errno.ENOSYS
