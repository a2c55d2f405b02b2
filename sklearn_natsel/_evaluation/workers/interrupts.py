"""Ctrl-C: the first one ends the search cleanly, the second one at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """Lets the first interrupt in only while fits are being waited for.

    Elsewhere, while results are told, recorded and kept, it waits until the next
    fits: nothing is left half done. Every further one is a `KeyboardInterrupt`
    wherever the program is.

    Only the main thread gets signals, and a handler that someone else has
    installed stays: then every interrupt is what it is without this.

    Attributes
    ----------
    count : int
        Interrupts so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._is_nested = False
        self._welcome = False
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
        if self._welcome or self.count > 1:
            raise KeyboardInterrupt

    def raise_if_due(self, stop_reason: str) -> None:
        """Raise `KeyboardInterrupt` if a search that has ended for this reason may not return.

        Two interrupts end everything. A single one belongs to the outermost search: what a
        search within another one has found by then would be taken for a finished fit.
        """
        if self.count > 1 or (self._is_nested and stop_reason == "interrupted"):
            raise KeyboardInterrupt

    @contextmanager
    def welcome(self) -> Iterator[None]:
        """Raise `KeyboardInterrupt` at the first interrupt, also if it has come before.

        And again at the end: some estimators catch it, and return as if they were fitted.
        """
        self._welcome = True
        try:
            self._raise_if_interrupted()
            yield
            self._raise_if_interrupted()
        finally:
            self._welcome = False

    def _raise_if_interrupted(self) -> None:
        if self.count:
            raise KeyboardInterrupt
