"""What code names outside of itself, read from its instructions."""

from __future__ import annotations

import dis
from collections import defaultdict
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
_FILL = {"STORE_SUBSCR", "DELETE_SUBSCR"}
_LOAD = _LOAD_GLOBAL | _LOAD_ATTRIBUTE
_LOAD_VARIABLE = ("LOAD_FAST", "LOAD_DEREF", "STORE_FAST_LOAD_FAST")


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

    changed: frozenset[tuple[str, ...]] = frozenset()
    """Globals that the code sets or may put something into, and attributes of them, as chains."""

    changed_inside: frozenset[tuple[str, ...]] = frozenset()
    """The same of its own variables, and of attributes of these."""

    @property
    def changed_variables(self) -> frozenset[str]:
        """Its own variables that the code puts something into."""
        return frozenset(chain.from_iterable(self.changed_inside))

    @property
    def changed_attributes(self) -> frozenset[str]:
        """Attributes, of whatever, that the code sets or puts something into."""
        ways = chain(self.changed, self.changed_inside)
        return frozenset(chain.from_iterable(way[1:] for way in ways))

    reaching: frozenset[str] = frozenset()
    """By what the code may take any of its globals, with a name that it makes."""


@lru_cache(maxsize=4096)
def names_in(code: CodeType) -> Names:
    """Return what code names, with the code inside of it."""
    inner = [names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    # An EXTENDED_ARG belongs to the next instruction, which tells the whole argument.
    instructions = [i for i in dis.get_instructions(code) if i.opname != "EXTENDED_ARG"]
    found = chain.from_iterable(_names_at(instructions, i) for i in range(len(instructions)))
    changed = _changed_by(instructions, code.co_freevars)
    return Names(*(frozenset().union(*sets) for sets in zip(Names(), *found, *changed, *inner)))


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


def _changed_by(instructions: Sequence[dis.Instruction], free: Sequence[str]) -> Iterator[Names]:
    """Yield what each instruction changes: it begins where the name does that it is reached by."""
    begun: defaultdict[object, list[dis.Instruction]] = defaultdict(list)
    for position, each in enumerate(instructions):
        here = begun[each.positions and each.positions[::2]]
        if each.opname == "STORE_GLOBAL":
            yield Names(changed=frozenset({(each.argval,)}))
        elif each.opname == "STORE_DEREF" and each.argval in free:
            yield Names(changed_inside=frozenset({(each.argval,)}))
        elif each.opname == "STORE_ATTR":
            yield _changed_at([*here, each], free, is_set=True)
        elif each.opname in _FILL:
            # Some instructions load two variables; then the second does not begin there.
            joint = [i for i in instructions[max(0, position - 2) : position] if _is_joint(i)]
            yield _changed_at([*here, *joint], free)
        elif each.opname in _LOAD_ATTRIBUTE and each.argval in _CHANGE:
            yield _changed_at(here or instructions[position - 1 : position], free)
        if each.opname in _LOAD or _loads_variable(each):
            here.append(each)


def _changed_at(way: Sequence[dis.Instruction], free: Sequence[str], is_set: bool = False) -> Names:
    """Return what is changed at the end of a way that begins with a global or a variable."""
    variables = [name for each in way if _loads_variable(each) for name in _names_of(each)]
    others = tuple(dict.fromkeys(each.argval for each in way if not _loads_variable(each)))
    if way and way[0].opname in _LOAD_GLOBAL:
        return Names(changed=frozenset({others}))
    # An attribute that is set belongs to one object alone, if that is not a class or a function.
    if is_set and {"cls", "__class__", *free}.isdisjoint([*variables, *others[:-1]]):
        return Names()
    ways = {(name, *others) for name in variables} or {others}
    return Names(changed_inside=frozenset(ways))


def _loads_variable(instruction: dis.Instruction) -> bool:
    return instruction.opname.startswith(_LOAD_VARIABLE)


def _is_joint(instruction: dis.Instruction) -> bool:
    return _loads_variable(instruction) and isinstance(instruction.argval, tuple)


def _names_of(instruction: dis.Instruction) -> tuple[str, ...]:
    return instruction.argval if _is_joint(instruction) else (instruction.argval,)


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
