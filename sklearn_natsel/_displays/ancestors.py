"""Who was bred from whom, and which values a setting has from which parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn_natsel._space import same_value

Path = tuple[int, ...]
"""The way to an ancestor: () is the setting itself, (0, 1) the second parent of the first one."""


def parents_of(candidates: Mapping[str, Any], row: int) -> list[int]:
    """Return the rows of the parents of a setting, of which there are two or none."""
    rows = (int(candidates[name][row]) for name in ("parent_1", "parent_2"))
    return [parent for parent in rows if parent >= 0]


def ancestry(candidates: Mapping[str, Any], row: int, depth: int) -> dict[Path, int]:
    """Return a setting and its ancestors up to `depth` steps back.

    Parameters
    ----------
    candidates : dict of str -> array-like
        With ``parent_1`` and ``parent_2``: rows, -1 without.

    row : int
        The setting to start from.

    depth : int
        How many steps to go back. 0 finds the setting alone.

    Returns
    -------
    rows : dict of path -> int
        The row of each ancestor by its path, near ones first. An ancestor that
        is met again has its row there too, but its own ancestors only once.

    Examples
    --------
    >>> from sklearn_natsel._displays.ancestors import ancestry
    >>> candidates = {"parent_1": [-1, -1, 0, 2], "parent_2": [-1, -1, 1, 1]}
    >>> ancestry(candidates, 3, depth=2)
    {(): 3, (0,): 2, (1,): 1, (0, 0): 0, (0, 1): 1}
    """
    found: dict[Path, int] = {(): row}
    newest: list[Path] = [()]
    met = {row}
    for _ in range(depth):
        children, newest = newest, []
        for child in children:
            for i, parent in enumerate(parents_of(candidates, found[child])):
                found[*child, i] = parent
                if parent not in met:
                    newest.append((*child, i))
                    met.add(parent)
    return found


def inheritance(
    child: Mapping[str, Any], parents: Sequence[Mapping[str, Any]]
) -> dict[str, frozenset[int]]:
    """Tell which parents have the value that a child has, by parameter.

    Examples
    --------
    >>> from sklearn_natsel._displays.ancestors import inheritance
    >>> sources = inheritance({"a": 1, "b": 2, "c": 3}, [{"a": 1, "b": 0}, {"a": 1, "b": 2}])
    >>> {name: sorted(parents) for name, parents in sources.items()}
    {'a': [0, 1], 'b': [1], 'c': []}
    """
    return {
        name: frozenset(
            i
            for i, parent in enumerate(parents)
            if name in parent and same_value(parent[name], value)
        )
        for name, value in child.items()
    }
