"""What functions, classes and modules consist of, as they are loaded.

Not as they are written: a file may have been edited since it was imported, and code that was typed
into a notebook is in none. A function consists of its code, of what it is bound to (defaults,
closure, attributes) and of the globals that its code names; a class of its bases and of all that
is in it. Installed ones are known by their name and version.
"""

from __future__ import annotations

import builtins
import dis
import importlib
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import MAGIC_NUMBER, resolve_name
from operator import itemgetter
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from sklearn_natsel._memory.digest import Node, UnstableError
from sklearn_natsel._memory.installed import found_under_its_name, is_installed, version_of

# Of a class: what Python makes for itself, some of it when an object is pickled for the first time,
# and where the class was written.
_NOT_OF_A_CLASS = {
    "__dict__",
    "__slotnames__",
    "__weakref__",
    "__firstlineno__",
    "__static_attributes__",
    "_abc_impl",
}

# Built-in functions by which code reaches all globals.
_REACH_ALL = {"eval", "exec", "globals", "vars"}


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
    code = function.__code__
    cells = zip(code.co_freevars, function.__closure__ or ())
    # Python 3.14 and later evaluate annotations when they are asked for.
    annotations = getattr(function, "__annotate__", None) or function.__annotations__
    parts: list[tuple[str, Any]] = [
        ("", code),
        ("defaults", function.__defaults__),
        ("annotations", annotations),
        *((f"default {k!r}", v) for k, v in sorted((function.__kwdefaults__ or {}).items())),
        *((f"variable {name!r} of {code.co_qualname}", cell) for name, cell in cells),
        *((f"attribute {k!r}", v) for k, v in sorted(function.__dict__.items())),
    ]
    if version_of(str(function.__globals__.get("__name__", "__main__"))) is None:
        parts += [(f"global {name!r}", value) for name, value in globals_of(function)]
    return Node(("function",), parts)


def describe_class(cls: type) -> Node:
    """Tell what a class consists of."""
    bases = [("", base) for base in cls.__bases__]
    if is_installed(cls):
        label = ("installed class", cls.__module__, cls.__qualname__, version_of(cls.__module__))
        return Node(label, [*bases, *_patches(cls)])
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
    version = version_of(name)
    if version is not None:
        return Node(("installed module", name, version))
    if name != "__main__" and _is_compiled(module):
        return Node(("compiled module", name, _content_of(module)))
    parts = [
        (f"{value_name!r} of module {name}", value)
        for value_name, value in sorted(vars(module).items())
        if not (value_name.startswith("__") and value_name.endswith("__"))
    ]
    return Node(("module", name), parts)


def describe_by_name(value: Any, name: str) -> Node:
    """Tell what a module has under a name, as what is compiled: a function, a constant."""
    module_name = getattr(value, "__module__", None) or type(value).__module__
    if found_under_its_name(module_name, name) is not value:
        raise UnstableError(f"{name} is not to be found in the module {module_name}")
    if version_of(module_name) is not None:
        return Node(("installed", module_name, name, version_of(module_name)))
    module = sys.modules[module_name]
    content = _content_of(module) if _is_compiled(module) else b""
    return Node(("by name", module_name, name, content), [("class", type(value))])


def _describe_installed(function: FunctionType) -> Node:
    module_name = function.__module__
    return Node(("installed", module_name, function.__qualname__, version_of(module_name)))


