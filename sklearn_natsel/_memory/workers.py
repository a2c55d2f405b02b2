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
from functools import lru_cache
from itertools import chain
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from sklearn_natsel._memory.code import content_of
from sklearn_natsel._memory.globals import Global, changed_by, globals_of
from sklearn_natsel._memory.installed import (
    found_under_its_name,
    is_compiled,
    module_of,
    version_of,
)
from sklearn_natsel._memory.likeness import digest_of_shared, is_code
from sklearn_natsel._memory.names import names_in
from sklearn_natsel._memory.patches import Patch

_THIS_PROCESS = uuid.uuid4().hex


class Stamp(NamedTuple):
    """What a module has under some names."""

    module: str
    names: tuple[str, ...]

    changed: frozenset[str]
    """Attributes of classes and functions that the code changes: they do not count."""

    digest: str


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
    functions = [each for each in definitions if _is_own_function(each)]
    changed = [each for function in functions for each in changed_by(function)]
    names: defaultdict[str, set[str]] = defaultdict(set)
    for (module, name), value in chain.from_iterable(map(_found_in, definitions)):
        if module not in (None, "__main__") and not _is_changed(module, name, value, changed):
            names[str(module)].add(name)
    in_functions = (names_in(function.__code__).changed_attributes for function in functions)
    attributes = frozenset().union(*in_functions)
    return tuple(_stamp(module, sorted(own), attributes) for module, own in sorted(names.items()))


def _is_own_function(definition: Any) -> bool:
    return isinstance(definition, FunctionType) and version_of(module_of(definition)) is None


def _found_in(definition: Any) -> Iterator[tuple[tuple[str | None, str], Any]]:
    """Yield module, name and value of a definition, if workers find it so, and of what it reads."""
    if isinstance(definition, Patch):
        yield (definition.module, definition.name), definition.value
    elif isinstance(definition, ModuleType):
        if version_of(definition.__name__) is None and not is_compiled(definition):
            for name, value in content_of(definition):
                yield (definition.__name__, name), value
    elif isinstance(definition, (type, FunctionType)):
        module, name = definition.__module__, definition.__qualname__
        is_found = "." not in name and found_under_its_name(module, name) is definition
        if is_found and version_of(module) is None:
            yield (module, name), definition
    if _is_own_function(definition):
        for each in globals_of(definition):
            yield each.place, each.value


def _is_changed(module: str | None, name: str, value: Any, changed: Iterable[Global]) -> bool:
    """Whether data are changed by the code, under this name or under another one.

    Of functions and classes, that is what they have, and they count without it.
    """
    is_mutable = type(value).__hash__ is None
    return not is_code(value) and any(
        each.place == (module, name) or (is_mutable and each.value is value) for each in changed
    )


def _stamp(module: str, names: Iterable[str], changed: frozenset[str]) -> Stamp:
    found = [(name, found_under_its_name(module, name)) for name in names]
    return Stamp(module, tuple(names), changed, digest_of_shared(found, changed))


@lru_cache(maxsize=256)
def _check(stamp: Stamp) -> None:
    """Raise an error if a module is not what the stamp says; done once in a process."""
    with suppress(ImportError):
        importlib.import_module(stamp.module)
    if _stamp(stamp.module, stamp.names, stamp.changed) != stamp:
        raise OtherCodeError(
            f"The module {stamp.module!r} is not in the worker processes what it is in the search: "
            "it was edited, or something in it was set, after one of them had imported it "
            f"({', '.join(stamp.names)}). With 'memory', their scores would be kept as those of "
            "other code. Restart Python (in a notebook, the kernel), or set n_jobs=1 or "
            "memory=None."
        )
