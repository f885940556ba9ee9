import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from novum.errors import Busy
from novum.journal import WriterLock
from novum.journal.lock import is_locked

HOLD = """
import sys, time
from pathlib import Path
from novum.journal import WriterLock
WriterLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""

ASK = """
import sys
from pathlib import Path
from novum.journal.lock import is_locked
print(is_locked(Path(sys.argv[1])))
"""


def holding(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_writes(tmp_path: Path) -> None:
    process = holding(tmp_path)
    try:
        assert is_locked(tmp_path)
        with pytest.raises(Busy, match=f"process {process.pid} on"):
            WriterLock(tmp_path, wait=0.1).acquire()
    finally:
        process.kill()
        process.communicate()
    WriterLock(tmp_path, wait=2).acquire().release()


def test_within_one_process_it_excludes_too_and_survives_being_asked(tmp_path: Path) -> None:
    with WriterLock(tmp_path):
        with pytest.raises(Busy, match="this very process"):
            WriterLock(tmp_path, wait=0.05).acquire()
        assert is_locked(tmp_path)
        seen = subprocess.run(
            [sys.executable, "-c", ASK, str(tmp_path)], capture_output=True, text=True, check=True
        )
        assert seen.stdout == "True\n"
    assert not is_locked(tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path).acquire()
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    lock.release()
    try:
        WriterLock(tmp_path, wait=0.5).acquire().release()
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
