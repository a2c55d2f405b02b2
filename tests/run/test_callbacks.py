"""scikit-learn's callbacks, from 1.9 on."""

import threading
import time
import warnings

import numpy as np
import pytest
from scipy.stats import uniform
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._run.callbacks import Progress
from sklearn_natsel._run.stopping import Stopping

callback = pytest.importorskip("sklearn.callback", reason="callbacks came with 1.9")

# The final fit gets the callbacks of the search, as in GridSearchCV.
pytestmark = pytest.mark.filterwarnings("ignore:The estimator Number does not support callbacks")

X = np.zeros((6, 1))
y = np.arange(6)


class Number(BaseEstimator):
    def __init__(self, x=-1):
        self.x = x

    def fit(self, X, y):
        return self

    def score(self, X, y):
        return self.x

    def predict(self, X):
        return np.full(len(X), self.x)


class SlowNumber(Number):
    def fit(self, X, y):
        time.sleep(0.01)
        return self


def search_of(estimator=None, **params):
    options = {"cv": 2, "random_state": 0, "population_size": 4, "n_offspring": 3, **params}
    return GeneticSearchCV(estimator or Number(), {"x": uniform(0, 10)}, **options)


class Witness:
    """Notes the name of each task that begins and ends.

    Parameters
    ----------
    stop_at : tuple of str and int, default=(None, 0)
        Name of a task and its count after which to ask to stop.
    """

    def __init__(self, stop_at=(None, 0)):
        self.stop_at = stop_at
        self.begun = []
        self.ended = []
        self.depths = set()
        self.data = []
        self.set_up = self.torn_down = 0
        self.lock = threading.Lock()  # such callbacks can't be pickled

    def setup(self, estimator, context):
        self.set_up += 1

    def teardown(self, estimator, context):
        self.torn_down += 1

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        assert isinstance(estimator, GeneticSearchCV)
        self.begun.append(context.task_name)
        self.data.append((X, y, metadata))
        depth = 0
        while context.parent is not None:
            context, depth = context.parent, depth + 1
        self.depths.add((self.begun[-1], depth))

    def on_fit_task_end(self, estimator, context):
        self.ended.append(context.task_name)
        name, count = self.stop_at
        return context.task_name == name and self.ended.count(name) >= count


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("refit", [True, False])
def test_tasks_are_search_evolution_generations_evaluations_and_refit(n_jobs, refit):
    witness = Witness()
    search = search_of(n_generations=4, n_jobs=n_jobs, refit=refit)
    search.set_callbacks(witness).fit(X, y)
    assert sorted(witness.begun) == sorted(witness.ended)
    assert witness.begun.count("evolution") == 1
    assert witness.begun.count("generation") == search.n_generations_ == 4
    assert witness.begun.count("evaluation") == search.n_evaluations_ == 13
    assert witness.begun.count("refit-with-best-params") == int(refit)
    assert len(witness.begun) == 1 + 1 + 4 + 13 + int(refit)
    assert {("evolution", 1), ("generation", 2), ("evaluation", 3)} <= witness.depths
    assert witness.set_up == witness.torn_down == 1


def test_search_and_refit_are_told_the_data():
    witness = Witness()
    search_of(n_generations=1).set_callbacks(witness).fit(X, y)
    by_name = dict(zip(witness.begun, witness.data))
    assert by_name["fit"][0] is X
    assert by_name["fit"][1] is y
    assert by_name["refit-with-best-params"][0] is X
    assert by_name["evaluation"] == (None, None, None)


@pytest.mark.parametrize(
    ("stop_at", "n_evaluations"),
    [
        (("evaluation", 1), 1),
        (("evaluation", 6), 6),
        (("generation", 1), 4),
        (("generation", 3), 10),
    ],
)
def test_callback_that_returns_true_stops_the_search(stop_at, n_evaluations):
    witness = Witness(stop_at)
    search = search_of(n_generations=50, n_jobs=1).set_callbacks(witness).fit(X, y)
    assert search.stop_reason_ == "callback"
    assert search.n_evaluations_ == n_evaluations
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()
    assert np.all(search.predict(X) == search.best_params_["x"])
    assert sorted(witness.begun) == sorted(witness.ended)


@pytest.mark.parametrize("name", ["fit", "evolution", "refit-with-best-params"])
def test_asking_to_stop_what_has_ended_changes_nothing(name):
    search = search_of(n_generations=2).set_callbacks(Witness((name, 1))).fit(X, y)
    assert search.stop_reason_ == "n_generations"


def test_callbacks_are_torn_down_after_an_error():
    witness = Witness()
    search = search_of(callback=lambda search, record: 1 / 0).set_callbacks(witness)
    with pytest.raises(ZeroDivisionError):
        search.fit(X, y)
    assert witness.set_up == witness.torn_down == 1


def test_stopped_generation_does_not_evaluate_the_rest_in_parallel_either():
    witness = Witness(("evaluation", 1))
    search = search_of(SlowNumber(), population_size=100, n_jobs=2).set_callbacks(witness)
    search.fit(X, y)
    assert search.stop_reason_ == "callback"
    assert 1 <= search.n_evaluations_ < 50


