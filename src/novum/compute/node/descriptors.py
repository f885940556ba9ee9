"""Descriptors that arrive over a local socket, which programs executed later must not inherit."""

import array
import socket


def receive(channel: socket.socket, size: int, most: int) -> tuple[bytes, list[int]]:
    """(data, at most `most` descriptors) of one message; no data at the end of file.

    Not `socket.recv_fds`: up to Python 3.11 it ignores its flags, and what it returns is inherited.
    """
    data, ancillary, _, _ = channel.recvmsg(
        size, socket.CMSG_SPACE(most * array.array("i").itemsize), socket.MSG_CMSG_CLOEXEC
    )
    found = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.frombytes(content[: len(content) - len(content) % found.itemsize])
    return data, list(found)
