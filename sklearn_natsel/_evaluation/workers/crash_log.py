"""What worker processes write down, so that it is known which calls ran when one of them died."""

from __future__ import annotations

import faulthandler
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

from sklearn_natsel._evaluation.workers.orphans import end_with_parent

# Characters of the number of a call in a file.
_WIDTH = 20


class CallState(Enum):
    """What a lost call was doing when its worker was lost."""

    NOT_RUNNING = "it had not started, or was done"
    RUNNING = "it was running when the worker died"
    TIMED_OUT = "the worker was ended because the call took too long"


class CrashLog:
    """A folder in which each worker process has a file: the number of the call that it runs.

    The number is wiped out at the end of the call. If that comes too late, Python's
    `faulthandler` writes behind the number where the call hangs and ends the
    process, from a thread of its own that needs no help from the interpreter: it
    also ends what hangs in compiled code.
    """

    def __init__(self) -> None:
        self._search_pid = os.getpid()
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="sklearn_natsel-"))
        except OSError:  # a full disk is no reason to fail
            self._folder = Path(os.devnull)

    def record_call(
        self,
        number: int,
        timeout: float | None,
        function: Callable[..., Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """Call a function in a worker process; the file has the number while the call runs."""
        end_with_parent(self._search_pid)
        try:
            file = _own_file(self._folder)
            os.pwrite(file, str(number).rjust(_WIDTH).encode(), 0)
        except OSError:  # a full disk is no reason to fail
            with open(os.devnull, "wb") as nowhere:
                return _call_in_time(timeout, nowhere.fileno(), function, kwargs)
        try:
            return _call_in_time(timeout, file, function, kwargs)
        finally:
            with suppress(OSError):
                os.pwrite(file, b" " * _WIDTH, 0)

    def pop_state(self, number: int) -> CallState:
        """Return what a call was doing when its worker died, and remove it from the log."""
        for path in self._folder.glob("*"):
            text = path.read_bytes()
            if text[:_WIDTH].strip() == str(number).encode():
                path.unlink()
                return CallState.TIMED_OUT if len(text) > _WIDTH else CallState.RUNNING
        return CallState.NOT_RUNNING

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _call_in_time(
    timeout: float | None, file: int, function: Callable[..., Any], kwargs: dict[str, Any]
) -> Any:
    """Call a function; if it takes too long, write into a file where it is and end the process."""
    if timeout is None:
        return function(**kwargs)
    # Clocks have an end: no call will take so many years.
    wait = min(timeout, threading.TIMEOUT_MAX)
    faulthandler.dump_traceback_later(wait, exit=True, file=file)
    try:
        return function(**kwargs)
    finally:
        faulthandler.cancel_dump_traceback_later()


# The file of this process, by its folder: it stays open, for a call may take microseconds.
_open_files: dict[Path, int] = {}


def _own_file(folder: Path) -> int:
    """Return the descriptor of the file of this process."""
    if folder not in _open_files:
        while _open_files:
            os.close(_open_files.popitem()[1])
        file = os.open(folder / str(os.getpid()), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.lseek(file, _WIDTH, os.SEEK_SET)  # where `faulthandler` will write
        _open_files[folder] = file
    return _open_files[folder]
