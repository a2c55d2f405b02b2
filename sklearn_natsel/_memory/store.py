"""Finished fits on disk, so that a search that died goes on where it was."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from joblib import Memory
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._memory.digest import UnstableError, plain
from sklearn_natsel._memory.files import write_whole
from sklearn_natsel._memory.fingerprint import Fingerprinter
from sklearn_natsel._memory.patches import package_of
from sklearn_natsel._memory.workers import Guarded, Stamp, stamps_of
from sklearn_natsel._space import Space

# Part of every key. To be raised when the same key would mean another score.
_FORMAT = 2

# What fits of scikit-learn are computed with, whether or not a key names it.
_COMPUTED_WITH = tuple(map(package_of, ("numpy", "scipy", "sklearn")))


class ResultsStore:
    """Results of fits by what they depend on, a small JSON file each.

    Nothing in the folder is ever executed. Any number of searches may share it,
    also at the same time: files appear whole or not at all, and two searches
    that write the same file write the same thing.

    Parameters
    ----------
    folder : Path
        Is made when the first result is saved.

    common : dict of str -> object
        What all fits of the search share, by the name that a message would use:
        estimator, data, scoring and so on.

    splits : list of (train, test)
        The indices.

    cloned : bool
        Whether the values of a setting are cloned before use, so that what estimators among
        them have learned does not count.
    """

    def __init__(
        self,
        folder: Path,
        common: Mapping[str, Any],
        splits: Sequence[tuple[Any, Any]],
        cloned: bool,
    ) -> None:
        self._cloned = cloned
        self._fingerprinter = Fingerprinter()
        # Values are fingerprinted by themselves so that a message can name them.
        # Only the estimator is cloned: a fitted model in all else is used as it is.
        digests = {
            name: self._fingerprint(name, value, cloned=name == "estimator")
            for name, value in common.items()
        }
        versions = (_FORMAT, *_COMPUTED_WITH, sklearn.get_config()["transform_output"])
        self._folder = folder / self._fingerprint("", (versions, sorted(digests.items())))
        self._splits = [self._fingerprint("cv", tuple(split)) for split in splits]
        self._warned: set[str] = set()
        self._stamps: tuple[Stamp, ...] = ()
        self._n_stamped = 0

    def key(self, params: Mapping[str, Any]) -> str:
        """Return the name under which the results of a setting are kept."""
        return self._fingerprint("", self._digests(params))

    def guarded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is only called where the code is that of the keys so far."""
        definitions = self._fingerprinter.definitions()
        if len(definitions) != self._n_stamped:
            self._stamps, self._n_stamped = stamps_of(definitions), len(definitions)
        return Guarded(function, self._stamps)

    def load(self, key: str, split: int) -> dict[str, Any] | None:
        """Return the result of a setting on a split, None if there is none."""
        path = self._path(key, split)
        try:
            stored = json.loads(path.read_text("utf-8"))
            if stored["fit"] != path.stem:
                raise ValueError("it belongs to another fit")
            return dict(stored["result"])
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            self._warn_once(
                "read",
                "A result in the folder of the 'memory' parameter can't be read; it is computed "
                f"again, as any other like it: {path} ({error!r}).",
            )
            return None

    def save(self, key: str, split: int, result: Mapping[str, Any]) -> None:
        """Keep a result, as well as the folder allows."""
        path = self._path(key, split)
        try:
            # NumPy's numbers become Python's; a float64 keeps every bit.
            write_whole(path, json.dumps({"fit": path.stem, "result": result}, default=float))
        except (OSError, ValueError, TypeError) as error:
            self.warn_of_failure(error)

    def journal_path(self, settings: Mapping[str, Any]) -> Path:
        """Return the file in which a search with these settings is written down."""
        key = self._fingerprint("", (self._splits, self._digests(settings)))
        return self._folder / f"{key}.journal"

    def _digests(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(k, self._fingerprint(k, v, self._cloned)) for k, v in sorted(values.items())]

    def _fingerprint(self, name: str, value: Any, cloned: bool = False) -> str:
        """Return the fingerprint of a value, or raise an error that names it."""
        try:
            return self._fingerprinter.fingerprint(value, cloned)
        except UnstableError as error:
            raise InvalidParameterError(
                "With 'memory', scores are found again by all that they depend on. This can't be "
                f"told from others like it: {name!r}: {error}. Let the code make it itself when it "
                "is called, or set memory=None."
            ) from error

    def _path(self, key: str, split: int) -> Path:
        return self._folder / f"{key}-{self._splits[split]}.json"

    def warn_of_failure(self, error: Exception) -> None:
        """Tell once that nothing can be written; the search goes on."""
        self._warn_once(
            "write",
            "Results can't be kept in the folder of the 'memory' parameter; the search goes on "
            f"without: {error!r}.",
        )

    def _warn_once(self, kind: str, message: str) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            warnings.warn(message, RuntimeWarning, stacklevel=2)


def open_store(
    memory: str | os.PathLike[str] | Memory | None,
    space: Space,
    common: Mapping[str, Any],
    splits: Sequence[tuple[Any, Any]],
) -> ResultsStore | None:
    """Return the store of a search, None if its results are not kept.

    Parameters
    ----------
    memory : path, joblib.Memory or None
        The `memory` parameter of the search. The folder lies beside the one that
        joblib makes for its own.

    space : Space
        Where it searches.

    common, splits
        As of `ResultsStore`.

    Raises
    ------
    InvalidParameterError
        If `memory` is no folder, or something can't be part of a key: before anything is fitted.
    """
    folder = _folder_of(memory)
    if folder is None:
        return None
    store = ResultsStore(folder, common, splits, space.cloned)
    for name, value in space.listed_values():
        # Long lists are of numbers, which are told from each other in any case.
        if plain(value) is None and not isinstance(value, np.number):
            store.key({name: value})
    return store


def _folder_of(memory: Any) -> Path | None:
    location = memory
    if isinstance(memory, Memory):
        if memory.backend != "local":
            raise InvalidParameterError(
                "The 'memory' parameter of a search must be a folder of this machine or a network "
                f"drive. Got {memory!r} with the backend {memory.backend!r}."
            )
        location = memory.location
    return None if location is None else Path(location).absolute() / "sklearn_natsel"