def _patches(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield what others than its package have written into an installed class."""
    for name, value in sorted(vars(cls).items()):
        if isinstance(value, FunctionType):
            origin = str(value.__globals__.get("__name__", "__main__"))
            if version_of(origin) is None:
                yield f"attribute {name!r} of class {cls.__qualname__}", value


def _is_compiled(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and not file.endswith((".py", ".pyc", ".ipynb"))


def _content_of(module: ModuleType) -> bytes:
    try:
        return Path(str(module.__file__)).read_bytes()
    except OSError as error:
        raise UnstableError(f"the file of the module {module.__name__} can't be read") from error


class _Names(NamedTuple):
    """What code names outside of itself."""

    chains: tuple[tuple[str, ...], ...]
    """Globals, and the attributes that are taken of them: `a.b.c` is ("a", "b", "c")."""

    imports: tuple[tuple[str, int, tuple[str, ...] | None], ...]
    """Modules as in an `import`: the name, its level and what is taken from it."""

    stored: frozenset[str]
    """Globals and attributes that the code sets."""


@lru_cache(maxsize=4096)
def _names_in(code: CodeType) -> _Names:
    chains: set[tuple[str, ...]] = set()
    imports: set[tuple[str, int, tuple[str, ...] | None]] = set()
    stored: set[str] = set()
    instructions = list(dis.get_instructions(code))
    for i, instruction in enumerate(instructions):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"):
            chains.add((instruction.argval, *_attributes_after(instructions, i)))
        elif instruction.opname == "IMPORT_NAME":
            level, taken = (instructions[i - n].argval for n in (2, 1))
            imports.add((instruction.argval, level, taken))
        elif instruction.opname in ("STORE_GLOBAL", "STORE_ATTR"):
            stored.add(instruction.argval)
    for inner in map(_names_in, filter(_is_code, code.co_consts)):
        chains |= set(inner.chains)
        imports |= set(inner.imports)
        stored |= inner.stored
    return _Names(tuple(sorted(chains)), tuple(sorted(imports, key=str)), frozenset(stored))


def _is_code(constant: Any) -> bool:
    return isinstance(constant, CodeType)


def names_stored_by(code: CodeType) -> frozenset[str]:
    """Return the names of globals and attributes that code sets."""
    return _names_in(code).stored


def _attributes_after(instructions: list[dis.Instruction], position: int) -> Iterator[str]:
    for instruction in instructions[position + 1 :]:
        if instruction.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
            return
        yield instruction.argval


def globals_of(function: FunctionType) -> list[tuple[str, Any]]:
    """Return the globals that a function reads, by the names that its code gives them."""
    names, namespace = _names_in(function.__code__), function.__globals__
    found = dict(_imported(names, namespace))
    for first, *rest in names.chains:
        if first in namespace:
            name, value = _follow(first, namespace[first], rest)
            found[name] = value
        elif first in _REACH_ALL and hasattr(builtins, first):
            own = [name for name in namespace if not name.startswith("__")]
            found |= {name: namespace[name] for name in own}
    return sorted(found.items(), key=itemgetter(0))


def _follow(name: str, value: Any, attributes: Iterable[str]) -> tuple[str, Any]:
    """Go on from a module of the user's to what is taken of it: the rest does not count."""
    for attribute in attributes:
        if not isinstance(value, ModuleType) or version_of(value.__name__) is not None:
            break
        if attribute not in vars(value):
            break
        name, value = f"{name}.{attribute}", vars(value)[attribute]
    return name, value


def _imported(names: _Names, namespace: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what a function imports when it is called."""
    for name, level, taken in names.imports:
        package = namespace.get("__package__") or ""
        full_name = resolve_name("." * level + name, package) if level else name
        if version_of(full_name) is not None:
            # Not imported, which may take seconds.
            yield full_name, (full_name, version_of(full_name))
            continue
        module = _import(full_name)
        for attribute in taken or ():
            submodule = f"{full_name}.{attribute}"
            value = getattr(module, attribute, None) if module is not None else None
            yield submodule, _import(submodule) if value is None else value
        if not taken:
            yield full_name, module
            # `import a.b` gives the name of `a`.
            yield full_name.partition(".")[0], _import(full_name.partition(".")[0])


def _import(name: str) -> ModuleType | None:
    """Return a module, as the code that names it would get it; None if there is none."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
    except Exception as error:  # whatever is done when it is loaded
        raise UnstableError(f"the module {name!r} can't be imported: {error}") from error


def describe_builtin(function: BuiltinFunctionType) -> Node:
    """Tell which compiled function it is, and what it is bound to."""
    bound_to: Any = function.__self__
    if bound_to is None or isinstance(bound_to, ModuleType):
        # Some are members of a class and of the module that shows them.
        is_shown = found_under_its_name(str(function.__module__), function.__name__) is function
        return describe_by_name(function, function.__name__ if is_shown else function.__qualname__)
    return Node(("built-in method", function.__name__), [("", bound_to)])
