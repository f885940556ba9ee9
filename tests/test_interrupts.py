"""The first signal ends in good order, the second at once."""

import os
import signal
import threading
import time

import pytest

from novum.interrupts import INTERRUPTED, SIGNALS, Interrupts


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_one_breaks_off_a_thinking_step(number: signal.Signals) -> None:
    with Interrupts() as interrupts:
        cancelled: list[bool] = []
        interrupts.cancels(lambda: cancelled.append(True))
        with pytest.raises(KeyboardInterrupt), interrupts.thinking():
            signal.raise_signal(number)
        assert not cancelled


@pytest.mark.parametrize("number", SIGNALS)
def test_elsewhere_it_cancels_and_no_further_step_begins(number: signal.Signals) -> None:
    with Interrupts() as interrupts:
        cancelled: list[bool] = []
        interrupts.cancels(lambda: cancelled.append(True))
        signal.raise_signal(number)
        assert cancelled == [True]
        with pytest.raises(KeyboardInterrupt), interrupts.thinking():
            pytest.fail("a step began")


def test_one_that_came_too_early_is_not_forgotten() -> None:
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        cancelled: list[bool] = []
        interrupts.cancels(lambda: cancelled.append(True))
        assert cancelled == [True]


def test_one_amid_the_machinery_of_imports_waits_a_moment_and_is_not_lost() -> None:
    """Its callbacks would print what is raised in them and go on."""
    code = compile("raise_signal(SIGINT)", "<frozen importlib._bootstrap>", "exec")
    went_on = False
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.thinking():
        exec(code, {"raise_signal": signal.raise_signal, "SIGINT": signal.SIGINT})
        went_on = True
        time.sleep(20)
    assert went_on


@pytest.mark.parametrize("second", SIGNALS)
def test_the_second_one_ends_the_process_at_once(second: signal.Signals) -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write, 2)
        with Interrupts():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(second)
        os._exit(0)
    os.close(write)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == INTERRUPTED
    assert os.read(read, 1000).count(b"\n") == 1
    os.close(read)


def test_handlers_are_put_back_and_other_threads_are_left_alone() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interrupts():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
    faults: list[BaseException] = []

    def elsewhere() -> None:
        try:
            with Interrupts() as interrupts, interrupts.thinking():
                pass
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert not faults
