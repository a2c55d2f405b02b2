"""CandidatesDisplay draws the score against each parameter."""

import numpy as np
import pytest
from partial_searches import partial_result, partial_search
from scipy.stats import loguniform
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import CandidatesDisplay, Conditional, GeneticSearchCV, maximize, minimize
from sklearn_natsel._displays.table import EvaluatedSettings

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt

SPACE = {
    "kernel": ["linear", "rbf"],
    "C": loguniform(1e-3, 1e3),
    "gamma": Conditional(loguniform(1e-4, 1), "kernel", "rbf"),
    "class_weight": [None, "balanced", {0: 1, 1: 2, 2: 1}],
}


@pytest.fixture(scope="module")
def search():
    search = GeneticSearchCV(SVC(), SPACE, max_evaluations=25, cv=3, random_state=0)
    return search.fit(*load_iris(return_X_y=True))


def drawn(points):
    return np.asarray(points.get_offsets())


def test_draws_every_setting_in_which_a_parameter_exists(search):
    display = CandidatesDisplay.from_estimator(search)
    results = search.cv_results_
    assert list(display.axes_) == ["kernel", "C", "gamma", "class_weight"]
    exists = ~np.ma.getmaskarray(results["param_gamma"])
    assert 0 < exists.sum() < len(exists)
    np.testing.assert_array_equal(
        drawn(display.points_["gamma"]),
        np.column_stack([results["param_gamma"].compressed(), results["mean_test_score"][exists]]),
    )
    np.testing.assert_array_equal(
        display.points_["gamma"].get_array(), np.asarray(results["generation"])[exists]
    )


def test_scales_and_labels(search):
    display = CandidatesDisplay.from_estimator(search)
    scales = {name: ax.get_xscale() for name, ax in display.axes_.items()}
    assert scales == {"kernel": "linear", "C": "log", "gamma": "log", "class_weight": "linear"}
    assert [ax.get_xlabel() for ax in display.axes_.values()] == list(display.axes_)
    assert display.axes_["kernel"].get_ylabel() == "Mean test score"
    labels = [label.get_text() for label in display.axes_["class_weight"].get_xticklabels()]
    assert labels == ["None", "balanced", "{0: 1, 1: 2, 2: 1}"]
    assert display.colorbar_.ax.get_ylabel() == "Generation"


def test_long_labels_are_broken(search):
    name = "Mean test neg_root_mean_squared_error"
    display = CandidatesDisplay.from_estimator(search, score_name=name)
    label = display.axes_["kernel"].yaxis.label
    assert label.get_text() == "Mean test\nneg_root_mean_squared_error"
    display.figure_.canvas.draw()
    assert label.get_window_extent().height < display.axes_["kernel"].bbox.height * 1.3


def test_points_of_a_category_stay_near_it_and_do_not_hide_each_other(search):
    display = CandidatesDisplay.from_estimator(search)
    x = drawn(display.points_["kernel"])[:, 0]
    kernels = np.array(search.cv_results_["param_kernel"].tolist())
    np.testing.assert_array_equal(np.round(x), kernels == "rbf")
    assert len(set(x)) == len(x)
    again = CandidatesDisplay.from_estimator(search)
    np.testing.assert_array_equal(x, drawn(again.points_["kernel"])[:, 0])


def test_numpys_global_generator_is_not_used(search):
    before = np.random.get_state()[1].copy()
    CandidatesDisplay.from_estimator(search)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_chosen_setting_is_marked_where_it_has_the_parameter(search):
    display = CandidatesDisplay.from_estimator(search)
    assert set(display.best_) == set(search.best_params_)
    x, y = display.best_["C"].get_data()
    assert (x[0], y[0]) == (search.best_params_["C"], search.best_score_)


def test_parameters_can_be_chosen(search):
    display = CandidatesDisplay.from_estimator(search, params=["gamma", "C"])
    assert list(display.axes_) == ["gamma", "C"]


@pytest.mark.parametrize("params", [["gamma", "Gamma"], []])
def test_wrong_parameters_are_an_error(search, params):
    with pytest.raises(ValueError, match=r"The 'params' parameter .*\['kernel', 'C', 'gamma'"):
        CandidatesDisplay.from_estimator(search, params=params)


def test_draws_on_given_axes(search):
    figure, axes = plt.subplots(1, 2)
    display = CandidatesDisplay.from_estimator(search, params=["C", "gamma"], ax=axes)
    assert list(display.axes_.values()) == list(axes)
    assert display.figure_ is figure
    with pytest.raises(ValueError, match=r"The .ax. parameter .* 4 parameters. Got 2"):
        display.plot(ax=axes)


def test_a_single_axes_is_enough_for_a_single_parameter(search):
    _, ax = plt.subplots()
    assert CandidatesDisplay.from_estimator(search, params=["C"], ax=ax).axes_ == {"C": ax}


