"""What a worker process writes down, so that its death can be explained."""

from __future__ import annotations

import faulthandler
import os
import shutil
import tempfile
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from sklearn_natsel._orphans import end_with_parent


class Fate(Enum):
    """What became of a call whose worker is gone."""

    NOT_RUNNING = "it had not started, or was done"
    RUNNING = "it was running when the worker died"
    TIMED_OUT = "the worker was ended because it took too long"


class Witness:
    """A folder in which each call that runs has a file.

    The file is empty, and is removed at the end of the call. If that comes too
    late, Python's `faulthandler` writes into it where the call hangs and ends
    the process, from a thread of its own that needs no help from the
    interpreter: it also ends what hangs in compiled code.
    """

    def __init__(self) -> None:
        self._search = os.getpid()
        self._folder = Path(tempfile.mkdtemp(prefix="sklearn_natsel-"))

    def run(
        self,
        number: int,
        timeout: float | None,
        function: Callable[..., Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """Call a function, in a worker process, as the call of this number."""
        end_with_parent(self._search)
        try:
            file = self._file(number).open("w")
        except OSError:
            return function(**kwargs)  # a full disk is no reason to fail
        try:
            with file:
                if timeout is not None:
                    faulthandler.dump_traceback_later(timeout, exit=True, file=file)
                try:
                    return function(**kwargs)
                finally:
                    faulthandler.cancel_dump_traceback_later()
        finally:
            self._file(number).unlink(missing_ok=True)

    def fate(self, number: int) -> Fate:
        """Tell what became of a call, after its worker has died. Can be asked once."""
        file = self._file(number)
        try:
            fate = Fate.TIMED_OUT if file.stat().st_size else Fate.RUNNING
        except FileNotFoundError:
            return Fate.NOT_RUNNING
        file.unlink()
        return fate

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, number: int) -> Path:
        return self._folder / str(number)
