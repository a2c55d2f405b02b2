"""Whether worker processes have the code that the keys were made from.

Functions and classes of modules are sent by name: a worker imports the file as it is by then, or
has imported it long ago. If it was edited in between, what runs there is not what the key says.
"""

from __future__ import annotations

import importlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from itertools import chain
from types import CodeType, FunctionType, MethodType
from typing import Any

from sklearn_natsel._memory.code import members_of
from sklearn_natsel._memory.data import describe_data
from sklearn_natsel._memory.digest import plain
from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.globals import globals_of
from sklearn_natsel._memory.installed import found_under_its_name, module_of, version_of
from sklearn_natsel._memory.names import names_in
from sklearn_natsel._memory.patches import Patch

_MAY_HOLD_CODE = (
    list,
    tuple,
    dict,
    type,
    FunctionType,
    type(lru_cache(len)),
    partial,
    MethodType,
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


def stamps_of(definitions: Collection[Any]) -> tuple[Stamp, ...]:
    """Return what identifies the definitions, and what they read, that workers find by name."""
    codes = (each for each in definitions if isinstance(each, CodeType))
    changed = frozenset().union(*(names_in(code).changed for code in codes))
    names: defaultdict[str, set[str]] = defaultdict(set)
    for module, name in chain.from_iterable(map(_places_of, definitions)):
        if module != "__main__" and name not in changed:
            names[module].add(name)
    return tuple(
        (module, tuple(sorted(own)), _digest_of(module, sorted(own)))
        for module, own in sorted(names.items())
    )


def _places_of(definition: Any) -> Iterator[tuple[str, str]]:
    """Yield the modules, and the names in them, of a definition and of what it reads."""
    if isinstance(definition, Patch):
        yield definition.module, definition.name
    elif isinstance(definition, (type, FunctionType)):
        module, name = definition.__module__, definition.__qualname__
        is_found = "." not in name and found_under_its_name(module, name) is definition
        if is_found and version_of(module) is None:
            yield module, name
    if isinstance(definition, FunctionType) and version_of(module_of(definition)) is None:
        for each in globals_of(definition):
            if each.module is not None:
                yield each.module, each.name.rpartition(".")[2]


@lru_cache(maxsize=256)
def _check(stamp: Stamp) -> None:
    """Raise an error if a module is not what the stamp says; done once in a process."""
    module, names, digest = stamp
    with suppress(ImportError):
        importlib.import_module(module)
    if _digest_of(module, names) != digest:
        raise OtherCodeError(
            f"The module {module!r} is not in the worker processes what it is in the search: it "
            "was edited, or something in it was set, after one of them had imported it "
            f"({', '.join(names)}). With 'memory', their scores would be kept as those of other "
            "code. Restart Python (in a notebook, the kernel), or set n_jobs=1 or memory=None."
        )


def _digest_of(module: str, names: Iterable[str]) -> str:
    """Return the digest of code and data that a module has under some names."""
    found = [(name, found_under_its_name(module, name)) for name in names]
    met: dict[int, Any] = {}
    for _, value in found:
        _collect(value, met)
    codes = [value.__code__ for value in met.values() if isinstance(value, FunctionType)]
    changed = frozenset().union(*(names_in(code).changed for code in codes))
    classes = [value for value in met.values() if _is_own_class(value)]
    values = [*found, *(member for cls in classes for member in members_of(cls))]
    values = [(name, value) for name, value in values if name not in changed]
    return fingerprint((codes, [(name, _data_in(value)) for name, value in values]))


def _is_own_class(value: Any) -> bool:
    return isinstance(value, type) and version_of(value.__module__) is None


def _data_in(value: Any) -> Any:
    """Return a value if it is data, else its kind: others may have a state of each process."""
    return value if _is_data(value) else (type(value).__module__, type(value).__qualname__)


def _is_data(value: Any) -> bool:
    if type(value) is dict:
        return all(map(_is_data, (*value, *value.values())))
    if type(value) in (list, tuple, set, frozenset):
        return all(map(_is_data, value))
    return plain(value) is not None or describe_data(value) is not None


def _collect(definition: Any, met: dict[int, Any]) -> None:
    """Add functions and classes of the user's that a definition is made of, in order."""
    if id(definition) in met or not isinstance(definition, _MAY_HOLD_CODE):
        return
    met[id(definition)] = definition
    if isinstance(definition, type):
        for _, member in members_of(definition) if _is_own_class(definition) else ():
            _collect(member, met)
        return
    if isinstance(definition, (list, tuple, dict)):
        for each in definition.values() if isinstance(definition, dict) else definition:
            _collect(each, met)
        return
    for name in _WRAPPED:
        _collect(getattr(definition, name, None), met)
    for cell in getattr(definition, "__closure__", None) or ():
        with suppress(ValueError):  # it is empty
            _collect(cell.cell_contents, met)
