"""What functions, classes and modules consist of, as they are loaded.

Not as they are written: a file may have been edited since it was imported, and code that was typed
into a notebook is in none. A function consists of its code, of what it is bound to (defaults,
closure, attributes) and of the globals that its code names; a class of its bases and of all that
is in it. Installed ones are known by their name and version.
"""

from __future__ import annotations

import sys
from functools import singledispatch
from importlib.util import MAGIC_NUMBER
from operator import itemgetter
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from sklearn_natsel._memory.digest import Node, UnstableError, plain
from sklearn_natsel._memory.globals import globals_of
from sklearn_natsel._memory.installed import (
    found_under_its_name,
    is_compiled,
    is_installed,
    module_of,
    version_of,
)
from sklearn_natsel._memory.networks import packages_behind
from sklearn_natsel._memory.patches import Package, Patch, package_of

# Of a class: what Python makes for itself, some of it when an object is pickled for the first time,
# and where the class was written.
_NOT_OF_A_CLASS = {
    "__dict__",
    "__slotnames__",
    "__weakref__",
    "__firstlineno__",
    "__static_attributes__",
    "__annotations_cache__",
    "_abc_impl",
}

# Of a function that tells the annotations of a class: all that is in the class.
_CLOSED_OVER_A_CLASS = "__classdict__"

# What is called in the place of a function of several kinds of arguments: it has a cache.
_DISPATCHING = singledispatch(len).__code__  # type: ignore[attr-defined]


def describe_code(code: CodeType) -> Node:
    """Tell what code does, but not where it is written: neither its file nor its lines."""
    label = (
        "code",
        MAGIC_NUMBER,
        code.co_qualname,
        code.co_code,
        code.co_exceptiontable,
        code.co_flags,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars),
    )
    return Node(label, [("", constant) for constant in code.co_consts])


def describe_function(function: FunctionType) -> Node:
    """Tell what a function consists of."""
    if is_installed(function):
        return _describe_installed(function)
    if function.__code__ is _DISPATCHING:
        return Node(("single dispatch",), [("", dict(vars(function)["registry"]))])
    qualname = function.__code__.co_qualname
    # Python 3.14 and later evaluate annotations when they are asked for.
    annotations = getattr(function, "__annotate__", None) or function.__annotations__
    parts: list[tuple[str, Any]] = [
        ("", function.__code__),
        ("annotations", annotations),
        *((f"{kind} {name!r} of {qualname}", value) for kind, name, value in bound_to(function)),
    ]
    module_name = module_of(function)
    if version_of(module_name) is None:
        parts += [(f"global {each.name!r}", each.value) for each in globals_of(function)]
    else:  # made by a function of a package
        parts.append(("", package_of(module_name)))
    return Node(("function",), parts)


def bound_to(function: FunctionType) -> list[tuple[str, str, Any]]:
    """Return what a function is bound to: kind, name and value of each."""
    code = function.__code__
    # The defaults are those of the last parameters.
    positional = zip(
        reversed(code.co_varnames[: code.co_argcount]), reversed(function.__defaults__ or ())
    )
    cells = zip(code.co_freevars, function.__closure__ or ())
    return [
        *(("default", name, value) for name, value in positional),
        *(
            ("default", name, value)
            for name, value in sorted((function.__kwdefaults__ or {}).items())
        ),
        *(("variable", name, cell) for name, cell in cells if name != _CLOSED_OVER_A_CLASS),
        *(("attribute", name, value) for name, value in sorted(function.__dict__.items())),
    ]


def describe_class(cls: type) -> Node:
    """Tell what a class consists of."""
    bases = [("", base) for base in cls.__bases__]
    if is_installed(cls):
        label = ("installed class", cls.__module__, cls.__qualname__)
        return Node(label, [*bases, *_packages_of(cls.__module__)])
    attributes = [
        (f"attribute {name!r} of class {cls.__qualname__}", value)
        for name, value in members_of(cls)
    ]
    metaclass = [] if type(cls) is type else [("metaclass", type(cls))]
    return Node(("class", cls.__qualname__), [*bases, *metaclass, *attributes])


def members_of(cls: type) -> list[tuple[str, Any]]:
    """Return what was written into a class, by name."""
    members = [item for item in vars(cls).items() if item[0] not in _NOT_OF_A_CLASS]
    return sorted(members, key=itemgetter(0))


def describe_module(module: ModuleType) -> Node:
    """Tell what a module consists of: code may use all of it."""
    name = module.__name__
    if version_of(name) is not None:
        return Node(("installed module", name), _packages_of(name))
    if name != "__main__" and is_compiled(module):
        return Node(("compiled module", name, _file_of(module)))
    parts = [(f"{own!r} of module {name}", value) for own, value in content_of(module)]
    return Node(("module", name), parts)


def content_of(module: ModuleType) -> list[tuple[str, Any]]:
    """Return what was written into a module, by name."""
    return [
        (name, value)
        for name, value in sorted(vars(module).items())
        if not (name.startswith("__") and name.endswith("__")) or name == "__getattr__"
    ]


def describe_by_name(value: Any, name: str) -> Node:
    """Tell what a module has under a name, as what is compiled: a function, a constant."""
    module_name = getattr(value, "__module__", None) or type(value).__module__
    if version_of(module_name) is not None:  # also if the user has put something in its place
        return Node(("installed", module_name, name), [("", package_of(module_name))])
    if found_under_its_name(module_name, name) is not value:
        raise UnstableError(f"{name} is not to be found in the module {module_name}")
    module = sys.modules[module_name]
    content = _file_of(module) if is_compiled(module) else b""
    own = [(f"attribute {k!r}", v) for k, v in sorted(getattr(value, "__dict__", {}).items())]
    return Node(("by name", module_name, name, content), [("class", type(value)), *own])


def describe_package(package: Package) -> Node:
    """Tell which version of a package is installed, and what the user has put into it."""
    patches = [(f"{each.name!r} of module {each.module}", each) for each in package.patches()]
    return Node(("package", package.name, package.version), patches)


def describe_patch(patch: Patch) -> Node:
    """Tell what the user has put into a package."""
    return Node(("patch", patch.module, patch.name), [("", patch.value)])


def _describe_installed(function: FunctionType) -> Node:
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    label = ("installed", function.__module__, function.__qualname__, *map(plain, defaults))
    return Node(label, _packages_of(function.__module__))


def _packages_of(module_name: str) -> list[tuple[str, Any]]:
    return [("", package_of(name)) for name in (module_name, *packages_behind(module_name))]


def _file_of(module: ModuleType) -> bytes:
    try:
        return Path(str(module.__file__)).read_bytes()
    except OSError as error:
        raise UnstableError(f"the file of the module {module.__name__} can't be read") from error


def describe_builtin(function: BuiltinFunctionType) -> Node:
    """Tell which compiled function it is, and what it is bound to."""
    bound_to: Any = function.__self__
    if bound_to is None or isinstance(bound_to, ModuleType):
        # Some are members of a class and of the module that shows them.
        is_shown = found_under_its_name(str(function.__module__), function.__name__) is function
        return describe_by_name(function, function.__name__ if is_shown else function.__qualname__)
    return Node(("built-in method", function.__name__), [("", bound_to)])
