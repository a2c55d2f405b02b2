"""What code names outside of itself, read from its instructions."""

from __future__ import annotations

import dis
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from types import CodeType
from typing import NamedTuple

# By which code reaches all globals: built-in functions and attributes.
_REACH_ALL = {"eval", "exec", "globals"}
_NAMESPACES = {"__globals__", "f_globals"}

# What a module is found by whose name stands in a text.
_FIND_MODULES = {"__import__", "import_module", "modules"}

# Methods by which code puts something into what it calls them of.
_CHANGE = {"add", "append", "extend", "insert", "pop", "popitem", "setdefault", "update"}

_LOAD_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_LOAD_ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD"}
_STORE = {"STORE_GLOBAL", "STORE_ATTR"}
_FILL = {"STORE_SUBSCR", "DELETE_SUBSCR"}
_LOAD = _LOAD_GLOBAL | _LOAD_ATTRIBUTE


class Import(NamedTuple):
    """A module as in an `import`."""

    name: str
    level: int
    taken: tuple[str, ...]


class Names(NamedTuple):
    """What code names."""

    chains: frozenset[tuple[str, ...]] = frozenset()
    """Globals, and the attributes that are taken of them: `a.b.c` is ("a", "b", "c")."""

    imports: frozenset[Import] = frozenset()

    changed: frozenset[str] = frozenset()
    """Globals and attributes that the code sets, or that it may put something into."""

    reaching: frozenset[str] = frozenset()
    """By what the code may take any of its globals, with a name that it makes."""


@lru_cache(maxsize=4096)
def names_in(code: CodeType) -> Names:
    """Return what code names, with the code inside of it."""
    inner = [names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    instructions = list(dis.get_instructions(code))
    found = chain.from_iterable(_names_at(instructions, i) for i in range(len(instructions)))
    own = Names(changed=frozenset(_changed_by(instructions)))
    return Names(*(frozenset().union(*sets) for sets in zip(own, *found, *inner)))


def _names_at(instructions: Sequence[dis.Instruction], position: int) -> Iterator[Names]:
    kind, name = instructions[position].opname, instructions[position].argval
    following = instructions[position + 1 : position + 10]  # no module is nested deeper
    if kind in _LOAD_GLOBAL:
        yield Names(chains=frozenset({(name, *_attributes_first_in(following))}))
    elif kind == "IMPORT_NAME":
        level, taken = (instructions[position - n].argval for n in (2, 1))
        yield Names(imports=frozenset({Import(name, level, taken or ())}))
    if kind in _LOAD and name in _FIND_MODULES:
        yield Names(imports=frozenset(_imports_by_text(following)))
    if kind in _LOAD and _reaches_all(kind, name, following[:1]):
        yield Names(reaching=frozenset({name}))


def _reaches_all(kind: str, name: str, following: Sequence[dis.Instruction]) -> bool:
    next_one = [each.argval for each in following]
    if name == "vars":
        return next_one == [0]  # it is called without an object
    if name == "modules":
        return next_one == ["__name__"]
    return name in (_REACH_ALL if kind in _LOAD_GLOBAL else _NAMESPACES)


def _changed_by(instructions: Sequence[dis.Instruction]) -> Iterator[str]:
    # `a.b[c] = d` is where `a` and `a.b` begin.
    filled = [each.positions for each in instructions if each.opname in _FILL]
    begins = {where[::2] for where in filled if where is not None}
    for each, following in zip(instructions, [*instructions[1:], None]):
        is_filled = each.positions is not None and each.positions[::2] in begins
        is_called = following is not None and following.argval in _CHANGE
        if each.opname in _STORE or (each.opname in _LOAD and (is_filled or is_called)):
            yield each.argval


def _attributes_first_in(instructions: Sequence[dis.Instruction]) -> Iterator[str]:
    for instruction in instructions:
        if instruction.opname not in _LOAD_ATTRIBUTE:
            return
        yield instruction.argval


def _imports_by_text(instructions: Sequence[dis.Instruction]) -> Iterator[Import]:
    """Yield the module of which the name is the next constant, as in `import_module("x")`."""
    for instruction in instructions[:2]:
        if instruction.opname == "LOAD_CONST" and isinstance(instruction.argval, str):
            name = instruction.argval.lstrip(".")
            yield Import(name, len(instruction.argval) - len(name), ())
