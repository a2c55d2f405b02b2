"""LineageDisplay draws the ancestry of the chosen setting."""

import numpy as np
import pytest
from partial_searches import partial_result, partial_search
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV, LineageDisplay, minimize

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt

#  0 random   1 random   2 of 0 and 1   3 of 2 and 0   4 of 3 and 2
FAMILY = {
    "params": [
        {"a": 1, "b": "x", "c": None, "d": 0},
        {"a": 2, "b": "y", "c": None, "d": 0},
        {"a": 1, "b": "y", "c": None, "d": 0},
        {"a": 7, "b": "y", "c": None, "d": 0, "e": 0.5},
        {"a": 7, "b": "y", "c": None, "d": 0, "e": 0.25},
    ],
    "value": [0.1, 0.2, np.nan, 0.4, 0.54321],
    "generation": [0, 0, 1, 2, 3],
    "origin": ["default", "random", "crossover", "crossover+mutation", "crossover+mutation"],
    "parent_1": [-1, -1, 0, 2, 3],
    "parent_2": [-1, -1, 1, 0, 2],
}


@pytest.fixture(scope="module")
def search():
    space = {"max_depth": range(1, 20), "min_samples_leaf": range(1, 30), "criterion": ["gini"]}
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0), space, max_evaluations=60, cv=3, random_state=0
    )
    return search.fit(*load_iris(return_X_y=True))


def family(**options):
    return LineageDisplay(FAMILY, best_index=4).plot(**options)


def lines_of(display, *path):
    return display.boxes_[path].get_text().split("\n")


def test_boxes_tell_score_generation_and_source_of_every_value():
    display = family(depth=2)
    assert lines_of(display) == [
        "#4, generation 3: 0.54321",
        "* e = 0.25",
        "1 a = 7",
        "= b = y",
    ]
    assert lines_of(display, 0)[1:] == ["* a = 7", "* e = 0.5", "1 b = y"]
    assert lines_of(display, 1)[0] == "#2, generation 1: nan"
    assert lines_of(display, 1)[1:] == ["1 a = 1", "2 b = y"]
    assert lines_of(display, 1, 1) == ["#1, generation 0: 0.2", "random", "  a = 2", "  b = y"]


def test_ancestors_that_are_met_again_are_not_repeated():
    display = family(depth=2)
    assert lines_of(display, 0, 0) == ["#2, generation 1: nan", "drawn elsewhere"]


def test_parents_that_are_not_drawn_are_named():
    display = family(depth=1)
    assert set(display.boxes_) == {(), (0,), (1,)}
    assert lines_of(display, 0)[1] == "of #2 and #0"
    assert lines_of(family(depth=0)) == [
        "#4, generation 3: 0.54321",
        "of #3 and #2",
        "  a = 7",
        "  b = y",
        "  c = None",
        "  d = 0",
        "  e = 0.25",
    ]


def test_parameters_can_be_chosen():
    assert lines_of(family(params=["c", "a"]))[1:] == ["1 a = 7", "= c = None"]
    with pytest.raises(ValueError, match=r"The 'params' parameter of LineageDisplay.plot"):
        family(params=["z"])


def test_boxes_do_not_grow_without_end():
    params = [{f"p{i}": i * row for i in range(20)} for row in range(3)]
    candidates = {
        "params": params,
        "value": [1, 2, 3],
        "generation": [0, 0, 1],
        "origin": ["random"] * 3,
        "parent_1": [-1, -1, 0],
        "parent_2": [-1, -1, 1],
    }
    lines = lines_of(LineageDisplay(candidates, best_index=2).plot())
    assert len(lines) == 10
    assert lines[-1] == "… 11 more"  # p0 is the same in all


def test_lines_join_parents_and_children():
    display = family(depth=2)
    assert set(display.lines_) == set(display.boxes_) - {()}
    for path, line in display.lines_.items():
        x, y = line.get_data()
        assert (x[0], y[0]) == display.boxes_[path].get_position()
        assert (x[1], y[1]) == display.boxes_[path[:-1]].get_position()
        assert x[1] == x[0] + 1
        assert line.get_linestyle() == ["-", "--"][path[-1]]


