"""Long work that Ctrl-C ends early: the first asks for the best so far, the second quits.

The work runs in a thread of its own, because Python answers signals in the main thread only, and the solver would
keep that one busy.
"""

from __future__ import annotations

import concurrent.futures
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self, TypeVar

from api.cli.terminal import say
from solver.engine import Stop

ResultT = TypeVar("ResultT")


class Interrupts:
    """While this is open, Ctrl-C is counted instead of ending the process."""

    def __init__(self) -> None:
        self.count = 0
        self._before = signal.getsignal(signal.SIGINT)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._noted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)

    def _noted(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def run(self, work: Callable[[Stop], ResultT]) -> ResultT:
        """The result of `work`, which gets the Stop that the first Ctrl-C requests.

        Raises what it raises, and KeyboardInterrupt at the second; the work may then still be going on.
        """
        stop = Stop()
        future: concurrent.futures.Future[ResultT] = concurrent.futures.Future()
        threading.Thread(
            target=_complete, args=(future, work, stop), name="evenhand-work", daemon=True
        ).start()
        while not concurrent.futures.wait([future], timeout=0.05).done:
            if self.count and not stop.requested:
                stop.request()
                say("evenhand: stopping with the best plan so far (Ctrl-C again quits without one)")
            if self.count > 1:
                raise KeyboardInterrupt
        return future.result()


def _complete(
    future: concurrent.futures.Future[ResultT], work: Callable[[Stop], ResultT], stop: Stop
) -> None:
    try:
        future.set_result(work(stop))
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the result
        future.set_exception(error)
