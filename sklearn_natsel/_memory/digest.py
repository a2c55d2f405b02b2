"""Digests of things that consist of other things, cycles included."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_PLAIN = frozenset({type(None), type(...), bool, int, float, complex, str, bytes})

# Later formats of marshal tell whether two references are to one object.
_FORMAT = 2


class UnstableError(TypeError):
    """Something that can't be told from others like it."""


class Node(NamedTuple):
    """What a thing is, and the things that it consists of."""

    label: tuple[Any, ...]
    """Its kind and whatever else is plain: texts, numbers, bytes, tuples of these."""

    parts: list[tuple[str, Any]] = []
    """Each with what a message calls it; in a list, nothing."""

    is_ordered: bool = True
    """Whether the order of the parts counts."""

    cloned: bool = False
    """Whether the parts are cloned before use."""


Describe = Callable[[Any, bool], Node]
"""Gives the node of a thing, which may be cloned before use."""


def plain(value: Any) -> bytes | None:
    """Return the bytes of a plain value, or of a list or tuple of these; None of all else."""
    kind = type(value)
    if kind in _PLAIN or (kind in (list, tuple) and _PLAIN.issuperset(map(type, value))):
        return marshal.dumps(value, _FORMAT)
    return None


def digest_bytes(content: Any) -> bytes:
    """Return the digest of bytes."""
    return hashlib.sha1(content, usedforsecurity=False).digest()


class Digester:
    """Gives digests that follow from what things are, and not from where they lie in memory.

    Two things have the same digest if they have the same labels and equal parts, whether or not
    parts of them are one object. Parts that consist of each other, as a class and its methods,
    get their digests together (see `_digest_cycle`); so a digest never depends on where one came
    from.

    Parameters
    ----------
    describe : callable
        Tells what a thing consists of.

    definitions : tuple of types
        Of things that are the same whether or not something around them is cloned. They are looked
        at once: for one digester, they stay what they were.
    """

    def __init__(self, describe: Describe, definitions: tuple[type, ...]) -> None:
        self._describe = describe
        self._kinds = definitions
        self._definitions: dict[int, _Vertex] = {}

    def digest(self, value: Any, cloned: bool) -> bytes:
        """Return the digest of a thing.

        Raises
        ------
        UnstableError
            If a part of it can't be described; the message tells the way to it.
        """
        content = plain(value)
        if content is not None:
            return digest_bytes(content)
        return self._walk(value, cloned).digest

    def definitions(self) -> list[Any]:
        """Return all definitions that were met."""
        return [vertex.value for vertex in self._definitions.values()]

    def _walk(self, value: Any, cloned: bool) -> _Vertex:
        """Go through all parts (Tarjan's algorithm: cycles are closed where they began)."""
        met: dict[tuple[int, bool], _Vertex] = {}
        way: list[tuple[_Vertex, Iterator[tuple[str, Any]]]] = []
        open_: list[_Vertex] = []

        def enter(name: str, value: Any, cloned: bool) -> _Vertex:
            try:
                node = self._describe(value, cloned)
            except UnstableError as error:
                names = [*(vertex.name for vertex, _ in way), name]
                raise type(error)(": ".join([*filter(None, names), str(error)])) from error
            vertex = met[self._key(value, cloned)] = _Vertex(name, value, node, len(met))
            way.append((vertex, iter(node.parts)))
            open_.append(vertex)
            return vertex

        root = self._definitions.get(id(value)) or enter("", value, cloned)
        while way:
            vertex, parts = way[-1]
            for name, part in parts:
                content = plain(part)
                if content is not None:
                    vertex.parts.append(digest_bytes(content))
                    continue
                known = self._definitions.get(id(part)) or met.get(self._key(part, vertex.cloned))
                vertex.parts.append(known or enter(name, part, vertex.cloned))
                if known is None:
                    break
                if not known.digest:
                    vertex.lowest = min(vertex.lowest, known.lowest)
            else:
                way.pop()
                if way:
                    way[-1][0].lowest = min(way[-1][0].lowest, vertex.lowest)
                if vertex.lowest == vertex.number:
                    self._close(open_, vertex)
        return root

    def _close(self, open_: list[_Vertex], first: _Vertex) -> None:
        """Give digests to the vertices from `first` on: they consist of each other."""
        members = open_[open_.index(first) :] if open_[-1] is not first else [first]
        del open_[-len(members) :]
        if len(members) == 1 and not any(part is first for part in first.parts):
            first.digest = first.combine(lambda part: part.digest)
        else:
            _digest_cycle(members)
        for vertex in members:
            if isinstance(vertex.value, self._kinds):
                self._definitions[id(vertex.value)] = vertex

    def _key(self, value: Any, cloned: bool) -> tuple[int, bool]:
        return id(value), cloned and not isinstance(value, self._kinds)


class _Vertex:
    """A thing on the way; its node keeps the parts alive, so that no other ones have their `id`."""

    def __init__(self, name: str, value: Any, node: Node, number: int) -> None:
        self.name = name
        self.value = value
        self.node = node
        self.cloned = node.cloned
        self.number = self.lowest = number
        self.parts: list[bytes | _Vertex] = []
        self.digest = b""

    @property
    def label(self) -> bytes:
        return marshal.dumps((self.node.label, tuple(name for name, _ in self.node.parts)), _FORMAT)

    def combine(self, digest_of: Callable[[_Vertex], bytes]) -> bytes:
        """Return the digest that follows from those of the parts."""
        parts = [part if isinstance(part, bytes) else digest_of(part) for part in self.parts]
        if not self.node.is_ordered:
            parts.sort()
        return digest_bytes(b"".join([digest_bytes(self.label), *parts]))


def _digest_cycle(members: list[_Vertex]) -> None:
    """Give digests to vertices that consist of each other.

    They are told apart by their labels, then by those of their parts, of the parts of these and so
    on until no more of them differ. Each digest then holds all that was found.
    """
    colors = {vertex: digest_bytes(vertex.label) for vertex in members}
    n_colors = 0
    while len(set(colors.values())) > n_colors:
        n_colors = len(set(colors.values()))
        earlier = colors
        colors = {
            vertex: vertex.combine(lambda part: part.digest or earlier[part])  # noqa: B023
            for vertex in members
        }
    whole = b"".join(sorted(set(colors.values())))
    for vertex in members:
        vertex.digest = digest_bytes(b"cycle" + colors[vertex] + whole)
