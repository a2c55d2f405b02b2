"""The globals that a function reads, by the names that its code gives them."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Iterable, Iterator
from importlib.util import resolve_name
from itertools import chain
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from sklearn_natsel._memory.digest import UnstableError
from sklearn_natsel._memory.installed import module_of, version_of
from sklearn_natsel._memory.names import Import, names_in
from sklearn_natsel._memory.patches import is_of_the_users_code, package_of


class Global(NamedTuple):
    """A value, and where it was found."""

    name: str
    """As the code has it, with dots."""

    value: Any

    module: str | None = None
    """The module that has it under the last part of the name; None of a module that is imported."""

    @property
    def place(self) -> tuple[str | None, str]:
        """The module that has it, and the name there."""
        return self.module, self.name.rpartition(".")[2]

    def of(self, attribute: str) -> Global:
        """Return what is taken of a module."""
        module = self.value
        return Global(f"{self.name}.{attribute}", vars(module)[attribute], module.__name__)


def globals_of(function: FunctionType) -> list[Global]:
    """Return what a function reads of its module and of others, by name.

    Of a module of the user's, that is what the code takes of it; the whole module if it is handed
    on. Installed modules are values themselves, and beside them what the user has put in the place
    of something that the code takes of them.
    """
    names, namespace = names_in(function.__code__), function.__globals__
    own = module_of(function)
    found = [each for name in names.imports for each in _imported(name, namespace)]
    for first, *rest in names.chains:
        if first in namespace:
            found += _follow(Global(first, namespace[first], own), rest)
        elif first in vars(builtins):
            found += _set_in(Global("builtins", builtins), [first])
    if names.reaching.difference(namespace):
        found += [Global(k, v, own) for k, v in namespace.items() if not k.startswith("__")]
    # A module may have one thing under a name, and a function another one that it imports.
    distinct = {(each.name, each.module, id(each.value)): each for each in found}
    return sorted(distinct.values(), key=lambda each: (each.name, each.module or ""))


def changed_by(function: FunctionType) -> list[Global]:
    """Return what a function changes of its module and of others of the user's."""
    names, namespace = names_in(function.__code__), function.__globals__
    own = module_of(function)
    found = [
        each
        for first, *rest in names.changed
        if first in namespace
        for each in _follow(Global(first, namespace[first], own), rest)
    ]
    for imported in chain.from_iterable(_imported(name, namespace) for name in names.imports):
        if isinstance(imported.value, ModuleType):
            attributes = names.changed_variables.intersection(vars(imported.value))
            found += map(imported.of, attributes)
        elif imported.place[1] in names.changed_variables:
            found.append(imported)
    return found


def _follow(here: Global, attributes: list[str]) -> Iterator[Global]:
    """Go on from modules of the user's to what is taken of them: the rest does not count."""
    while attributes and isinstance(here.value, ModuleType):
        if version_of(here.value.__name__) is not None:
            yield from _set_in(here, attributes)
            break
        if attributes[0] not in vars(here.value):
            break
        here, attributes = here.of(attributes[0]), attributes[1:]
    yield here


def _set_in(here: Global, attributes: Iterable[str]) -> Iterator[Global]:
    """Yield what the user has put in the place of something in an installed module."""
    for attribute in attributes:
        if not isinstance(here.value, ModuleType) or attribute not in vars(here.value):
            return
        here = here.of(attribute)
        if is_of_the_users_code(here.value):
            yield here
        elif callable(here.value) and getattr(here.value, "__name__", attribute) != attribute:
            # Another function of a package: its name is enough.
            origin = (str(getattr(here.value, "__module__", None)), str(here.value.__name__))
            yield Global(here.name, origin, here.module)


def _imported(named: Import, namespace: dict[str, Any]) -> Iterator[Global]:
    """Yield what a function imports when it is called."""
    package = namespace.get("__package__")
    if named.level and not package:
        return  # that is an error when it is called
    name = resolve_name("." * named.level + named.name, package)
    if version_of(name) is not None:
        # Not imported, which may take seconds.
        yield Global(name, (name, package_of(name)))
        for attribute in named.taken:
            yield from _set_in(Global(name, sys.modules.get(name)), [attribute])
        return
    module = _import(name)
    for attribute in named.taken:
        value = getattr(module, attribute, None) if module is not None else None
        submodule = f"{name}.{attribute}"
        yield Global(submodule, _import(submodule) if value is None else value, name)
    if not named.taken:
        yield Global(name, module)
        # `import a.b` gives the name of `a`.
        yield Global(name.partition(".")[0], _import(name.partition(".")[0]))


def _import(name: str) -> ModuleType | None:
    """Return a module, as the code that names it would get it; None if there is none."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
    except Exception as error:  # whatever is done when it is loaded
        raise UnstableError(f"the module {name!r} can't be imported: {error}") from error
