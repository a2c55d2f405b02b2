"""A candidate that fails costs itself alone, in any pattern."""

import tracemalloc
import warnings

import joint_ridge
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joint_ridge import JointRidge, LoneRidge
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, KFold

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation.cross_validation import CrossValidation
from sklearn_natsel._evaluation.task import Task
from sklearn_natsel._evolution import Candidate

X = np.zeros((12, 1))
y = np.arange(12)
N = 14
SPACE = {"x": list(range(N))}


class Fragile(BaseEstimator):
    """Scores `x`, but for some values of it something goes wrong.

    Parameters
    ----------
    how : {"fit", "one fold", "score", "nan", "set_params"}
        What goes wrong.
    """

    def __init__(self, x=-1, failing=(), how="fit"):
        self.x = x
        self.failing = failing
        self.how = how

    def set_params(self, **params):
        if self.how == "set_params" and params.get("x") in self.failing:
            raise RuntimeError("no such setting")
        return super().set_params(**params)

    def fit(self, X, y):
        if self.x in self.failing and (self.how == "fit" or (self.how == "one fold" and y[0] == 0)):
            raise RuntimeError("cannot be fitted")
        return self

    def score(self, X, y):
        if self.x in self.failing and self.how == "score":
            raise RuntimeError("cannot be scored")
        return np.nan if self.x in self.failing and self.how == "nan" else float(self.x)


def search_of(estimator, space=SPACE, **params):
    options = {"cv": 2, "n_generations": 1000, "random_state": 0, "refit": False, **params}
    return GeneticSearchCV(estimator, space, **options)


WAYS = ["fit", "one fold", "score", "nan", "set_params"]


# Distinct settings come in the order that the seed decides, so a random set of failing ones
# is a random pattern over candidates and generations.
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    failing=st.sets(st.integers(0, N - 1), max_size=N - 1),
    how=st.sampled_from(WAYS),
    seed=st.integers(0, 10),
    population_size=st.integers(2, 6),
    selection=st.sampled_from(["tournament", "rank", "roulette"]),
)
@example(failing=set(range(N - 1)), how="fit", seed=0, population_size=2, selection="roulette")
@example(failing=set(range(1, N)), how="set_params", seed=0, population_size=2, selection="rank")
def test_ends_with_the_best_of_those_that_work(failing, how, seed, population_size, selection):
    search = search_of(
        Fragile(failing=tuple(failing), how=how),
        random_state=seed,
        population_size=population_size,
        selection=selection,
    ).fit(X, y)
    best = max(set(range(N)) - failing)
    assert search.best_params_ == {"x": best}
    assert search.best_score_ == best
    results = search.cv_results_
    assert sorted(results["param_x"]) == list(range(N))
    for value, score in zip(results["param_x"], results["mean_test_score"]):
        assert np.isnan(score) if value in failing else score == value
    history = search.evolution_history_
    assert history["n_failed"].sum() == len(failing)
    assert history["n_evaluated"].sum() == search.n_evaluations_ == N
    assert history["best_so_far"][-1] == history["max"][-1] == best
    assert search.stop_reason_ == "space_exhausted"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["fit", "one fold", "score", "nan"])
def test_rows_of_failing_candidates_are_those_of_grid_search(how):
    estimator = Fragile(failing=(0, 3, 4, 13), how=how)
    options = {"cv": 2, "refit": False, "return_train_score": True}
    search = search_of(estimator, **options).fit(X, y)
    grid = GridSearchCV(estimator, SPACE, **options).fit(X, y)
    order = np.argsort(search.cv_results_["param_x"].astype(int))
    for name in ["mean_test_score", "split0_test_score", "mean_train_score", "rank_test_score"]:
        np.testing.assert_array_equal(search.cv_results_[name][order], grid.cv_results_[name])


class FailsByTurn(BaseEstimator):
    """Fails in some of the calls of `fit`, counted from 0."""

    count = 0

    def __init__(self, x=-1, failing=range(0)):
        self.x = x
        self.failing = failing

    def fit(self, X, y):
        FailsByTurn.count += 1
        if FailsByTurn.count - 1 in self.failing:
            raise RuntimeError("not now")
        return self

    def score(self, X, y):
        return self.x