def test_many_parameters_wrap():
    def total(**numbers):
        return sum(numbers.values())

    space = {f"p{i}": range(9) for i in range(9)}
    display = CandidatesDisplay.from_result(maximize(total, space, n_generations=1))
    assert len(display.axes_) == 9
    assert len({ax.get_subplotspec().rowspan.start for ax in display.axes_.values()}) == 3
    display.figure_.canvas.draw()


def test_nan_is_a_category_that_every_setting_is_drawn_in():
    model = Pipeline([("imputer", SimpleImputer()), ("tree", DecisionTreeClassifier())])
    space = {"imputer__missing_values": [np.nan, -1], "tree__max_depth": [1, 2]}
    search = GeneticSearchCV(model, space, cv=2, n_generations=1, random_state=0)
    display = CandidatesDisplay.from_estimator(search.fit(*load_iris(return_X_y=True)))
    labels = display.axes_["imputer__missing_values"].get_xticklabels()
    assert [label.get_text() for label in labels] == ["nan", "-1"]
    x = drawn(display.points_["imputer__missing_values"])[:, 0]
    is_minus_one = [p["imputer__missing_values"] == -1 for p in search.cv_results_["params"]]
    np.testing.assert_array_equal(np.round(x), is_minus_one)
    assert 0 < sum(is_minus_one) < len(is_minus_one)
    assert set(display.best_) == set(space)


@pytest.mark.filterwarnings("ignore")
def test_settings_without_a_score_are_marked_at_the_edge():
    space = {"max_depth": [-2, -1, 1, 2, 3], "min_samples_leaf": [1, 2]}
    search = GeneticSearchCV(DecisionTreeClassifier(random_state=0), space, n_generations=1, cv=2)
    search.fit(*load_iris(return_X_y=True))
    display = CandidatesDisplay.from_estimator(search)
    depths, _ = display.failed_["max_depth"].get_data()
    assert set(depths) == {-2, -1}
    assert len(drawn(display.points_["max_depth"])) + len(depths) == search.n_evaluations_


@pytest.mark.parametrize(("optimize", "best"), [(maximize, 49), (minimize, -50)])
def test_results_of_functions(optimize, best):
    result = optimize(lambda x: x**3, {"x": range(-50, 50)}, max_evaluations=100, random_state=0)
    display = CandidatesDisplay.from_result(result)
    x, y = display.best_["x"].get_data()
    assert (x[0], y[0]) == (best, best**3)
    assert display.axes_["x"].get_ylabel() == "Value"


def test_refit_may_name_the_only_metric():
    search = GeneticSearchCV(SVC(), {"C": [1, 10]}, scoring="f1_macro", refit="f1_macro", cv=3)
    display = CandidatesDisplay.from_estimator(search.fit(*load_iris(return_X_y=True)))
    _, y = display.best_["C"].get_data()
    assert y[0] == search.best_score_
    assert display.axes_["C"].get_ylabel() == "Mean test f1_macro"


def accuracy_unless_tiny(estimator, X, y):
    return np.nan if estimator.C == 0.1 else estimator.score(X, y)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_search_that_leaves_the_choice_open():
    scoring = {"own": accuracy_unless_tiny, "f1": "f1_macro"}
    search = GeneticSearchCV(SVC(), {"C": [0.1, 1, 10]}, scoring=scoring, refit=False, cv=3)
    search.fit(*load_iris(return_X_y=True))
    display = CandidatesDisplay.from_estimator(search)
    assert display.axes_["C"].get_ylabel() == "Mean test own"
    _, y = display.best_["C"].get_data()
    assert y[0] == np.nanmax(search.cv_results_["mean_test_own"])


def test_unfitted_search_is_an_error():
    with pytest.raises(NotFittedError):
        CandidatesDisplay.from_estimator(GeneticSearchCV(SVC(), SPACE))


def counted(**params):
    return float(len(params))


def drawn_in_full(display):
    """Draw the figure, for texts are only read then; return the boxes of the texts of an axis."""
    display.figure_.draw_without_rendering()
    return {
        name: [
            label.get_window_extent()
            for label in (*ax.get_xticklabels(), ax.xaxis.label)
            if label.get_text() and label.get_visible()
        ]
        for name, ax in display.axes_.items()
    }


def test_dollars_are_no_mathematics():
    space = {"a$x_1$": ["$_$", r"^\w+$|^\d$"], "n": range(9)}
    result = maximize(counted, space, max_evaluations=18, random_state=0)
    display = CandidatesDisplay.from_result(result, param_space=space)
    drawn_in_full(display)
    axes = display.axes_["a$x_1$"]
    for text in (axes.xaxis.label, *axes.get_xticklabels()):
        assert not text._preprocess_math(text.get_text())[1]
    shown = [t._preprocess_math(t.get_text())[0] for t in axes.get_xticklabels()]
    assert shown == ["$_$", r"^\w+$|^\d$"]


