"""What the user has put into installed packages: a version does not tell of it."""

from __future__ import annotations

import sys
from functools import cached_property, partialmethod
from operator import itemgetter
from types import FunctionType, ModuleType
from typing import Any

from sklearn_natsel._memory.installed import is_compiled, version_of

_WRAPPED = {
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    property: ("fget", "fset", "fdel"),
    cached_property: ("func",),
    partialmethod: ("func",),
}


def patched_modules() -> list[tuple[str, str, Any]]:
    """Return functions and classes of the user's in installed modules: module, name and value.

    Any code of the package may call them, whether or not a key names it. Those in the standard
    library are left out: they are there to show warnings and errors.
    """
    found = [
        (module_name, name, value)
        for module_name, module in list(sys.modules.items())
        if _is_of_a_package(module_name) and isinstance(module, ModuleType)
        for name, value in list(vars(module).items())
        if _is_of_the_user(value)
    ]
    return sorted(found, key=itemgetter(0, 1))


def patches_among(members: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return those members of an installed class that are functions of others.

    Numbers and texts are left out: packages make some in another order in each process.
    """
    return [(name, value) for name, value in members if _is_foreign(value)]


def is_patched(cls: type) -> bool:
    """Whether an installed class has functions of others."""
    return any(map(_is_foreign, vars(cls).values()))


def _is_foreign(value: Any) -> bool:
    functions = [value, *(getattr(value, name) for name in _WRAPPED.get(type(value), ()))]
    return any(
        version_of(str(each.__globals__.get("__name__", "__main__"))) is None
        for each in functions
        if type(each) is FunctionType
    )


def _is_of_a_package(module_name: str) -> bool:
    is_standard = module_name.partition(".")[0] in sys.stdlib_module_names
    return not is_standard and version_of(module_name) is not None


def _is_of_the_user(value: Any) -> bool:
    """Whether it was made in a module of the user's, and not by a package as it was loaded."""
    # Some objects warn if they are asked for their class.
    if type(value) is FunctionType:
        name = value.__globals__.get("__name__")
        module = sys.modules.get(str(name))
        is_whole = module is not None and value.__globals__ is vars(module)
    elif issubclass(type(value), type):
        name = value.__module__
        module = sys.modules.get(str(name))
        is_whole = module is not None and not is_compiled(module)
    else:
        return False
    return is_whole and version_of(str(name)) is None
