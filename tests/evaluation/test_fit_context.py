"""What goes with a fit to a worker, so that callbacks hear of it."""

import pickle

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation.fit_context import FitContext

pytest.importorskip("sklearn.callback", reason="callbacks came with 1.9")


class Ended:
    """Notes the tasks that have ended."""

    def __init__(self):
        self.names = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.names.append(context.task_name)


@pytest.fixture
def fitted():
    search = GeneticSearchCV(
        DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2, n_generations=1, random_state=0
    )
    return search.set_callbacks(Ended()).fit(np.arange(8).reshape(8, 1), [0, 1] * 4)


@pytest.fixture
def fit_of_many(fitted):
    root = fitted._init_callback_context(max_subtasks=None)
    fits = [root.subcontext(task_name=f"fit {i}") for i in range(500)]
    return FitContext(fitted, fits[250])


def test_it_leaves_siblings_and_results_behind(fitted, fit_of_many):
    sent = pickle.dumps(fit_of_many)
    arrived = pickle.loads(sent)
    assert arrived.context.task_name == "fit 250"
    assert arrived.context.task_id == 250
    assert list(arrived.context.parent) == [arrived.context.parent]
    assert not hasattr(arrived.search, "cv_results_")
    assert arrived.search.get_params()["cv"] == 2
    lone = FitContext(fitted, fitted._init_callback_context(max_subtasks=1).subcontext("fit"))
    assert len(sent) < 1.2 * len(pickle.dumps(lone))


def test_what_is_sent_leaves_the_search_and_its_tree_as_they_are(fitted, fit_of_many):
    pickle.dumps(fit_of_many)
    assert hasattr(fitted, "cv_results_")
    assert len(list(fit_of_many.context.parent)) == 501


def test_it_can_tell_that_the_fit_has_ended(fitted, fit_of_many):
    [callback] = fitted._skl_callbacks
    assert "fit 250" not in callback.names
    fit_of_many.end()
    assert callback.names[-1] == "fit 250"
