"""EvolutionDisplay draws the history of a fitted search."""

import sys

import numpy as np
import pytest
from partial_searches import partial_result, partial_search
from scipy.stats import uniform
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import (
    CandidatesDisplay,
    EvolutionDisplay,
    GeneticSearchCV,
    ImportanceDisplay,
    LineageDisplay,
    maximize,
    minimize,
)

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt

SPACE = {"max_depth": range(1, 20), "min_samples_leaf": range(1, 20)}


def fitted(**params):
    options = {"n_generations": 6, "cv": 3, "random_state": 0, **params}
    search = GeneticSearchCV(DecisionTreeClassifier(random_state=0), SPACE, **options)
    return search.fit(*load_iris(return_X_y=True))


@pytest.fixture(scope="module")
def search():
    return fitted()


def test_draws_what_happened(search):
    display = EvolutionDisplay.from_estimator(search)
    history = search.evolution_history_
    for line, name in [("best_so_far_", "best_so_far"), ("best_", "best"), ("mean_", "mean")]:
        x, values = getattr(display, line).get_data()
        np.testing.assert_array_equal(x, history["generation"])
        np.testing.assert_array_equal(values, history[name])
    low, high = history["mean"] - history["std"], history["mean"] + history["std"]
    band = display.band_.get_paths()[0].vertices
    assert band[:, 1].min() == low.min()
    assert band[:, 1].max() == high.max()
    for name, column in search.evolution_history_.items():
        assert display.history[name] is column


def test_labels(search):
    display = EvolutionDisplay.from_estimator(search)
    assert display.ax_.get_xlabel() == "Generation"
    assert display.ax_.get_ylabel() == "Mean test score"
    assert display.ax_.get_title() == ""
    assert len(display.ax_.get_legend().get_texts()) == 4
    ticks = display.ax_.get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))


def test_title_and_name_of_the_score_can_be_set(search):
    display = EvolutionDisplay.from_estimator(search, title="Trees", score_name="Accuracy")
    assert display.ax_.get_title() == "Trees"
    assert display.ax_.get_ylabel() == "Accuracy"
    assert display.plot(title="Again").ax_.get_title() == "Again"


@pytest.mark.parametrize(
    ("scoring", "refit", "label"),
    [
        ("f1_macro", True, "f1_macro"),
        ("f1_macro", False, "f1_macro"),
        (["accuracy", "f1_macro"], "f1_macro", "f1_macro"),
        (["accuracy", "f1_macro"], False, "accuracy"),
        (lambda estimator, X, y: estimator.score(X, y), True, "score"),
    ],
)
def test_axis_names_the_metric_that_evolved(scoring, refit, label):
    display = EvolutionDisplay.from_estimator(fitted(scoring=scoring, refit=refit))
    assert label in display.ax_.get_ylabel()


def test_draws_on_given_axes(search):
    figure, axes = plt.subplots(2)
    display = EvolutionDisplay.from_estimator(search, ax=axes[0])
    assert display.ax_ is axes[0]
    assert display.figure_ is figure
    assert display.plot(ax=axes[1]) is display
    assert display.ax_ is axes[1]
    assert len(plt.get_fignums()) == 1


def test_new_figure_without_axes(search):
    display = EvolutionDisplay.from_estimator(search)
    assert display.plot() is display
    assert len(plt.get_fignums()) == 2


def test_unfitted_search_is_an_error():
    search = GeneticSearchCV(DecisionTreeClassifier(), SPACE)
    with pytest.raises(NotFittedError, match="GeneticSearchCV"):
        EvolutionDisplay.from_estimator(search)


@pytest.mark.parametrize(
    "display", [CandidatesDisplay, EvolutionDisplay, ImportanceDisplay, LineageDisplay]
)
def test_other_estimators_are_an_error(display):
    X, y = load_iris(return_X_y=True)
    grid_search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}).fit(X, y)
    message = "'estimator' parameter must be a fitted GeneticSearchCV. Got GridSearchCV"
    with pytest.raises(InvalidParameterError, match=message):
        display.from_estimator(grid_search)


def test_a_single_generation_can_be_drawn():
    display = EvolutionDisplay.from_estimator(fitted(n_generations=1))
    display.figure_.canvas.draw()
    x, _ = display.best_so_far_.get_data()
    assert list(x) == [0]
    ticks = display.ax_.get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))
    for line in (display.mean_, display.best_, display.best_so_far_):
        assert line.get_marker() != "None"  # else a single point is invisible
    assert display.band_.get_linewidth()[0] > 0


@pytest.mark.filterwarnings("ignore")
def test_generations_that_failed_leave_gaps():
    estimator = DecisionTreeClassifier(random_state=0)
    space = {"max_depth": [-1, -2, -3, -4, 1, 2, 3], "min_samples_leaf": [1, 2]}
    search = GeneticSearchCV(
        estimator, space, population_size=2, n_offspring=1, cv=2, n_generations=14, random_state=3
    ).fit(*load_iris(return_X_y=True))
    assert np.isnan(search.evolution_history_["best"]).any()
    display = EvolutionDisplay.from_estimator(search)
    display.figure_.canvas.draw()
    assert np.isfinite(display.ax_.get_ylim()).all()


