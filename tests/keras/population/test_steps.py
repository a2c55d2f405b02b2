"""A step serves all models that take it, each with its own numbers."""

import numpy as np
import pytest

from sklearn_natsel.keras._population import programs
from sklearn_natsel.keras._population.steps import step_of
from sklearn_natsel.keras._population.traced import Traced


@pytest.fixture(autouse=True)
def no_programs(monkeypatch):
    monkeypatch.setattr(programs, "_programs", {})


def descent(rate):
    def step(state, batch):
        error = state - batch.mean()
        return abs(error), state - rate * error.clip(-5.0, 5.0)

    return Traced(step, np.float32(0), np.zeros(2, np.float32))


def test_models_take_it_together():
    traced = [descent(rate) for rate in (0.125, 0.5, 1.0)]
    step, *same = [step_of(one) for one in traced]
    assert same == [step, step]
    values = step.values_of(traced)
    assert [of_models.tolist() for of_models in values.values()] == [[0.125, 0.5, 1.0]]
    state, batch = np.zeros(3, np.float32), np.ones((3, 2), np.float32)
    _, state = step(values, state, batch)
    errors, state = step(values, state, batch)
    np.testing.assert_allclose(errors, [0.875, 0.5, 0.0])


def test_numbers_that_never_differ_are_no_data():
    traced = descent(0.1)
    assert step_of(traced).values_of([traced]) == {}
    assert step_of(descent(0.1)).values_of([traced]) == {}
    assert len(step_of(descent(0.2)).values_of([traced])) == 1
