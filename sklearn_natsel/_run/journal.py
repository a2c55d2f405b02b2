"""What a steady-state evolution was asked and told, in order, so that it can be taken up again."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_natsel._evolution import Candidate, Evolution
from sklearn_natsel._memory import ResultsStore, write_whole

News = tuple[int, float, float]
"""Who was told: index, fitness, seconds."""

Entry = tuple[str, list[News]]
"""The key of a candidate that was asked for, and who was told since the one before."""


# How many settings are drawn from a space, to tell it from others.
_N_DRAWN = 50


class Journal:
    """An evolution that writes down what it is asked and told, or repeats what was written down.

    With several workers, what is bred depends on the order in which they finish.
    That order and the seed decide all else, so the order is written down, a line
    for each candidate. A search that is started again breeds the same candidates
    up to the end of the journal, whenever their results come, and then goes on.

    Parameters
    ----------
    evolution : Evolution
        Breeds. What the journal does not have itself is the evolution's.

    path : Path
        The file.

    key : callable, default=str
        Names the parameters of a candidate. If another one is bred than the one
        written down (by another version, say), the journal is no longer followed.

    on_error : callable, default=None
        Is given the error if the file can't be written; the search goes on.
    """

    def __init__(
        self,
        evolution: Evolution,
        path: Path,
        key: Callable[[Mapping[str, Any]], str] = str,
        on_error: Callable[[OSError], None] | None = None,
    ) -> None:
        self._evolution = evolution
        self._path = path
        self._key = key
        self._on_error = on_error
        # An entry for each that was asked for; behind `_n_asked` they are yet to be repeated.
        self._past = _read(path)
        self._n_asked = 0
        self._postponed: list[tuple[int, Candidate, float, float]] = []
        # How often each candidate's results have come, were told, and were told by the past.
        self._n_come: Counter[int] = Counter()
        self._n_told: Counter[int] = Counter()
        self._n_recorded: Counter[int] = Counter()
        self._news: list[News] = []
        self._is_begun = False
        self._inode: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evolution, name)

    def ask_one(self, limit: float = math.inf) -> Candidate | None:
        """Breed a candidate: the one that was bred at this point, if there was one."""
        if self._repeats:
            return self._repeat(limit)
        candidate = self._evolution.ask_one(limit)
        if candidate is not None:
            self._n_asked += 1
            self._write((self._key(candidate.params), self._news))
            self._news = []
        return candidate

    def tell(self, candidate: Candidate, fitness: float, seconds: float) -> None:
        """Tell the evolution, but not before it was told in the past that is repeated."""
        index = candidate.index
        self._n_come[index] += 1
        news = (self._n_come[index], candidate, fitness, seconds)
        if not self._repeats:
            self._tell_news(*news)
            return
        _, due = self._past[self._n_asked]
        recorded = [values for i, *values in due if i == index]
        n_early = self._n_told[index] - self._n_recorded[index]
        if n_early < len(recorded):
            self._tell(candidate, *recorded[n_early])
        else:
            self._postponed.append(news)

    @property
    def _repeats(self) -> bool:
        return self._n_asked < len(self._past)

    def _repeat(self, limit: float) -> Candidate | None:
        key, told = self._past[self._n_asked]
        for index, *recorded in told:
            self._n_recorded[index] += 1
            if self._n_told[index] < self._n_recorded[index]:
                self._tell(self._evolution.candidates[index], *recorded)
        candidate = self._evolution.ask_one(limit)
        if candidate is None or self._key(candidate.params) != key:
            # Another one than in the past, which ends here.
            entry = [] if candidate is None else [(self._key(candidate.params), told)]
            self._past[self._n_asked :] = entry
        self._n_asked += candidate is not None
        if not self._repeats:
            for early in self._postponed:
                self._tell_news(*early)
        return candidate

    def _tell_news(self, number: int, candidate: Candidate, fitness: float, seconds: float) -> None:
        """Tell what the evolution does not know from the past; the number counts what came."""
        if self._n_told[candidate.index] < number:
            self._tell(candidate, fitness, seconds)
            self._news.append((candidate.index, fitness, seconds))

    def _tell(self, candidate: Candidate, fitness: float, seconds: float) -> None:
        self._n_told[candidate.index] += 1
        self._evolution.tell(candidate, fitness, seconds)

    def _write(self, entry: Entry) -> None:
        try:
            if not self._is_begun:
                self._is_begun = True
                # What was repeated, and nothing behind it.
                write_whole(self._path, "".join(map(_line, self._past)))
                self._inode = self._path.stat().st_ino
            # Otherwise an equal search has begun one of its own there, at the same time.
            if self._path.stat().st_ino == self._inode:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(_line(entry))
        except OSError as error:
            self._inode = None  # what came behind a gap would be of no use
            if self._on_error is not None:
                self._on_error(error)


def _line(entry: Entry) -> str:
    return json.dumps(entry) + "\n"


def _read(path: Path) -> list[Entry]:
    """Return the entries up to the first one that is none: the last may be half written."""
    entries: list[Entry] = []
    try:
        for line in path.read_text("utf-8").splitlines():
            key, told = json.loads(line)
            checked = [(int(i), float(fitness), float(seconds)) for i, fitness, seconds in told]
            if not all(0 <= index < len(entries) for index, *_ in checked):
                break
            entries.append((str(key), checked))
    except (OSError, ValueError, TypeError, RecursionError):
        pass
    return entries


def journaled(
    evolution: Evolution,
    store: ResultsStore | None,
    seed: Mapping[str, Any],
) -> Evolution | Journal:
    """Return an evolution with its journal; as it is, if nothing is kept or it has no seed.

    Parameters
    ----------
    evolution : Evolution
        Breeds.

    store : ResultsStore or None
        Where its results are kept, and beside them the journal.

    seed : dict of str -> object
        What decides which candidates it breeds, beside its space: its parameters,
        `random_state`, and what is maximised.
    """
    if store is None or seed["random_state"] is None:
        return evolution
    # What is drawn tells distributions apart, but not always long ranges or rare conditions.
    space, rng = evolution.space, np.random.RandomState(0)
    drawn = [space.decode(space.random(rng)) for _ in range(_N_DRAWN)]
    param_space = [*space.listed_values(), *space.outlines(), *drawn]
    path = store.journal_path({**seed, "param_space": param_space})
    return Journal(evolution, path, store.key, store.warn_of_failure)
