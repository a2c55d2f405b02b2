"""What a notebook shows of a search."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from partial_searches import partial_search
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._displays.summary import summary_html

SPACE = {"max_depth": range(1, 9), "criterion": ["gini", "entropy"]}


@pytest.fixture(scope="module")
def search():
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0), SPACE, max_evaluations=12, cv=3, random_state=0
    )
    return search.fit(*load_iris(return_X_y=True))


class Rows(HTMLParser):
    """Collects the cells of the first table, and complains about tags that are left open."""

    def __init__(self, html):
        super().__init__()
        self.open, self.cells = [], []
        self.feed(html)
        assert not self.open
        self.rows = dict(zip(self.cells[::2], self.cells[1::2]))

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.cells.append(data)


def test_tells_what_was_spent_and_found(search):
    rows = Rows(summary_html(search)).rows
    seconds = search.evolution_history_["seconds"][-1]
    assert rows["spent"] == (
        f"12 settings x 3 splits = 36 fits, in {search.n_generations_} generations "
        f"and {seconds:.1f} s"
    )
    assert rows["stopped by"] == "max_evaluations"
    assert float(rows["best score"]) == pytest.approx(search.best_score_, abs=1e-6)
    for name, value in search.best_params_.items():
        assert rows[name] == repr(value)


def test_stands_above_the_diagram(search):
    shown = search._repr_html_()
    bundle = search._repr_mimebundle_()
    for html in (shown, bundle["text/html"]):
        assert html.count("sklearn-natsel-summary") == 1
        assert html.startswith(summary_html(search))
        assert "sk-top-container" in html
    assert bundle["text/plain"] == repr(search)


def test_a_search_that_is_not_fitted_is_shown_by_scikit_learn_alone(search):
    unfitted = clone(search)
    assert "sklearn-natsel-summary" not in unfitted._repr_html_()
    assert "sklearn-natsel-summary" not in unfitted._repr_mimebundle_()["text/html"]
    assert summary_html(unfitted) == ""


def test_no_html_where_scikit_learn_is_set_to_text(search):
    with config_context(display="text"):
        assert not hasattr(search, "_repr_html_")
        assert list(search._repr_mimebundle_()) == ["text/plain"]


def test_values_are_escaped():
    nasty = "<script>alert('&')</script>"

    class Estimator(DecisionTreeClassifier):
        def __init__(self, text=None):
            super().__init__()
            self.text = text

    search = GeneticSearchCV(Estimator(), {"text": [nasty]}, cv=2, n_generations=1)
    html = summary_html(search.fit(*load_iris(return_X_y=True)))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    Rows(html)


@pytest.mark.parametrize("refit", [False, "accuracy", lambda results: 0])
def test_shows_what_there_is(refit):
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0),
        SPACE,
        scoring=["accuracy", "f1_macro"],
        refit=refit,
        n_generations=1,
        cv=2,
    ).fit(*load_iris(return_X_y=True))
    rows = Rows(summary_html(search)).rows
    assert ("best score" in rows) is (refit == "accuracy")
    assert ("max_depth" in rows) is (refit is not False)


def test_brings_no_colours_of_its_own(search):
    colours = re.findall(r"(?:color|background): (\w+)", summary_html(search))
    assert set(colours) == {"inherit", "none"}


def test_tells_how_many_were_evaluated_whole():
    search = partial_search()
    n_whole = (~np.isnan(search.cv_results_["mean_test_score"])).sum()
    spent = Rows(summary_html(search)).rows["spent"]
    assert spent.startswith(
        f"{search.n_evaluations_} settings, {n_whole} of them on all 6 splits with all of "
        f"'max_leaf_nodes', {search.evolution_history_['n_fits'][-1]} fits, in "
    )
    search = partial_search(resource=None)
    assert "on all 6 splits, " in Rows(summary_html(search)).rows["spent"]