@pytest.mark.parametrize(
    "limits",
    [
        {"n_generations": 3},
        {"max_evaluations": 9},
        {"max_time": 0.2},
        {"n_generations": 3, "patience": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar_shows_generations_and_evaluations(capsys, limits, n_jobs):
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    search = search_of(n_jobs=n_jobs, **limits).set_callbacks(ProgressBar()).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    generations = [line for line in lines if "generation" in line]
    # The time may be over when a generation has just begun.
    assert len(generations) - search.n_generations_ in ((0, 1) if "max_time" in limits else (0,))
    assert sum("evolution" in line for line in lines) == 1
    assert "GeneticSearchCV - fit" in lines[0]
    assert all("100%" in line for line in lines)


def test_progress_bar_moves_with_each_evaluation():
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    sent = []

    class Watched(ProgressBar):
        def on_fit_task_begin(self, estimator, context):
            super().on_fit_task_begin(estimator, context)
            sent.append((context.task_name, context.max_subtasks))

    search_of(n_generations=3, population_size=4, n_offspring=2).set_callbacks(Watched()).fit(X, y)
    assert sent[1] == ("evolution", 3)
    assert [n for name, n in sent if name == "generation"] == [4, 2, 2]
    assert [n for name, n in sent if name == "evaluation"] == [0] * 8


class Counted:
    """A context that knows what has begun within it."""

    def __init__(self, max_subtasks=None):
        self.max_subtasks, self.begun = max_subtasks, []

    def subcontext(self, task_name, max_subtasks=None, **others):
        self.begun.append(Counted(max_subtasks))
        return self.begun[-1]

    def call_on_fit_task_begin(self, estimator):
        return self

    def call_on_fit_task_end(self, estimator):
        return False


@pytest.mark.parametrize(("expected", "known"), [(2, [2, 2, 3, 4]), (None, [None] * 4)])
def test_more_generations_than_were_expected_are_counted(expected, known):
    context = Counted()
    progress = Progress(None, context, expected, Stopping())
    (evolution,) = context.begun
    for n in known:
        progress.begin_generation(3)
        for candidate in "ab":
            progress.evaluated(candidate)
        progress.end_generation({})
        assert evolution.max_subtasks == n
    assert [len(generation.begun) for generation in evolution.begun] == [2, 2, 2, 2]


class Everywhere(Witness):
    max_propagation_depth = None


def test_an_estimator_without_callbacks_is_told_of_by_its_refit_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search_of(n_generations=1, refit=False).set_callbacks(Everywhere()).fit(X, y)
    with pytest.warns(UserWarning, match="does not support callbacks") as caught:
        search_of(n_generations=1).set_callbacks(Everywhere()).fit(X, y)
    assert len(caught) == 1


def test_progress_bar_on_a_pipeline_around_the_search():
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    pipeline = make_pipeline(StandardScaler(), search_of(n_generations=2))
    if not hasattr(pipeline, "set_callbacks"):
        pytest.skip("pipelines take no callbacks yet")
    pipeline.set_callbacks(ProgressBar()).fit(X, y)
    assert pipeline[-1].n_generations_ == 2


def test_progress_bar_on_a_search_within_a_search():
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    outer = GeneticSearchCV(
        search_of(n_generations=2), {"population_size": [2, 3]}, cv=2, n_jobs=2, random_state=0
    )
    outer.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, y)
    assert outer.n_evaluations_ == 2
    assert outer.best_estimator_.n_generations_ == 2


def test_callback_of_a_search_on_its_estimator_is_an_error_before_any_fit():
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    estimator = LogisticRegression().set_callbacks(ProgressBar())
    search = GeneticSearchCV(estimator, {"C": [1, 2]}, cv=2, random_state=0)
    with pytest.raises(TypeError, match="Register them directly on the meta-estimator"):
        search.fit(np.arange(8).reshape(8, 1), [0, 1] * 4)
    assert not hasattr(search, "cv_results_")


class Early:
    """Ends a fit after some steps."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "step" and context.task_id >= 2


class Iterative(callback.CallbackSupportMixin, Number):
    """Scores the number of its steps."""

    @callback.with_callbacks
    def fit(self, X, y):
        context = self._init_callback_context(max_subtasks=10)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        for self.n_steps_ in range(1, 11):
            step = context.subcontext(task_name="step").call_on_fit_task_begin(estimator=self)
            if step.call_on_fit_task_end(estimator=self):
                break
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def score(self, X, y):
        return self.n_steps_


def test_callbacks_of_an_estimator_are_part_of_what_is_searched(tmp_path):
    full, early = Iterative(), Iterative().set_callbacks(Early())
    for estimator, score in ((full, 10), (early, 3), (full, 10)):
        search = search_of(estimator, max_evaluations=2, memory=tmp_path).fit(X, y)
        assert search.best_score_ == score
    choices = GeneticSearchCV(Pipeline([("n", full)]), {"n": [full, early]}, cv=2).fit(X, y)
    assert sorted(choices.cv_results_["mean_test_score"]) == [3, 10]
