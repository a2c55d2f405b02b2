"""Trainings are sorted into groups, and come back in their order."""

import threading

import jax
import numpy as np
import pytest

from sklearn_natsel.keras._population import program, together, train_together


def test_each_gets_its_own_history_whatever_its_group_is(begin, monkeypatch):
    monkeypatch.setitem(together._GROUP_SIZES, jax.default_backend(), 2)
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


def test_groups_are_full_or_single(monkeypatch):
    monkeypatch.setitem(together._GROUP_SIZES, jax.default_backend(), 3)
    assert list(together._parts(list(range(8)))) == [[0, 1, 2], [3, 4, 5], [6], [7]]


def test_groups_are_trained_at_once_by_as_many_threads_as_there_are_cores(begin, monkeypatch):
    monkeypatch.setenv("NPROC", "3")
    met = threading.Barrier(3, timeout=20)

    def meet(program, trainings, features):
        return [{"loss": [met.wait()]} for _ in trainings]

    monkeypatch.setattr(together, "train_group", meet)
    histories = train_together([begin(neurons=neurons) for neurons in (3, 4, 5)])
    assert sorted(history["loss"][0] for history in histories) == [0, 1, 2]


def test_programs_may_be_dropped_while_others_are_trained(begin, monkeypatch):
    monkeypatch.setattr(program, "_programs", {})
    monkeypatch.setattr(program, "_MOST_PROGRAMS", 1)
    params = [{"n_hidden_layers": 0, "batch_size": size} for size in (60, 75, 100)]
    monkeypatch.setenv("NPROC", "1")
    expected = train_together([begin(**each) for each in params])
    monkeypatch.setenv("NPROC", "3")
    assert train_together([begin(**each) for each in params]) == expected


def fail_above(size, message):
    def train(program, trainings, features):
        if len(trainings) > size:
            raise jax.errors.JaxRuntimeError(message)
        return [{"loss": [float(training.seed)]} for training in trainings]

    return train


def test_without_memory_for_a_group_its_halves_are_tried(begin, monkeypatch):
    trainings = [begin(random_state=i) for i in range(8)]
    expected = [{"loss": [float(training.seed)]} for training in trainings]
    monkeypatch.setitem(together._GROUP_SIZES, jax.default_backend(), 8)
    monkeypatch.setattr(together, "train_group", fail_above(2, "RESOURCE_EXHAUSTED: memory"))
    assert train_together(trainings) == expected
    monkeypatch.setattr(together, "train_group", fail_above(0, "RESOURCE_EXHAUSTED: memory"))
    with pytest.raises(jax.errors.JaxRuntimeError, match="memory"):
        train_together(trainings)
    monkeypatch.setattr(together, "train_group", fail_above(2, "INTERNAL: bug"))
    with pytest.raises(jax.errors.JaxRuntimeError, match="bug"):
        train_together(trainings)
