"""ImportanceDisplay draws which parameters the score depends on."""

from copy import copy

import numpy as np
import pytest
from partial_searches import partial_search
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional, GeneticSearchCV, ImportanceDisplay, maximize, minimize

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt

SPACE = {"strong": range(50), "weak": range(50), "useless": ["a", "b", None]}


def weighted(strong, weak, useless):
    return 10.0 * strong + 3.0 * weak


@pytest.fixture(scope="module")
def result():
    # Without a surrogate: it soon tries high values of `strong` alone, which differ little.
    return maximize(weighted, SPACE, surrogate=False, max_evaluations=80, random_state=0)


@pytest.fixture(scope="module")
def shared(result):
    """A display of the result; tests that draw it again take a copy."""
    return ImportanceDisplay.from_result(result, random_state=0)


def importance_of(display):
    return dict(zip(display.params, display.importances.mean(axis=1)))


def test_orders_the_parameters_by_their_effect(shared, result):
    importance = importance_of(shared)
    assert importance["strong"] > importance["weak"] > importance["useless"]
    assert importance["useless"] == pytest.approx(0, abs=0.05)
    assert 0.7 < shared.r2 <= 1
    assert shared.n_settings == result.nfev


def test_draws_the_mean_and_the_spread(shared):
    labels = [label.get_text() for label in shared.ax_.get_yticklabels()]
    assert labels == ["useless", "weak", "strong"]
    importance = importance_of(shared)
    widths = [bar.get_width() for bar in shared.bars_]
    np.testing.assert_allclose(widths, [importance[label] for label in labels])
    segments = shared.bars_.errorbar.lines[2][0].get_segments()
    strong = shared.importances[shared.params.index("strong")]
    low, high = segments[-1][:, 0]
    assert high - low == pytest.approx(2 * strong.std())


def test_says_how_well_the_forest_predicts(shared, result):
    title = shared.ax_.get_title()
    assert f"R² = {shared.r2:.2f}" in title
    assert f"{result.nfev} settings" in title
    assert "says nothing" not in title


def test_says_so_if_the_forest_predicts_nothing(shared):
    display = copy(shared)
    display.r2 = -0.1
    assert "says nothing" in display.plot().ax_.get_title()


def test_noise_can_not_be_predicted(result):
    rng = np.random.RandomState(0)
    noise = dict(result.candidates, value=rng.normal(size=result.nfev))
    result = type(result)(candidates=noise, fun=noise["value"].max())
    assert ImportanceDisplay.from_result(result, random_state=0).r2 < 0.1


def test_same_seed_same_picture_on_given_axes_or_new_ones(shared, result):
    figure, ax = plt.subplots()
    again = ImportanceDisplay.from_result(result, ax=ax, random_state=0)
    np.testing.assert_array_equal(again.importances, shared.importances)
    assert again.ax_ is ax
    assert again.figure_ is figure
    assert again.plot() is again
    assert again.ax_ is not ax


def test_without_a_seed_the_global_generator_is_left_alone(shared, result):
    before = np.random.get_state()
    display = ImportanceDisplay.from_result(result)
    after = np.random.get_state()
    assert before[2] == after[2]
    np.testing.assert_array_equal(before[1], after[1])
    assert not np.array_equal(display.importances, shared.importances)


def test_the_sign_does_not_matter():
    result = minimize(weighted, SPACE, max_evaluations=80, random_state=0)
    importance = importance_of(ImportanceDisplay.from_result(result, random_state=0))
    assert max(importance, key=importance.get) == "strong"


def test_a_parameter_does_not_matter_by_its_existence():
    """Whether `inner` exists tells the kind, but only the kind has an effect."""

    def by_kind(kind, other, inner=0):
        return 100.0 * (kind == "b") + other

    space = {
        "kind": ["a", "b"],
        "other": range(100),
        "inner": Conditional(range(1000), "kind", "a"),
    }
    result = maximize(by_kind, space, population_size=60, n_generations=2, random_state=0)
    importance = importance_of(ImportanceDisplay.from_result(result, random_state=0))
    assert importance["kind"] > 0.3
    assert importance["inner"] < 0.1


def test_values_may_be_infinite_or_larger_than_trees_can_take():
    space = {"strong": [1.0, 1e100, 1e300, np.inf], "weak": [0, 1, 2]}

    def order(strong, weak):
        return 2 * [1.0, 1e100, 1e300, np.inf].index(strong) + weak

    result = maximize(order, space, max_evaluations=12, random_state=0)
    importance = importance_of(ImportanceDisplay.from_result(result, random_state=0))
    assert importance["strong"] > importance["weak"]


@pytest.mark.filterwarnings("ignore")
def test_settings_without_a_score_are_left_out():
    space = {"max_depth": range(-5, 20), "min_samples_leaf": range(1, 60)}
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0), space, max_evaluations=40, cv=2, random_state=0
    ).fit(*load_iris(return_X_y=True))
    n_failed = int(np.isnan(search.cv_results_["mean_test_score"]).sum())
    assert n_failed
    display = ImportanceDisplay.from_estimator(search, random_state=0)
    assert display.n_settings == 40 - n_failed
    assert np.isfinite(display.importances).all()


def test_too_few_settings_are_an_error():
    result = maximize(weighted, SPACE, population_size=9, n_generations=1, random_state=0)
    with pytest.raises(ValueError, match=r"at least 10 .* Got 9: .* larger max_evaluations"):
        ImportanceDisplay.from_result(result)


def test_equal_scores_are_an_error():
    result = maximize(lambda x: 7, {"x": range(100)}, max_evaluations=20)
    with pytest.raises(ValueError, match="scores that differ"):
        ImportanceDisplay.from_result(result)


def test_unfitted_search_is_an_error():
    with pytest.raises(NotFittedError):
        ImportanceDisplay.from_estimator(GeneticSearchCV(DecisionTreeClassifier(), SPACE))


def test_long_names_leave_room_for_what_the_picture_says():
    names = ["columntransformer__pipeline-1__simpleimputer__strategy", "a$x_1$"]

    def score(**params):
        return float(params[names[0]])

    result = maximize(score, {name: range(50) for name in names}, max_evaluations=40)
    figure = ImportanceDisplay.from_result(result, random_state=0).figure_
    figure.draw_without_rendering()
    (ax,) = figure.axes
    for text in (ax.title, ax.xaxis.label, *ax.get_yticklabels()):
        box = text.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert not text._preprocess_math(text.get_text())[1]


def bumpy(x, epochs=9):
    """A function whose order of settings is another one with every number of epochs."""
    return x - 40 * ((x * epochs) % 7)


def test_only_whole_evaluations_count_and_the_resource_is_no_parameter():
    options = {"surrogate": False, "max_evaluations": 80, "factor": 2, "random_state": 0}
    result = maximize(bumpy, {"x": range(999)}, resource="epochs", **options)
    whole = ~np.isnan(result.candidates["value"])
    display = ImportanceDisplay.from_result(result, random_state=0)
    assert display.n_settings == whole.sum() < len(whole)
    assert display.params == ["x"]
    with pytest.raises(ValueError, match="at least 10 settings with a score, evaluated whole"):
        ImportanceDisplay.from_estimator(partial_search(max_evaluations=3))