@pytest.mark.parametrize(
    ("x", "column", "label"),
    [
        ("generation", "generation", "Generation"),
        ("evaluations", "n_evaluations", "Settings evaluated"),
        ("seconds", "seconds", "Time since the start (s)"),
    ],
)
@pytest.mark.parametrize("name", [None, "a name"])
def test_scores_against_generations_evaluations_or_seconds(search, x, column, label, name):
    display = EvolutionDisplay.from_estimator(search, x=x, name=name)
    drawn, _ = display.best_so_far_.get_data()
    np.testing.assert_array_equal(drawn, search.evolution_history_[column])
    assert display.ax_.get_xlabel() == label


def test_unknown_x_is_an_error_before_anything_is_drawn(search):
    with pytest.raises(ValueError, match=r"The 'x' parameter .*'evaluations'.* Got 'time'"):
        EvolutionDisplay.from_estimator(search, x="time")
    assert not plt.get_fignums()


def test_searches_on_the_same_axes_can_be_told_apart(search):
    other = fitted(random_state=1)
    first = EvolutionDisplay.from_estimator(search, name="first")
    second = EvolutionDisplay.from_estimator(other, name="second", ax=first.ax_)
    third = EvolutionDisplay(search.evolution_history_).plot(name="third", ax=first.ax_)
    assert second.ax_ is first.ax_
    assert [text.get_text() for text in third.ax_.get_legend().get_texts()] == [
        "first",
        "second",
        "third",
    ]
    lines = [display.best_so_far_ for display in (first, second, third)]
    for look in ("get_color", "get_marker", "get_linestyle"):
        assert len({getattr(line, look)() for line in lines}) == 3
    assert third.mean_ is third.best_ is third.band_ is None


def test_axes_show_all_searches(search):
    history = search.evolution_history_
    worse = {**history, "best_so_far": history["best_so_far"] - 1}
    display = EvolutionDisplay(worse).plot(name="worse")
    display = EvolutionDisplay(history).plot(name="better", ax=display.ax_)
    low, high = display.ax_.get_ylim()
    assert low < worse["best_so_far"].min()
    assert high > history["best_so_far"].max()


@pytest.mark.parametrize("optimize", [maximize, minimize])
def test_results_of_functions_are_drawn(optimize):
    result = optimize(parabola, {"x": range(-50, 50)}, max_evaluations=30, random_state=0)
    display = EvolutionDisplay.from_result(result, x="evaluations", title="Parabola")
    _, values = display.best_so_far_.get_data()
    assert values[-1] == result.fun
    assert display.ax_.get_ylabel() == "Value"
    assert display.ax_.get_title() == "Parabola"


def parabola(x):
    return x * x


def test_scores_that_are_all_alike_can_be_drawn():
    history = {name: np.ones(3) for name in ("best", "best_so_far", "mean")}
    display = EvolutionDisplay({**history, "generation": np.arange(3), "std": np.zeros(3)}).plot()
    display.figure_.canvas.draw()
    low, high = display.ax_.get_ylim()
    assert low < 1 < high


def test_without_matplotlib_the_error_tells_how_to_install_it(search, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"sklearn-natsel\[plot\]"):
        EvolutionDisplay.from_estimator(search)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_positive_values_can_be_seen_on_a_logarithmic_axis(scale):
    result = minimize(
        lambda x, y: (x - 3) ** 2 + (y + 1) ** 2,
        {"x": uniform(-10, 20), "y": uniform(-10, 20)},
        max_evaluations=80,
        random_state=0,
    )
    ax = plt.subplots()[1]
    ax.set_yscale(scale)
    EvolutionDisplay.from_result(result, ax=ax)
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    best = result.history["best_so_far"]
    # No more than a tenth of the height above the lines, and below them.
    assert 0 < low < best.min() < best.max() < high
    height = np.log(high / low)
    assert np.log(best.min() / low) < height / 10
    assert np.log(high / result.history["mean"].max()) < height / 10


def test_score_name_is_no_mathematics(search):
    display = EvolutionDisplay.from_estimator(search, score_name="a$b$")
    assert display.ax_.get_ylabel() == r"a\$b\$"


def test_fits_and_resources_can_be_what_scores_are_drawn_against():
    search = partial_search()
    history = search.evolution_history_
    for x, label in (("fits", "Fits"), ("resources", "Resources, sum over all fits")):
        display = EvolutionDisplay.from_estimator(search, x=x)
        np.testing.assert_array_equal(display.best_so_far_.get_xdata(), history[f"n_{x}"])
        assert display.ax_.get_xlabel() == label
    whole = partial_search(racing=False, resource=None)
    display = EvolutionDisplay.from_estimator(whole, x="fits")
    n_fits = whole.evolution_history_["n_evaluations"] * 6
    np.testing.assert_array_equal(display.best_so_far_.get_xdata(), n_fits)
    with pytest.raises(ValueError, match=r"The 'x' parameter .* 'resources', .* a 'resource'"):
        EvolutionDisplay.from_estimator(whole, x="resources")
    with pytest.raises(ValueError, match=r"'fits', .* by from_estimator or from_result"):
        EvolutionDisplay(whole.evolution_history_).plot(x="fits")
    result = partial_result()
    display = EvolutionDisplay.from_result(result, x="resources")
    np.testing.assert_array_equal(display.best_so_far_.get_xdata(), result.history["n_resources"])
