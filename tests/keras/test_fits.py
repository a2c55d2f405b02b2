"""Fits that are begun one by one and trained together."""

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

from sklearn_natsel.keras._fits import fit_together


def test_each_fit_has_its_own_end():
    kept = []

    def begin(setting, rows):
        if setting["a"] == 2:
            raise ValueError("no such network")
        return f"estimator {setting['a']}", len(rows), kept.append

    def train(trainings):
        assert trainings == [1, 3, 4]
        return [{"loss": [0.1]}, None, {"loss": [0.4]}]

    settings = [{"a": a} for a in (1, 2, 3, 4)]
    fitted = fit_together(settings, [np.arange(n).tolist() for n in (1, 2, 3, 4)], begin, train)
    assert fitted[0] == "estimator 1"
    assert isinstance(fitted[1], ValueError)
    assert fitted[2:] == [None, "estimator 4"]
    assert kept == [{"loss": [0.1]}, {"loss": [0.4]}]
