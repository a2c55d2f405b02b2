"""Twenty searches in one process leave nothing behind."""

import gc
import os
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from killed_search import make_data
from logging_classifier import LoggingClassifier
from processes import children_of

from sklearn_natsel import GeneticSearchCV


def usage():
    """Return what this process holds: memory in MB, open files, threads, children, files."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return np.array(
        [
            pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            len(os.listdir("/proc/self/fd")),
            threading.active_count(),
            len(children_of(os.getpid())),
            len(os.listdir(tempfile.gettempdir())),
        ]
    )


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_twenty_searches_leave_nothing_behind(tmp_path, n_jobs, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    X, y = make_data()
    X = np.tile(X, (2000, 1))  # 4 MB: joblib maps it into memory
    y = np.tile(y, 2000)
    fit_timeout = None if n_jobs == 1 else 60

    def search(seed):
        GeneticSearchCV(
            LoggingClassifier(),
            {"a": np.linspace(0, 1, 50), "b": range(4)},
            n_generations=2,
            cv=2,
            n_jobs=n_jobs,
            fit_timeout=fit_timeout,
            memory=tmp_path / "memory",
            random_state=seed,
        ).fit(X, y)

    for seed in range(3):
        search(seed)
    before = usage()
    for seed in range(3, 23):
        search(seed)
    growth = usage() - before
    assert growth[0] < 8
    assert (growth[1:] <= [2, 0, 0, 0]).all(), growth
