import numpy as np
from killed_search import make_data, make_search

from sklearn_natsel._evaluation.order import longest_first
from sklearn_natsel._evolution import Evolution
from sklearn_natsel._space import Space


def after_a_generation(unit):
    """Return an evolution in which more layers take longer, and its second generation."""
    space = Space({"layers": range(1, 9), "kind": ["a", "b"], "rate": [0.1, 0.2, 0.3]})
    evolution = Evolution(space, np.random.RandomState(0), population_size=30, n_offspring=10)
    for candidate in evolution.ask():
        evolution.tell(candidate, 0, seconds=unit * candidate.params["layers"] ** 2)
    return evolution, evolution.ask()


def test_expected_times_come_from_what_similar_settings_took():
    evolution, bred = after_a_generation(unit=1)
    ordered = longest_first(bred, evolution.candidates, evolution.space)
    assert sorted(ordered, key=lambda candidate: candidate.index) == bred
    layers = [candidate.params["layers"] for candidate in ordered]
    assert np.mean(layers[:5]) > np.mean(layers[5:]) + 1


def test_short_evaluations_are_not_put_in_order():
    evolution, bred = after_a_generation(unit=1e-4)
    assert longest_first(bred, evolution.candidates, evolution.space) == bred


def test_without_experience_the_order_is_that_of_breeding():
    evolution = Evolution(Space({"a": range(9)}), np.random.RandomState(0), population_size=5)
    bred = evolution.ask()
    assert longest_first(bred, evolution.candidates, evolution.space) == bred
    for candidate in bred:
        evolution.tell(candidate, 0)  # as if it had failed
    bred = evolution.ask()
    assert longest_first(bred, evolution.candidates, evolution.space) == bred


def test_order_changes_no_result():
    one = make_search(None, None, n_jobs=1, seconds=0).fit(*make_data())
    two = make_search(None, None, n_jobs=2).fit(*make_data())
    for name, column in one.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(two.cv_results_[name], column)
