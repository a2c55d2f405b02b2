"""Warnings that arise in workers reach the user."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

Caught = tuple[str, type[Warning], str, int]
"""Message, category and place of a warning."""


@contextmanager
def catching() -> Iterator[list[Caught]]:
    """Collect warnings in a list, which is filled at the end.

    If an error is raised, the list is lost with it: then the warnings are shown at once.

    Python has one set of warning filters for a whole process. Threads that changed it would take
    each other's warnings, so outside of the main thread nothing is collected.
    """
    caught: list[Caught] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught
        return
    try:
        with warnings.catch_warnings(record=True) as recorded:
            yield caught
    except BaseException:
        WarningRelay().pass_on(_texts(recorded))
        raise
    caught += _texts(recorded)


@contextmanager
def ignored(message: str) -> Iterator[None]:
    """Ignore a warning in all threads; filters that others set or remove meanwhile stay so."""
    filters = cast(list[Any], warnings.filters)
    before = list(filters)
    warnings.filterwarnings("ignore", message, UserWarning)
    own = filters[0]
    try:
        yield
    finally:
        if own not in before:
            with suppress(ValueError):  # somebody has removed it
                filters.remove(own)


class WarningRelay:
    """Shows in this process the warnings that were caught in workers."""

    def __init__(self) -> None:
        self._shown: set[Caught] = set()

    def pass_on(self, caught: list[Caught]) -> None:
        """Show each one, as Python does by default: no text twice from the same place."""
        for message, category, filename, line in caught:
            if (message, category, filename, line) not in self._shown:
                self._shown.add((message, category, filename, line))
                # Not by `warnings.warn`: the filters have judged it in the worker, and here they
                # would judge it as a warning of this module.
                warnings.showwarning(_rebuilt(message, category), category, filename, line)


def _texts(recorded: list[warnings.WarningMessage]) -> list[Caught]:
    return [(str(w.message), w.category, w.filename, w.lineno) for w in recorded]


def _rebuilt(message: str, category: type[Warning]) -> Warning:
    """Return a warning with this message, whatever arguments its category must be made with."""
    with suppress(Exception):
        if str(category(message)) == message:
            return category(message)
    methods = {"__init__": lambda self: None, "__str__": lambda self: message}
    return cast(Warning, type(category.__name__, (category,), methods)())
