"""Trainings are sorted into groups, and come back in their order."""

import jax
import numpy as np

from sklearn_natsel.keras._population import groups, programs, together, train_together


def test_each_gets_its_own_history_whatever_its_group_is(begin, monkeypatch):
    monkeypatch.setitem(groups._GROUP_SIZES, jax.default_backend(), 2)
    params = [
        {"neurons": 8},
        {"neurons": 9},
        {"verbose": 2},
        {"neurons": 8, "learning_rate": 0.1},
        {"neurons": 8, "epochs": 1},
        {"neurons": 9, "learning_rate": 0.1},
        {"neurons": 8, "learning_rate": 0.02},
    ]
    histories = train_together([begin(**each) for each in params])
    assert [i for i, history in enumerate(histories) if history is None] == [2]
    for each, history in zip(params, histories):
        (alone,) = train_together([begin(**each)])
        assert (alone is None) == (history is None)
        if alone:
            np.testing.assert_allclose(history["loss"], alone["loss"], rtol=1e-4)


def test_features_in_common_go_to_the_device_once(begin, monkeypatch):
    given, filled = [], together.filled
    monkeypatch.setattr(together, "filled", lambda array: given.append(array) or filled(array))
    monkeypatch.setattr(together, "train_group", lambda program, trainings, features: [{}])
    features = begin().arrays[0]
    trainings = [begin(neurons=neurons) for neurons in (3, 4, 5)]
    trainings[2].arrays[0] = features.copy()
    train_together(trainings)
    assert len(given) == 2


def test_programs_may_be_dropped_while_others_are_trained(begin, monkeypatch):
    monkeypatch.setattr(programs, "_programs", {})
    monkeypatch.setattr(programs, "_MOST_PROGRAMS", 1)
    params = [{"n_hidden_layers": 0, "batch_size": size} for size in (60, 75, 100)]
    monkeypatch.setenv("NPROC", "1")
    expected = train_together([begin(**each) for each in params])
    monkeypatch.setenv("NPROC", "3")
    assert train_together([begin(**each) for each in params]) == expected
