"""Ctrl-C: the first one ends the search cleanly, the second one at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """Holds the first interrupt back until fits are being waited for.

    While results are recorded and kept, the first interrupt waits, so that nothing is
    left half done. Every further one raises `KeyboardInterrupt` at once, wherever the
    program is.

    Only the main thread gets signals, and a handler that other code has installed stays.
    In another thread, or with such a handler, this class changes nothing.

    Attributes
    ----------
    count : int
        Interrupts so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._is_nested = False
        self._is_allowed = False
        self._previous: Any = None

    def __enter__(self) -> Interrupts:
        in_main_thread = threading.current_thread() is threading.main_thread()
        handler = signal.getsignal(signal.SIGINT)
        self._is_nested = isinstance(getattr(handler, "__self__", None), Interrupts)
        if in_main_thread and handler is signal.default_int_handler:
            self._previous = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _on_interrupt(self, signum: int, frame: FrameType | None) -> None:
        self.count += 1
        if self._is_allowed or self.count > 1:
            raise KeyboardInterrupt

    def raise_if_due(self, stop_reason: str) -> None:
        """Raise `KeyboardInterrupt` if a search that has ended for this reason may not return.

        Two interrupts end everything. A single one is for the outermost search: if a search
        within it returned what it has found so far, that would be taken for a finished fit.
        """
        if self.count > 1 or (self._is_nested and stop_reason == "interrupted"):
            raise KeyboardInterrupt

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Raise `KeyboardInterrupt` at the first interrupt, also if it came before.

        It is raised again at the end, because some estimators catch it and return as if they
        were fitted.
        """
        self._is_allowed = True
        try:
            self._raise_if_interrupted()
            yield
            self._raise_if_interrupted()
        finally:
            self._is_allowed = False

    def _raise_if_interrupted(self) -> None:
        if self.count:
            raise KeyboardInterrupt
