"""What all processes that have imported a module have in it: its code, and its data.

What each process has for itself is left out: what the code changes, random generators, iterators,
objects of the user's classes. Globals that a function reads have places of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from sklearn_natsel._memory.code import bound_to, members_of
from sklearn_natsel._memory.digest import Digester, Node, UnstableError
from sklearn_natsel._memory.fingerprint import describe
from sklearn_natsel._memory.installed import is_installed, version_of
from sklearn_natsel._memory.names import names_in
from sklearn_natsel._memory.patches import Package

# Modules of what is another thing in each process.
_OF_ONE_PROCESS = (
    *("random.", "_random.", "numpy.random.", "weakref.", "_weakrefset."),
    *("keras.", "torch.nn.", "torch._C."),
)


def digest_of_shared(values: list[tuple[str, Any]], changed: Iterable[str]) -> str:
    """Return a digest of values with names, without what each process has for itself.

    Parameters
    ----------
    values : list of tuple of str and object
        What a module has under some names.

    changed : iterable of str
        Attributes of classes and functions that the code changes.
    """
    return _Likeness(frozenset(changed)).digest(values, cloned=True).hex()


def is_code(value: Any) -> bool:
    """Whether a value can be called, or is called where it is looked up, as a property is."""
    return callable(value) or hasattr(type(value), "__get__")


class _Likeness(Digester):
    def __init__(self, changed: frozenset[str]) -> None:
        super().__init__(self._describe_shared, (FunctionType, type))
        self._changed = changed

    def _describe_shared(self, value: Any, cloned: bool) -> Node:
        if isinstance(value, ModuleType):
            return Node(("module", value.__name__))
        if isinstance(value, Package):
            return Node(("package", value.name))
        if isinstance(value, FunctionType) and not is_installed(value):
            return self._describe_function(value)
        if isinstance(value, type) and not is_installed(value):
            return self._describe_class(value)
        if _is_of_one_process(value):
            return _describe_kind(value)
        try:
            return Node(*describe(value, cloned)[:3], cloned=True)
        except UnstableError:
            return _describe_kind(value)

    def _describe_function(self, function: FunctionType) -> Node:
        changed = self._changed | names_in(function.__code__).changed_variables
        bound = [(name, _content_of(value)) for _, name, value in bound_to(function)]
        return Node(("function",), [("", function.__code__), *_without(changed, bound)])

    def _describe_class(self, cls: type) -> Node:
        kinds = [("", kind) for kind in (type(cls), *cls.__bases__)]
        return Node(
            ("class", cls.__qualname__), [*kinds, *_without(self._changed, members_of(cls))]
        )


def _without(changed: frozenset[str], values: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in values if name not in changed or is_code(value)]


def _content_of(value: Any) -> Any:
    """Return what is in a cell, or the value itself."""
    if not isinstance(value, CellType):
        return value
    try:
        return value.cell_contents
    except ValueError:  # it is empty
        return None


def _is_of_one_process(value: Any) -> bool:
    kind = type(value)
    # Iterators have a position, vectorized functions a cache.
    if hasattr(kind, "__next__") or isinstance(value, np.vectorize):
        return True
    if f"{kind.__module__}.".startswith(_OF_ONE_PROCESS):
        return True
    is_plain = isinstance(value, (Enum, tuple)) or hasattr(kind, "get_params")
    return version_of(kind.__module__) is None and not is_plain


def _describe_kind(value: Any) -> Node:
    """Tell the class of an object, and the functions that it holds, such as one it decorates."""
    try:
        held = sorted(vars(value).items())
    except TypeError:  # it has no attributes
        held = []
    functions = [(name, each) for name, each in held if isinstance(each, FunctionType)]
    return Node(("of a kind",), [("", type(value)), *functions])
