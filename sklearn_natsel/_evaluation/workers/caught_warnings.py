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
    """Collect what is warned of, in a list that is filled at the end.

    What an error has cut short is told at once, for the list gets lost with it.

    Filters belong to the process, so threads would take each other's warnings:
    elsewhere than in the main thread, they are left alone.
    """
    caught: list[Caught] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught
        return
    try:
        with warnings.catch_warnings(record=True) as recorded:
            yield caught
    except BaseException:
        Messenger().pass_on(_told(recorded))
        raise
    caught += _told(recorded)


@contextmanager
def ignored(message: str) -> Iterator[None]:
    """Ignore a warning in all threads, and leave alone what others do with the filters."""
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


class Messenger:
    """Warns in this process of what was caught in workers."""

    def __init__(self) -> None:
        self._told: set[Caught] = set()

    def pass_on(self, caught: list[Caught]) -> None:
        """Warn of each, as Python does by default: no text twice from the same place."""
        for message, category, filename, line in caught:
            if (message, category, filename, line) not in self._told:
                self._told.add((message, category, filename, line))
                # The filters have let it pass where it arose; here they would take it for one of
                # another module.
                warnings.showwarning(_rebuilt(message, category), category, filename, line)


def _told(recorded: list[warnings.WarningMessage]) -> list[Caught]:
    return [(str(w.message), w.category, w.filename, w.lineno) for w in recorded]


def _rebuilt(message: str, category: type[Warning]) -> Warning:
    """Return a warning with this message, whatever the constructor of its category takes."""
    with suppress(Exception):
        if str(category(message)) == message:
            return category(message)
    methods = {"__init__": lambda self: None, "__str__": lambda self: message}
    return cast(Warning, type(category.__name__, (category,), methods)())