@pytest.mark.parametrize(
    "failing",
    [range(6), range(6, 12), range(6, 18), range(26), range(2, 28)],
    ids=["first generation", "second", "second and third", "all but the last", "all but the first"],
)
def test_whole_generations_may_fail(failing):
    FailsByTurn.count = 0
    search = search_of(FailsByTurn(failing=failing), population_size=3, n_offspring=3, cv=2)
    with pytest.warns() as caught:
        search.fit(X, y)
    assert {warning.category for warning in caught} <= {FitFailedWarning, UserWarning}
    results = search.cv_results_
    fine = ~np.isnan(results["mean_test_score"])
    assert search.n_evaluations_ == N
    assert 0 < fine.sum() < N
    assert search.best_score_ == max(results["param_x"][fine])
    assert search.n_generations_ >= 5


@pytest.mark.filterwarnings("ignore:None of the first")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_only_if_every_fit_failed_it_is_an_error(n_jobs):
    search = search_of(Fragile(failing=tuple(range(N))), n_jobs=n_jobs)
    with pytest.raises(ValueError, match=r"(?s)All the 28 fits failed.*cannot be fitted"):
        search.fit(X, y)
    assert not hasattr(search, "cv_results_")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["score", "nan"])
def test_all_scores_nan_is_what_it_is_for_grid_search(how):
    estimator = Fragile(failing=tuple(range(N)), how=how)
    search, grid = search_of(estimator).fit(X, y), GridSearchCV(estimator, SPACE, cv=2, refit=False)
    grid.fit(X, y)
    assert search.best_index_ == grid.best_index_ == 0
    assert np.isnan(search.best_score_)
    assert np.isnan(grid.best_score_)
    assert np.isnan(search.evolution_history_["best_so_far"]).all()


@pytest.mark.parametrize("how", ["fit", "one fold", "score", "set_params"])
def test_error_score_raise_raises_the_error_itself(how):
    search = search_of(Fragile(failing=(5,), how=how), error_score="raise")
    with pytest.raises(RuntimeError, match=r"cannot be|no such setting"):
        search.fit(X, y)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["fit", "score", "set_params"])
def test_error_score_that_is_a_number_is_the_score(how):
    search = search_of(Fragile(failing=(5, 13), how=how), error_score=-3).fit(X, y)
    scores = dict(zip(search.cv_results_["param_x"], search.cv_results_["mean_test_score"]))
    assert scores[5] == scores[13] == -3
    assert search.best_score_ == 12
    assert search.evolution_history_["n_failed"].sum() == 0


