"""Whether worker processes have the code that the keys were made from.

Functions and classes of modules are sent by name: a worker imports the file as it is by then, or
has imported it long ago. If it was edited in between, what runs there is not what the key says.
"""

from __future__ import annotations

import importlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from types import FunctionType
from typing import Any

from sklearn_natsel._memory.code import globals_of, members_of, names_stored_by
from sklearn_natsel._memory.digest import plain
from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.installed import found_under_its_name, version_of

_MADE_OF_CODE = (
    type,
    FunctionType,
    type(lru_cache(len)),
    partial,
    staticmethod,
    classmethod,
    property,
    cached_property,
)
_WRAPPED = ("__wrapped__", "__func__", "fget", "fset", "fdel", "func")

_THIS_PROCESS = uuid.uuid4().hex

Stamp = tuple[str, tuple[str, ...], str]
"""A module, names of functions and classes in it, and the digest of their code."""


class OtherCodeError(RuntimeError):
    """A worker process has other code than the search."""


class Guarded:
    """Calls a function, but in another process only if the modules are the same there.

    Parameters
    ----------
    function : callable
        What to call.

    stamps : tuple of Stamp
        As of `stamps_of`.
    """

    def __init__(self, function: Callable[..., Any], stamps: tuple[Stamp, ...]) -> None:
        self._function = function
        self._stamps = stamps
        self._process = _THIS_PROCESS

    def __call__(self, **kwargs: Any) -> Any:
        """Call the function.

        Raises
        ------
        OtherCodeError
            If a module is not the same here. Then nothing is called.
        """
        if self._process != _THIS_PROCESS:
            for stamp in self._stamps:
                _check(stamp)
        return self._function(**kwargs)


def stamps_of(definitions: Iterable[Any]) -> tuple[Stamp, ...]:
    """Return what identifies the code of those that are sent by the name of their module."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for definition in definitions:
        if isinstance(definition, (type, FunctionType)) and _is_sent_by_name(definition):
            names[definition.__module__].add(definition.__qualname__)
    return tuple(
        (module, tuple(sorted(own)), _code_digest(module, sorted(own)))
        for module, own in sorted(names.items())
    )


def _is_sent_by_name(definition: Any) -> bool:
    module, name = definition.__module__, definition.__qualname__
    if module == "__main__" or not isinstance(module, str) or version_of(module) is not None:
        return False
    return "." not in name and found_under_its_name(module, name) is definition


@lru_cache(maxsize=256)
def _check(stamp: Stamp) -> None:
    """Raise an error if a module is not what the stamp says; done once in a process."""
    module, names, digest = stamp
    with suppress(ImportError):
        importlib.import_module(module)
    if _code_digest(module, names) != digest:
        raise OtherCodeError(
            f"The module {module!r} is not in the worker processes what it is in the search: it "
            "was edited, or something in it was set, after one of them had imported it. With "
            "'memory', their scores would be kept as those of other code. Restart Python (in a "
            "notebook, the kernel), or set n_jobs=1 or memory=None."
        )


def _code_digest(module: str, names: Iterable[str]) -> str:
    """Return the digest of code, and of plain values that it reads and does not count up."""
    met: dict[int, Any] = {}
    for name in names:
        _collect(found_under_its_name(module, name), met)
    functions = [value for value in met.values() if isinstance(value, FunctionType)]
    values = [item for value in met.values() for item in _plain_values(value)]
    stored = {name for function in functions for name in names_stored_by(function.__code__)}
    constants = {(name, content) for name, content in values if name not in stored}
    return fingerprint(([function.__code__ for function in functions], sorted(constants)))


def _collect(definition: Any, met: dict[int, Any]) -> None:
    """Add functions and classes of the user's that a definition is made of, in order."""
    if id(definition) in met or not isinstance(definition, _MADE_OF_CODE):
        return
    met[id(definition)] = definition
    if isinstance(definition, type):
        if version_of(definition.__module__) is None:
            for _, member in members_of(definition):
                _collect(member, met)
        return
    for name in _WRAPPED:
        _collect(getattr(definition, name, None), met)
    for cell in getattr(definition, "__closure__", None) or ():
        with suppress(ValueError):  # it is empty
            _collect(cell.cell_contents, met)


def _plain_values(definition: Any) -> list[tuple[str, bytes]]:
    """Return the numbers, texts and so on that a function reads or a class has."""
    found: Iterable[tuple[str, Any]] = ()
    if isinstance(definition, FunctionType):
        found = globals_of(definition)
    elif isinstance(definition, type) and version_of(definition.__module__) is None:
        found = members_of(definition)
    contents = [(name, plain(value)) for name, value in found]
    return [(name, content) for name, content in contents if content is not None]
