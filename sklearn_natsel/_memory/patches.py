"""What the user has put into installed packages: their version does not tell of it.

Any code of a package may call it, so all loaded modules of a package are looked through, and the
classes in them. Those of the standard library are not: much is put there only to show warnings,
errors and output. There, what counts is what the user's own code names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial, partialmethod
from types import FunctionType, MethodType
from typing import Any, NamedTuple

from sklearn_natsel._memory.installed import is_of_the_user, version_of

_WRAPPED = {
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    MethodType: ("__func__",),
    property: ("fget", "fset", "fdel"),
    cached_property: ("func",),
    partial: ("func",),
    partialmethod: ("func",),
    type(lru_cache(len)): ("__wrapped__",),
}


class Patch(NamedTuple):
    """Something of the user's in an installed module."""

    module: str
    name: str
    """With a dot if it is in a class."""

    value: Any


@dataclass(frozen=True)
class Package:
    """An installed package, by the name that is imported."""

    name: str

    @property
    def version(self) -> str | None:
        """Its version; that of the standard library is Python's."""
        return version_of(self.name)

    def patches(self) -> list[Patch]:
        """Return what the user has put into the modules that are loaded, and into their classes."""
        if self.name in sys.stdlib_module_names:
            return []
        found = [
            patch
            for module_name, module in list(sys.modules.items())
            if module_name.partition(".")[0] == self.name
            for patch in _patches_in(module_name, module)
        ]
        return sorted(found, key=lambda patch: patch[:2])


@lru_cache(maxsize=1024)
def _package(name: str) -> Package:
    return Package(name)


def package_of(module_name: str) -> Package:
    """Return the package that an installed module belongs to: for each the same object."""
    return _package(module_name.partition(".")[0])


def _patches_in(module_name: str, module: Any) -> Iterator[Patch]:
    for name, value in _attributes(module).items():
        if is_of_the_users_code(value):
            yield Patch(module_name, name, value)
        elif issubclass(type(value), type) and value.__module__ == module_name:
            for own, member in list(vars(value).items()):
                if is_of_the_users_code(member):
                    yield Patch(module_name, f"{name}.{own}", member)


def is_of_the_users_code(value: Any) -> bool:
    """Whether something that can be called was made by code of the user's."""
    kind = type(value)  # some objects warn if they are asked for their class
    if kind is FunctionType:
        # What is made by `exec` in no module, as methods of data classes, is of nobody.
        return is_of_the_user(value.__globals__.get("__name__"))
    if issubclass(kind, type):
        return is_of_the_user(value.__module__)
    if kind in _WRAPPED:
        return any(is_of_the_users_code(getattr(value, name)) for name in _WRAPPED[kind])
    if not callable(value):
        return False
    # Compiled and vectorized functions keep the one that they were made from.
    held = (each for each in _attributes(value).values() if type(each) is FunctionType)
    return is_of_the_user(kind.__module__) or any(map(is_of_the_users_code, held))


def _attributes(value: Any) -> dict[str, Any]:
    """Return what an object has, without waking up one that loads itself when it is asked."""
    try:
        return dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        return {}
