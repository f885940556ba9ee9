"""The first and the last bytes of a stream, with how much was left out between them."""


class HeadAndTail:
    """Keeps `size` bytes of each end of what is fed to it; `total` counts all bytes."""

    def __init__(self, size: int = 4096):
        self.size = size
        self.total = 0
        self._head = b""
        self._tail = b""

    def feed(self, data: bytes) -> None:
        self.total += len(data)
        room = self.size - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[room:] if room < len(data) else self._tail)[-self.size :]

    def text(self) -> str:
        left_out = self.total - len(self._head) - len(self._tail)
        gap = f"\n[… {left_out} bytes left out …]\n".encode() if left_out else b""
        return (self._head + gap + self._tail).decode("utf-8", errors="replace").replace("\x00", "�")