@pytest.mark.parametrize("depth", [0, 1, 2, 4])
def test_boxes_do_not_hide_each_other(search, depth):
    display = LineageDisplay.from_estimator(search, depth=depth)
    display.figure_.canvas.draw()
    boxes = [text.get_bbox_patch().get_window_extent() for text in display.boxes_.values()]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert display.figure_.bbox.contains(*box.min)
        assert display.figure_.bbox.contains(*box.max)


def test_draws_the_ancestors_of_the_chosen_setting(search):
    display = LineageDisplay.from_estimator(search)
    results = search.cv_results_
    best = search.best_index_
    assert display.rows_[()] == best
    assert f"#{best}, generation {results['generation'][best]}" in lines_of(display)[0]
    assert f"{search.best_score_:.5g}" in lines_of(display)[0]
    assert display.rows_[0,] == results["parent_1"][best]
    assert display.rows_[1,] == results["parent_2"][best]
    assert "Mean test score" in display.ax_.get_title()
    assert display.ax_.get_xlabel() == "Steps back"


def test_results_of_functions():
    space = {"x": range(-50, 50), "y": range(-50, 50)}
    result = minimize(lambda x, y: x * x + y * y, space, max_evaluations=60, random_state=0)
    display = LineageDisplay.from_result(result)
    assert result.candidates["value"][display.rows_[()]] == result.fun


@pytest.mark.parametrize("depth", [-1, 1.5, None])
def test_bad_depth_is_an_error(depth):
    with pytest.raises(ValueError, match=r"The 'depth' parameter of LineageDisplay.plot"):
        family(depth=depth)


def test_draws_on_given_axes():
    figure, ax = plt.subplots()
    display = family(ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert display.plot() is display


def test_unfitted_search_is_an_error():
    with pytest.raises(NotFittedError):
        LineageDisplay.from_estimator(GeneticSearchCV(DecisionTreeClassifier(), {"max_depth": [1]}))


def test_scores_of_parts_are_told_as_such():
    result = partial_result()
    row = int(np.flatnonzero(np.isnan(result.candidates["value"]))[0])
    display = LineageDisplay(result.candidates, best_index=row).plot(depth=1)
    first = display.boxes_[()].get_text().splitlines()[0]
    last = result.candidates["last_value"][row]
    assert first == f"#{row}, generation {result.candidates['generation'][row]}: {last:.5g} in part"
    whole = LineageDisplay.from_result(result, depth=0).boxes_[()].get_text()
    assert f": {result.fun:.5g}\n" in whole


def test_a_resource_is_not_inherited():
    amounts = [1, 3, 3, 9, 27]
    params = [{**setting, "r": n} for setting, n in zip(FAMILY["params"], amounts)]
    display = LineageDisplay({**FAMILY, "params": params, "n_resources": amounts}, best_index=4)
    assert lines_of(display.plot(params=["r"]))[-1] == "  r = 27"
    assert lines_of(display.plot(params=["r"]), 0)[-1].startswith("  r = ")


def test_beside_a_resource_values_may_be_arrays():
    params = [{"a": np.arange(3), "r": n} for n in (1, 1, 3, 3, 9)]
    candidates = {**FAMILY, "params": params, "n_resources": [1, 1, 3, 3, 9]}
    assert lines_of(LineageDisplay(candidates, best_index=4).plot(params=["r"]))[-1] == "  r = 9"


def test_of_searches_too():
    search = partial_search()
    row = int(np.flatnonzero(search.cv_results_["parent_2"] >= 0)[-1])
    search.best_index_ = row
    *_, line = lines_of(LineageDisplay.from_estimator(search, params=["max_leaf_nodes"], depth=1))
    assert line == f"  max_leaf_nodes = {search.cv_results_['n_resources'][row]}"