def two_scores(estimator, X, y):
    return {"a": estimator.score(X, y), "b": -estimator.score(X, y)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("failing", [(), (0, 1, 2), tuple(range(13)), (0,), tuple(range(1, 14))])
@pytest.mark.parametrize("metric", ["a", "b"])
def test_failing_candidates_with_a_scorer_that_returns_a_dict(failing, metric):
    search = search_of(Fragile(failing=failing), scoring=two_scores, refit=metric).fit(X, y)
    fine = set(range(N)) - set(failing)
    assert search.best_params_["x"] == (max(fine) if metric == "a" else min(fine))
    failed = np.isin(search.cv_results_["param_x"].astype(int), failing)
    for name in ("a", "b"):
        assert np.array_equal(np.isnan(search.cv_results_[f"mean_test_{name}"]), failed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("metric", ["good", "bad"])
def test_metric_that_fails_in_some_candidates_leaves_the_others_alone(metric):
    scoring = {"good": lambda e, X, y: float(e.x), "bad": lambda e, X, y: -e.score(X, y)}
    estimator = Fragile(failing=(0, 13), how="score")
    search = search_of(estimator, scoring=scoring, refit=metric).fit(X, y)
    assert search.best_params_["x"] == (13 if metric == "good" else 1)


# Warnings


def caught_warnings(search, action):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        search.fit(X, y)
    return caught


def test_failed_fits_are_told_once_in_a_search():
    search = search_of(Fragile(failing=tuple(range(10))), return_train_score=True)
    caught = caught_warnings(search, "always")
    assert search.n_generations_ > 1
    fits, test, train = (
        [w for w in caught if text in str(w.message)]
        for text in ("20 fits failed out of a total of 28", "test scores are", "train scores are")
    )
    assert len(fits) == len(test) == len(train) == 1
    assert len(caught) == 3
    assert fits[0].category is FitFailedWarning


def test_failed_scores_are_told_once_in_a_search():
    search = search_of(Fragile(failing=tuple(range(10)), how="score"))
    caught = caught_warnings(search, "default")
    assert len([w for w in caught if "Scoring failed" in str(w.message)]) == 1
    assert len([w for w in caught if "non-finite" in str(w.message)]) == 1
    assert len(caught) == 2


def test_search_without_failures_does_not_warn():
    assert caught_warnings(search_of(Fragile()), "always") == []


@pytest.mark.filterwarnings("ignore")
def test_scorer_that_returns_no_number_for_some_settings_costs_these():
    def scorer(estimator, X, y):
        return "good" if estimator.x in (2, 3) else float(estimator.x)

    search = search_of(Fragile(), {"x": list(range(8))}, scoring=scorer, cv=KFold(2))
    search.fit(X, y)
    assert search.best_params_ == {"x": 7}
    assert search.evolution_history_["n_failed"].sum() == 2


def test_scorer_that_never_returns_a_number_is_an_error():
    search = search_of(Fragile(), scoring=lambda estimator, X, y: "good")
    with pytest.raises(ValueError, match="good"):
        search.fit(X, y)


def test_what_the_first_setting_raises_names_it():
    search = search_of(Fragile(), scoring=lambda estimator, X, y: "good", initial_params={"x": 5})
    with pytest.raises(ValueError, match="good") as caught:
        search.fit(X, y)
    assert "the first setting, {'x': 5}" in caught.value.__notes__[0]


def test_a_failure_is_noted_without_a_copy_of_the_data():
    X, y = np.zeros((100_000, 20)), np.zeros(100_000)
    half = np.arange(50_000)
    task = CrossValidation(
        Fragile(),
        X,
        y,
        [(half, half + 50_000)],
        scorer=lambda estimator, X, y: 1.0,
        fit_params={},
        score_params={},
        error_score=np.nan,
        return_train_score=False,
        verbose=0,
    )
    tracemalloc.start()
    try:
        result = task.failure(MemoryError("no room"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "no room" in result["fit_error"]
    assert np.isnan(result["test_scores"])
    assert peak < 0.1 * X.nbytes


def one_or_many(estimator, X, y):
    if estimator.x in (0, 5):
        raise ValueError("no score")
    return {"a": estimator.score(X, y), "b": 1.0}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", [0, 1])
def test_scorer_that_fails_for_some_settings_where_it_returns_a_dict(first):
    options = {"scoring": one_or_many, "refit": "a", "return_train_score": True}
    search = search_of(Fragile(), initial_params={"x": first}, **options).fit(X, y)
    failed = np.isin(search.cv_results_["param_x"].astype(int), [0, 5])
    assert failed.sum() == 2
    assert search.multimetric_
    for name in ("test_a", "test_b", "train_a", "train_b"):
        assert np.array_equal(np.isnan(search.cv_results_[f"mean_{name}"]), failed)


# The procedure itself


def procedure_of(estimator, error_score=np.nan):
    splits = [(np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6))]
    return CrossValidation(
        estimator,
        X,
        y,
        splits,
        scorer=lambda estimator, X, y: estimator.score(X, y),
        error_score=error_score,
        fit_params={},
        score_params={},
        return_train_score=False,
        verbose=0,
    )


def fitted(procedure, index, x, split=0):
    candidate = Candidate(index, (x,), {"x": x}, 0, "random", ())
    fit, arguments = procedure.prepare(Task(candidate, split))
    return fit(**arguments)


def test_a_fit_is_of_one_split_and_leaves_the_estimator_as_it_was():
    seen = []

    class Looks(Fragile):
        def fit(self, X, y):
            seen.append(y.tolist())
            return super().fit(X, y)

    estimator = Looks(x=-1)
    procedure = procedure_of(estimator)
    assert procedure.n_splits == 2
    assert [fitted(procedure, 1, 5, split)["test_scores"] for split in (0, 1)] == [5, 5]
    assert seen == [list(range(6)), list(range(6, 12))]
    assert estimator.x == -1


def test_what_many_fits_share_is_named():
    shared = procedure_of(Fragile()).shared
    assert shared[0] is X
    assert shared[1] is y
    assert len(shared) == 4 + 2 * 2


def test_an_error_outside_of_the_fit_is_raised_for_the_first_setting_alone():
    class Refuses(Fragile):
        def score(self, X, y):
            return "no number"

    procedure = procedure_of(Refuses())
    with pytest.raises(ValueError, match="no number") as caught:
        fitted(procedure, 0, 5)
    assert "the first setting, {'x': 5}" in caught.value.__notes__[0]
    later = fitted(procedure, 1, 5)
    assert np.isnan(later["test_scores"])
    assert "no number" in later["fit_error"]


def test_only_complete_scores_with_names_of_text_last():
    procedure = procedure_of(Fragile(), error_score=-1)
    assert procedure.is_lasting({"fit_error": None, "test_scores": 0.5})
    assert procedure.is_lasting({"fit_error": None, "test_scores": {"a": 0.5, "b": 0.0}})
    assert not procedure.is_lasting({"fit_error": "no room", "test_scores": 0.5})
    # The score of what has failed.
    assert not procedure.is_lasting({"fit_error": None, "test_scores": -1})
    assert not procedure.is_lasting({"fit_error": None, "test_scores": {"a": 0.5, "b": -1}})
    assert not procedure.is_lasting({"fit_error": None, "test_scores": 0.5, "train_scores": -1})
    # A file would make a text of the name.
    assert not procedure.is_lasting({"fit_error": None, "test_scores": {1: 0.5}})


# Fits that are made together


def ridge_procedure(model, **options):
    splits = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    options = {
        "scorer": lambda estimator, X, y: estimator.score(X, y),
        "error_score": np.nan,
        "fit_params": {},
        "score_params": {},
        "return_train_score": False,
        "verbose": 0,
        **options,
    }
    return CrossValidation(model, joint_ridge.X, joint_ridge.y, splits, **options)


def ridge_tasks():
    candidates = [Candidate(i, (i,), {"alpha": 10.0**i}, 0, "random", ()) for i in range(3)]
    return [Task(candidate, split) for candidate in candidates for split in (0, 1)]


def together(procedure):
    fit, arguments = procedure.prepare_many(ridge_tasks())
    return fit(**arguments)


def one_by_one(procedure):
    prepared = [procedure.prepare(task) for task in ridge_tasks()]
    return [fit(**arguments) for fit, arguments in prepared]


def without_times(results):
    return [{k: v for k, v in r.items() if k not in ("fit_time", "score_time")} for r in results]


def test_results_of_fits_made_together_are_those_of_single_ones():
    procedure = ridge_procedure(JointRidge(), return_train_score=True)
    assert procedure.has_joint_tasks
    assert all(map(procedure.is_joint, ridge_tasks()))
    results = together(procedure)
    assert without_times(results) == without_times(one_by_one(procedure))
    assert len({result["test_scores"] for result in results}) == 6
    assert all(result["fit_time"] > 0 and result["score_time"] > 0 for result in results)


def test_a_scorer_is_given_the_fitted_estimator_itself():
    seen = []

    def scorer(estimator, X, y):
        assert type(estimator) is JointRidge
        assert "fit" not in vars(estimator)
        estimator.fit(X, y)  # as a scorer may that looks at another model
        seen.append(estimator.alpha)
        return 0.0

    together(ridge_procedure(JointRidge(), scorer=scorer))
    assert seen == [1.0, 1.0, 10.0, 10.0, 100.0, 100.0]


def test_what_raises_is_left_to_be_fitted_alone():
    def scorer(estimator, X, y):
        return "no number" if estimator.alpha == 1.0 else 1.0

    # Of the first setting alone it is a mistake in the call.
    assert [r is None for r in together(ridge_procedure(JointRidge(), scorer=scorer))] == [
        *(True, True),
        *[False] * 4,
    ]
    model = JointRidge(faults={10.0: joint_ridge.fail})
    results = together(ridge_procedure(model, error_score="raise"))
    assert [result is None for result in results] == [False, False, True, True, False, False]


def test_an_exception_is_recorded_as_that_of_fit():
    model = JointRidge(faults={1.0: joint_ridge.fail, 10.0: joint_ridge.fail})
    first, second, *others = together(ridge_procedure(model, error_score=-1.0))
    assert first is second is None  # the first setting, of which it may be more than its fit
    assert [result["test_scores"] for result in others[:2]] == [-1.0, -1.0]
    assert "ArithmeticError: not this penalty" in others[0]["fit_error"]
    assert others[0]["fit_time"] > 0
    assert others[2]["fit_error"] is None


def test_an_estimator_that_does_not_offer_it_is_fitted_one_by_one():
    for procedure in (
        ridge_procedure(LoneRidge()),
        ridge_procedure(JointRidge(), verbose=2),
        ridge_procedure(JointRidge(), fit_params={"unused": 1}),
    ):
        assert not procedure.has_joint_tasks
        assert not any(map(procedure.is_joint, ridge_tasks()))
