"""What is alike is trained at once, and comes back in its order."""

import threading

import jax
import pytest

from sklearn_natsel.keras._population import groups
from sklearn_natsel.keras._population.groups import train_in_groups


@pytest.fixture
def in_threes(monkeypatch):
    monkeypatch.setitem(groups._GROUP_SIZES, jax.default_backend(), 3)


def test_groups_are_full_or_single(in_threes):
    trained = []

    def train(members):
        trained.append(members)
        return [f"network {i}" for i in members]

    keys = ["a", "b", None, "a", "a", "a", "b", "a"]
    results = train_in_groups(keys, train)
    assert results == [None if key is None else f"network {i}" for i, key in enumerate(keys)]
    assert sorted(trained) == [[0, 3, 4], [1], [5], [6], [7]]


def test_groups_are_trained_at_once_by_as_many_threads_as_there_are_cores(monkeypatch):
    monkeypatch.setenv("NPROC", "3")
    met = threading.Barrier(3, timeout=20)
    assert sorted(train_in_groups("abc", lambda members: [met.wait()])) == [0, 1, 2]


def fail_above(size, message):
    def train(members):
        if len(members) > size:
            raise jax.errors.JaxRuntimeError(message)
        return members

    return train


def test_without_memory_for_a_group_its_halves_are_tried(in_threes):
    keys = ["alike"] * 6
    assert train_in_groups(keys, fail_above(1, "RESOURCE_EXHAUSTED: memory")) == list(range(6))
    with pytest.raises(jax.errors.JaxRuntimeError, match="memory"):
        train_in_groups(keys, fail_above(0, "RESOURCE_EXHAUSTED: memory"))
    with pytest.raises(jax.errors.JaxRuntimeError, match="bug"):
        train_in_groups(keys, fail_above(1, "INTERNAL: bug"))