def test_labels_do_not_hide_each_other():
    space = {
        "columntransformer__pipeline-1__simpleimputer__strategy": ["mean", "median"],
        "columntransformer__pipeline-2__simpleimputer__strategy": ["mean", "median"],
        "several": [f"category number {i}" for i in range(12)],
        "many": [f"category number {i}" for i in range(30)],
        "narrow": loguniform(100, 300),
        "narrower": loguniform(1e-5, 1.2e-5),
        "two_decades": loguniform(0.003, 0.1),
        "the_number_of_iterations_without_any_change": range(9),
        "the_number_of_iterations_with_some_change": range(9),
        "wide": loguniform(1e-5, 1e5),
    }
    result = maximize(counted, space, max_evaluations=30, random_state=0)
    # As if only a small part of the space had been tried.
    space |= {"narrow": loguniform(1e-3, 1e6), "narrower": loguniform(1e-9, 1)}
    display = CandidatesDisplay.from_result(result, param_space=space)
    boxes = drawn_in_full(display)
    assert {display.axes_[name].get_xscale() for name in ("narrow", "two_decades")} == {"log"}
    for name, own in boxes.items():
        assert len(own) >= 3
        for i, box in enumerate(own):
            assert not any(box.overlaps(other) for other in own[i + 1 :]), name
    names = [own[-1] for own in boxes.values()]
    for i, box in enumerate(names):
        assert not any(box.overlaps(other) for other in names[i + 1 :])


def test_long_names_of_categories_leave_room_for_the_axes():
    space = {
        "model": [f"gradient boosting number {i}" for i in range(9)],
        "depth": range(9),
    }
    display = CandidatesDisplay.from_result(maximize(counted, space, n_generations=2))
    drawn_in_full(display)
    inches = display.axes_["model"].get_window_extent().height / display.figure_.dpi
    assert inches > 1.5


def test_whole_numbers_have_whole_marks():
    space = {"degree": [1, 2], "share": [0.5, 1.0]}
    display = CandidatesDisplay.from_result(maximize(counted, space, n_generations=1))
    drawn_in_full(display)
    marks = display.axes_["degree"].get_xticks()
    np.testing.assert_array_equal(marks, np.round(marks))
    assert np.mod(display.axes_["share"].get_xticks(), 1).any()


def test_an_infinite_best_is_not_promised_in_the_legend():
    def infinite(x):
        return np.inf if x == 1 else x

    display = CandidatesDisplay.from_result(maximize(infinite, {"x": [1, 2, 3]}))
    assert not display.best_


def test_settings_that_were_evaluated_in_part_are_hollow_and_no_failures():
    search = partial_search()
    display = CandidatesDisplay.from_estimator(search)
    partial = np.isnan(search.cv_results_["mean_test_score"])
    assert 0 < partial.sum() < len(partial)
    assert display.failed_ == {}
    points = display.partial_["max_depth"]
    assert len(points.get_facecolor()) == 0
    depths = np.array(search.cv_results_["param_max_depth"], dtype=float)
    np.testing.assert_array_equal(drawn(points)[:, 0], depths[partial])
    last = EvaluatedSettings.from_search(search).candidates["last_value"]
    np.testing.assert_array_equal(drawn(points)[:, 1], last[partial])
    assert len(drawn(display.points_["max_depth"])) == (~partial).sum()
    (legend,) = display.figure_.legends
    assert [text.get_text() for text in legend.get_texts()] == ["chosen", "in part"]
    # How far each got, if the resource is a parameter.
    assert set(drawn(display.partial_["max_leaf_nodes"])[:, 0]) <= {2, 6, 18}
    display.figure_.draw_without_rendering()
    colours = display.points_["max_depth"].cmap(points.norm(points.get_array()))
    np.testing.assert_array_equal(points.get_edgecolor(), colours)


@pytest.mark.filterwarnings("ignore")
def test_settings_that_failed_in_part_are_crosses():
    space = {"max_depth": [-2, -1, 1, 2, 3], "min_samples_leaf": range(1, 9)}
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0),
        space,
        racing=True,
        max_evaluations=8,
        random_state=0,
    ).fit(*load_iris(return_X_y=True))
    display = CandidatesDisplay.from_estimator(search)
    depths, _ = display.failed_["max_depth"].get_data()
    assert set(depths) == {-2, -1}
    assert (drawn(display.partial_["max_depth"])[:, 0] > 0).all()


def test_results_of_functions_with_a_resource():
    result = partial_result()
    display = CandidatesDisplay.from_result(result)
    partial = np.isnan(result.candidates["value"])
    np.testing.assert_array_equal(
        drawn(display.partial_["x"])[:, 1], result.candidates["last_value"][partial]
    )
