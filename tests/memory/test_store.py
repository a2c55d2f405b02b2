"""Results on disk: what is found again, what never is, and what survives a kill."""

import functools
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import joblib
import logging_classifier
import numpy as np
import pytest
from killed_search import make_data, make_search
from logging_classifier import LoggingClassifier, fits_in, processes_in
from processes import wait_for_end, workers_of
from scipy import sparse, stats
from scipy.stats import uniform
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import Conditional, GeneticSearchCV, maximize
from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.store import ResultsStore, open_store
from sklearn_natsel._space import Space

SUPPORT = Path(logging_classifier.__file__).parent


def assert_same_results(actual, expected, times=False):
    """Compare `cv_results_`; the times too if both are of the same fits."""
    assert list(actual) == list(expected)
    for name in expected:
        if times or not name.endswith("_time"):
            np.testing.assert_array_equal(actual[name], expected[name], err_msg=name)


def start(*arguments):
    command = [sys.executable, "-W", "error", str(SUPPORT / "killed_search.py")]
    return subprocess.Popen([*command, *map(str, arguments)])


def stored(memory):
    return sorted(Path(memory).rglob("*.json"))


@pytest.mark.parametrize(("n_jobs", "schedule"), [(1, "steady-state"), (2, "generational")])
def test_killed_search_goes_on_where_it_was(tmp_path, n_jobs, schedule):
    memory, log, output = tmp_path / "memory", tmp_path / "log", tmp_path / "output"
    rng = np.random.RandomState(n_jobs)
    for n_kills in (1, 2):
        process = start(memory, log, n_jobs, output, schedule)
        n_before = len(fits_in(log))
        while len(fits_in(log)) < n_before + 3:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.6))
        workers = workers_of(process.pid)
        assert len(workers) == (0 if n_jobs == 1 else n_jobs)
        os.kill(process.pid, signal.SIGKILL)
        # Before anyone takes note of the end of the search. One that has not run a fit waits.
        wait_for_end(processes_in(log).intersection(workers))
        process.wait()
        n_lost = len(fits_in(log)) - len(stored(memory))
        # A worker hands over short fits in batches.
        assert n_lost <= (n_kills if n_jobs == 1 else 60)

    n_kept, n_before = len(stored(memory)), len(fits_in(log))
    assert 0 < n_kept < 90
    options = {"schedule": schedule, "max_evaluations": 30}
    resumed = make_search(memory, str(log), n_jobs, **options).fit(*make_data())
    # Every fit that was kept is part of the search again, and none has run again.
    assert len(fits_in(log)) - n_before == 90 + 1 - n_kept

    assert len(resumed.cv_results_["params"]) == 30
    uninterrupted = make_search(None, None, seconds=0, **options).fit(*make_data())
    assert_same_results(resumed.cv_results_, uninterrupted.cv_results_)
    assert resumed.best_params_ == uninterrupted.best_params_
    np.testing.assert_array_equal(
        resumed.evolution_history_["max"], uninterrupted.evolution_history_["max"]
    )


def test_finished_search_is_replayed_with_its_times(tmp_path):
    log = tmp_path / "log"
    first = make_search(tmp_path, log, seconds=0.01).fit(*make_data())
    assert len(fits_in(log)) == 91
    second = make_search(str(tmp_path), log, seconds=0.01).fit(*make_data())
    assert len(fits_in(log)) == 92  # the refit
    assert_same_results(second.cv_results_, first.cv_results_, times=True)
    assert first.cv_results_["mean_fit_time"].min() > 0.01


def test_finished_search_whose_settings_depended_on_times_is_replayed(tmp_path):
    X, y = make_data()
    options = {"param_space": {"ccp_alpha": uniform(0, 0.1)}, "n_generations": 12}
    searches = [small_search(tmp_path, surrogate="per_second", **options) for _ in range(2)]
    first, second = (search.fit(X, y).cv_results_ for search in searches)
    assert_same_results(second, first, times=True)


def test_other_searches_reuse_what_they_meet(tmp_path):
    log = tmp_path / "log"
    options = {"seconds": 0, "refit": False}
    make_search(tmp_path, log, **options).fit(*make_data())
    longer = make_search(tmp_path, log, n_generations=7, **options).fit(*make_data())
    assert longer.n_evaluations_ == 40
    assert len(fits_in(log)) == 3 * 40

    space = {"a": [0.2, 0.4, 0.6], "b": range(4)}
    for seed, population_size in [(0, 4), (1, 10)]:
        search = make_search(tmp_path, log, random_state=seed, **options)
        search.set_params(param_space=space, population_size=population_size).fit(*make_data())
        assert search.stop_reason_ == "space_exhausted"
    assert len(fits_in(log)) == 3 * (40 + 12)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_two_searches_at_the_same_time(tmp_path, schedule):
    outputs = [tmp_path / "one", tmp_path / "two"]
    memory, log = tmp_path / "memory", tmp_path / "log"
    processes = [start(memory, log, 1, output, schedule) for output in outputs]
    assert [process.wait() for process in processes] == [0, 0]
    one, two = (pickle.loads(output.read_bytes()) for output in outputs)
    assert_same_results(one[0], two[0])
    assert len(stored(tmp_path / "memory")) == 90
    assert not list(tmp_path.rglob("*.unfinished"))


def small_search(memory, **options):
    options = {"estimator": DecisionTreeClassifier(random_state=0), "cv": 3, **options}
    space = options.pop("param_space", {"max_depth": [1, 2, 3], "min_samples_leaf": [1, 5]})
    return GeneticSearchCV(param_space=space, memory=memory, random_state=0, **options)


def fit_and_count_new(memory, X, y, **options):
    """Return a search after `fit`, and how many results it has added."""
    n_before = len(stored(memory))
    fit_params = options.pop("fit_params", {})
    search = small_search(memory, **options).fit(X, y, **fit_params)
    return search, len(stored(memory)) - n_before


def error_rate(y_true, y_predicted):
    return 1 - accuracy_score(y_true, y_predicted)


class EditedTree(DecisionTreeClassifier):
    pass


def test_scores_are_of_their_data_estimator_and_scoring_alone(tmp_path):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(90, 5))
    y = (X[:, 0] > 0).astype(int)
    weights = rng.uniform(size=90)
    variants = [
        {},
        {"X": rng.normal(size=(90, 5))},
        {"y": rng.permutation(y)},
        {"estimator": DecisionTreeClassifier(random_state=1)},
        {"estimator": EditedTree(random_state=0)},
        {"scoring": "f1"},
        {"scoring": "roc_auc"},
        {"scoring": make_scorer(error_rate)},
        {"scoring": make_scorer(error_rate, greater_is_better=False)},
        {"scoring": ["accuracy", "f1"], "refit": "f1"},
        {"error_score": -1.0},
        {"return_train_score": True},
        {"cv": 4},
        {"fit_params": {"sample_weight": weights}},
    ]
    for variant in variants:
        options = {"X": X, "y": y, **variant}
        _, n_new = fit_and_count_new(tmp_path, **options)
        assert n_new == 6 * options.get("cv", 3), variant
    for variant in variants:
        options = {"X": X.copy(), "y": y.copy(), **variant}
        search, n_new = fit_and_count_new(tmp_path, **options)
        assert n_new == 0, variant
        fit_params = options.pop("fit_params", {})
        fresh = small_search(None, **{k: v for k, v in options.items() if k not in "Xy"})
        fresh.fit(options["X"], options["y"], **fit_params)
        assert_same_results(search.cv_results_, fresh.cv_results_)


def test_pure_noise_stays_noise(tmp_path):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(200, 5))
    y = (X[:, 0] > 0).astype(int)
    assert small_search(tmp_path).fit(X, y).best_score_ > 0.95
    for _ in range(3):
        noise = small_search(tmp_path).fit(X, rng.permutation(y))
        assert noise.best_score_ < 0.65


def test_data_frames_and_sparse_matrices_are_found_again(tmp_path):
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    y = rng.randint(2, size=60)
    frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["u", "v", "w"])
    frame["kind"] = pd.Categorical(rng.choice(["p", "q"], 60))
    encoded = pd.get_dummies(frame)
    for X in (encoded, sparse.csr_matrix(rng.normal(size=(60, 3)) > 0.5).astype(float)):
        X_before = X.copy()
        assert fit_and_count_new(tmp_path, X, y)[1] == 18
        assert fit_and_count_new(tmp_path, X, y)[1] == 0  # after it was used
        assert fit_and_count_new(tmp_path, X_before, y)[1] == 0
    assert fit_and_count_new(tmp_path, encoded.rename(columns={"u": "z"}), y)[1] == 18


class Holder:
    def __init__(self, held):
        self.held = held

    def __call__(self, estimator, X, y):
        return 0.0


@pytest.mark.parametrize(
    ("way", "options"),
    [
        ("'scoring': attribute 'held': _local", {"scoring": Holder(threading.local())}),
        (
            "'estimator': parameter 'steps': parameter 'func': variable .log. of .*: generator",
            {
                "estimator": make_pipeline(
                    FunctionTransformer((lambda log: lambda X: [X, log][0])(i for i in "ab")), SVC()
                ),
                "param_space": {"svc__C": [1, 2]},
            },
        ),
        (
            "'kernel': attribute 'held': generator",
            {"estimator": SVC(), "param_space": {"kernel": ["rbf", Holder(i for i in "ab")]}},
        ),
    ],
)
def test_what_can_not_be_told_from_others_is_refused_before_anything_is_trained(
    tmp_path, way, options
):
    X, y = make_data()
    with pytest.raises(InvalidParameterError, match=rf"{way}.*memory=None"):
        small_search(tmp_path, **options).fit(X, y)
    assert not stored(tmp_path)


def make_local(sign):
    class LocalTree(DecisionTreeClassifier):
        def score(self, X, y):
            return sign * super().score(X, y)

    return LocalTree(random_state=0)


def test_lambdas_and_local_classes_are_found_again_by_what_they_do(tmp_path):
    X, y = make_data()
    variants = [
        {"estimator": make_local(1)},
        {"estimator": make_local(-1)},
        {"scoring": lambda estimator, X, y: estimator.score(X, y)},
        {"scoring": lambda estimator, X, y: -estimator.score(X, y)},
        {"estimator": SVC(kernel=lambda A, B: A @ B.T), "param_space": {"C": [1, 2]}},
        {"estimator": SVC(kernel=lambda A, B: 2 * A @ B.T), "param_space": {"C": [1, 2]}},
    ]
    for variant in variants:
        n_new = 3 * (2 if "param_space" in variant else 6)
        assert fit_and_count_new(tmp_path, X, y, **variant)[1] == n_new
    again = {"estimator": make_local(1)}
    assert fit_and_count_new(tmp_path, X, y, **again)[1] == 0


FACTOR = 2


def helper(x):
    return FACTOR * x


def test_values_of_a_function_are_found_again_until_what_it_calls_has_changed(
    tmp_path, monkeypatch
):
    def values():
        search = maximize(objective, {"x": range(1, 5)}, memory=tmp_path, random_state=0)
        return search.fun, len(stored(tmp_path))

    assert values() == (8, 4)
    assert values() == (8, 4)
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert values() == (12, 8)
    monkeypatch.setitem(globals(), "helper", lambda x: -x)
    assert values() == (-1, 12)


def objective(x):
    return helper(x)


def test_conditions_may_be_lambdas(tmp_path):
    X, y = make_data()
    space = {"max_depth": [1, None], "max_leaf_nodes": Conditional([2, 3], "max_depth", callable)}
    space["max_leaf_nodes"].condition = lambda depth: depth is None
    assert fit_and_count_new(tmp_path, X, y, param_space=space)[1] == 9


def test_broken_and_foreign_files_cost_one_warning(tmp_path):
    X, y = make_data()
    first, _ = fit_and_count_new(tmp_path, X, y)
    files = stored(tmp_path)
    files[0].write_bytes(files[0].read_bytes()[:20])  # truncated
    files[1].write_bytes(b"")
    files[2].write_bytes(os.urandom(200))
    foreign = json.loads(files[4].read_text())  # the result of another fit
    foreign["result"]["test_scores"] = -7.0
    files[3].write_text(json.dumps(foreign))
    files[5].write_text("[1, 2]")
    files[7].write_text("[" * 100_000)
    files[6].unlink()
    files[6].mkdir()
    with pytest.warns(RuntimeWarning, match="can't be") as caught:
        second, _ = fit_and_count_new(tmp_path, X, y)
    # One for reading; another one because nothing can be written where a folder stands.
    assert len(caught) == 2
    assert_same_results(second.cv_results_, first.cv_results_)
    files[6].rmdir()
    assert fit_and_count_new(tmp_path, X, y)[1] == 1
    assert fit_and_count_new(tmp_path, X, y)[1] == 0


def test_folder_that_cannot_be_written_costs_one_warning(tmp_path):
    X, y = make_data()
    (tmp_path / "file").write_text("not a folder")
    with pytest.warns(RuntimeWarning, match="can't be kept") as caught:
        search = small_search(tmp_path / "file").fit(X, y)
    assert len(caught) == 1
    assert search.n_evaluations_ == 6


def test_full_disk_costs_one_warning(tmp_path):
    X, y = make_data()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.warns(RuntimeWarning, match="can't be kept") as caught:
            search = small_search(tmp_path).fit(X, y)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(caught) == 1
    assert search.n_evaluations_ == 6
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert fit_and_count_new(tmp_path, X, y)[1] == 18


class NeedsLicence(LoggingClassifier):
    def fit(self, X, y):
        if self.b == 1 and not os.path.exists(f"{self.log}.licence"):
            raise OSError("the licence server does not answer")
        return super().fit(X, y)


def test_failures_are_tried_again(tmp_path):
    X, y = make_data()
    options = {
        "estimator": NeedsLicence(log=str(tmp_path / "log")),
        "param_space": {"b": [0, 1, 2]},
    }
    with (
        pytest.warns(FitFailedWarning, match="3 fits failed"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        _, n_new = fit_and_count_new(tmp_path, X, y, **options)
    assert n_new == 6
    (tmp_path / "log.licence").touch()
    search, n_new = fit_and_count_new(tmp_path, X, y, **options)
    assert n_new == 3
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()


class Licensed:
    """A scorer that fails for one setting as long as a file is missing."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, estimator, X, y):
        if estimator.max_depth == 1 and not (self.folder / "licence").exists():
            raise OSError("the licence server does not answer")
        return estimator.score(X, y)


@pytest.mark.parametrize("error_score", [np.nan, 0])
@pytest.mark.parametrize("names", [None, ["own", "other"]])
def test_failures_to_score_are_tried_again(tmp_path, error_score, names):
    X, y = make_data()
    scorer = Licensed(tmp_path)
    options = {
        "scoring": scorer if names is None else dict.fromkeys(names, scorer),
        "refit": names is None or names[0],
        "error_score": error_score,
    }
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _, n_new = fit_and_count_new(tmp_path, X, y, **options)
    assert any("Scoring failed" in str(warning.message) for warning in caught)
    assert n_new == 12
    (tmp_path / "licence").touch()
    search, n_new = fit_and_count_new(tmp_path, X, y, **options)
    assert n_new == 6
    assert search.cv_results_[f"mean_test_{names[0] if names else 'score'}"].min() > 0


def test_a_search_by_generations_does_not_follow_one_in_the_steady_state(tmp_path):
    X, y = make_data()
    space = {"max_depth": range(1, 30), "min_samples_leaf": range(1, 30)}
    options = {"param_space": space, "max_evaluations": 20}
    expected = small_search(None, **options).fit(X, y)
    small_search(tmp_path, schedule="steady-state", **options).fit(X, y)
    assert list(tmp_path.rglob("*.journal"))
    search = small_search(tmp_path, **options).fit(X, y)
    assert_same_results(search.cv_results_, expected.cv_results_)
    np.testing.assert_array_equal(
        search.evolution_history_["best"], expected.evolution_history_["best"]
    )


@pytest.mark.parametrize(
    ("schedule", "seed", "n_journals"),
    [("steady-state", 0, 1), ("steady-state", None, 0), ("generational", 0, 0)],
)
def test_only_what_can_be_repeated_and_has_an_order_has_a_journal(
    tmp_path, schedule, seed, n_journals
):
    search = small_search(tmp_path, schedule=schedule).set_params(random_state=seed)
    search.fit(*make_data())
    assert len(list(tmp_path.rglob("*.journal"))) == n_journals


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_the_metric_is_that_of_this_search_whoever_has_run_the_fits(tmp_path, schedule):
    X, y = make_data()
    space = {"max_depth": range(1, 30), "min_samples_leaf": range(1, 30)}
    options = {"param_space": space, "max_evaluations": 20, "schedule": schedule, "refit": False}
    accuracy, error = "accuracy", make_scorer(error_rate)
    for metrics in ({"a": accuracy, "e": error}, {"e": error, "a": accuracy}):
        expected = small_search(None, scoring=metrics, **options).fit(X, y)
        search = small_search(tmp_path, scoring=metrics, **options).fit(X, y)
        best = search.cv_results_[f"mean_test_{next(iter(metrics))}"].max()
        assert search.evolution_history_["best_so_far"][-1] == best
        assert search.cv_results_["params"] == expected.cv_results_["params"]


def test_memory_of_joblib_and_none(tmp_path):
    X, y = make_data()
    assert fit_and_count_new(tmp_path, X, y)[1] == 18
    memory = joblib.Memory(tmp_path, verbose=0)
    small_search(memory).fit(X, y)
    assert len(stored(tmp_path)) == 18
    small_search(joblib.Memory(None)).fit(X, y)
    search = small_search(memory)
    assert clone(search).memory.location == memory.location
    with pytest.raises(ValueError, match="'memory' parameter"):
        small_search(3).fit(X, y)


def test_memory_elsewhere_than_in_a_folder_is_refused(tmp_path):
    memory = joblib.Memory(tmp_path, verbose=0)
    memory.backend = "cloud"
    with pytest.raises(InvalidParameterError, match=r"'memory'.*'cloud'"):
        small_search(memory).fit([[0], [1]] * 10, [0, 1] * 10)


class Unsendable:
    """As what lives in compiled code, on a cluster or in a graphics card."""

    def __reduce__(self):
        raise RuntimeError("it lives elsewhere")


def test_data_that_cannot_be_pickled_are_named(tmp_path):
    X, y = make_data()
    search = GeneticSearchCV(Stacked(), {"C": [1.0]}, memory=tmp_path)
    with pytest.raises(InvalidParameterError, match=r"'base .of fit.'.*elsewhere.*memory=None"):
        search.fit(X, y, base=Unsendable())


@pytest.mark.parametrize("kind", [GeneticSearchCV, RandomizedSearchCV])
def test_a_search_with_distributions_may_be_searched_with_memory(tmp_path, kind):
    X, y = make_data()
    n = "max_evaluations" if kind is GeneticSearchCV else "n_iter"
    inner = kind(SVC(), {"C": stats.loguniform(0.1, 10)}, cv=2, random_state=0, **{n: 3})
    space = {"estimator__gamma": [0.1, 1]}
    for _ in range(2):
        GeneticSearchCV(inner, space, cv=2, random_state=0, memory=tmp_path).fit(X, y)
        np.random.random()
        assert len(list(tmp_path.rglob("*.json"))) == 4


def agreement(estimator, X, y, reference):
    return np.mean(estimator.predict(X) == reference.predict(X))


def predictions(X, model):
    return model.predict(X)[:, np.newaxis]


class Stacked(LogisticRegression):
    """Learns from what another model predicts, as a booster with `init_model`."""

    def fit(self, X, y, base):
        return super().fit(np.c_[base.predict(X), X], y)

    def predict(self, X):
        return super().predict(np.c_[np.zeros(len(X)), X])


def test_a_fitted_model_that_is_used_as_it_is_counts_by_what_it_has_learned(tmp_path):
    X, y = make_data()
    space = {"C": [0.1, 1.0]}
    scores = []
    for model in (LogisticRegression().fit(X, y), LogisticRegression().fit(X, np.roll(y, 1))):
        scoring = functools.partial(agreement, reference=model)
        steps = make_pipeline(
            FunctionTransformer(functools.partial(predictions, model=model)), LogisticRegression()
        )
        for number, (estimator, prefix, options, metadata) in enumerate(
            [
                (LogisticRegression(), "", {"scoring": scoring}, {}),
                (Stacked(), "", {}, {"base": model}),
                (steps, "logisticregression__", {}, {}),
            ]
        ):
            own = {prefix + name: values for name, values in space.items()}
            plain = GeneticSearchCV(estimator, own, cv=3, random_state=0, **options)
            kept = clone(plain).set_params(memory=tmp_path / str(number))
            expected = plain.fit(X, y, **metadata).cv_results_["mean_test_score"]
            found = kept.fit(X, y, **metadata).cv_results_["mean_test_score"]
            np.testing.assert_array_equal(found, expected)
            scores.append(tuple(expected))
    assert len(set(scores)) > 3  # the models differ, or this would test nothing


def test_masked_data_are_found_again(tmp_path):
    X, y = make_data()
    masks = [np.zeros(X.shape, bool), X > 0]
    digests = [fingerprint(np.ma.array(X, mask=mask)) for mask in masks for _ in range(2)]
    assert len(set(digests)) == 2
    space = {"max_depth": [1, 2]}
    for _ in range(2):
        small_search(tmp_path, param_space=space).fit(np.ma.array(X, mask=masks[0]), y)
        assert len(stored(tmp_path)) == 2 * 3


def test_a_steady_state_search_does_not_follow_one_on_other_splits(tmp_path):
    X, y = make_data()
    space = {"max_depth": range(1, 30), "min_samples_leaf": range(1, 30)}
    options = {"param_space": space, "max_evaluations": 20, "schedule": "steady-state"}
    expected = small_search(None, cv=3, **options).fit(X, y)
    small_search(tmp_path, cv=5, **options).fit(X, y)
    search = small_search(tmp_path, cv=3, **options).fit(X, y)
    assert_same_results(search.cv_results_, expected.cv_results_)
    assert search.evolution_history_["max"][-1] == search.cv_results_["mean_test_score"].max()


class Interrupting(ClassifierMixin, BaseEstimator):
    """Has the score that it is given; one of its fits is interrupted."""

    n_fits = 0
    interrupted_fit = None

    def __init__(self, a=0, b=0):
        self.a, self.b = a, b

    def fit(self, X, y):
        Interrupting.n_fits += 1
        if Interrupting.n_fits == Interrupting.interrupted_fit:
            os.kill(os.getpid(), signal.SIGINT)
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return self.a + self.b / 10


def test_an_interrupt_within_an_inner_search_keeps_nothing_of_it(tmp_path, monkeypatch):
    X, y = make_data()
    inner = small_search(None, estimator=Interrupting(), param_space={"b": range(6)}, cv=2)
    space = {"estimator__a": [0, 1, 2]}
    outer = small_search(tmp_path, estimator=inner, param_space=space, cv=2)
    # Each inner search takes 13 fits, there are two for a setting, and this is within the third.
    monkeypatch.setattr(Interrupting, "n_fits", 0)
    monkeypatch.setattr(Interrupting, "interrupted_fit", 29)
    interrupted = outer.fit(X, y)
    assert interrupted.stop_reason_ == "interrupted"
    scores = {s["estimator__a"] + 0.5 for s in interrupted.cv_results_["params"]}
    assert set(interrupted.cv_results_["mean_test_score"]) == scores
    resumed = outer.fit(X, y)
    assert sorted(resumed.cv_results_["mean_test_score"]) == [0.5, 1.5, 2.5]


def numbered_scores(estimator, X, y):
    return {1: estimator.score(X, y), 2: 0.0}


def test_metrics_whose_names_a_file_can_not_keep_are_measured_again(tmp_path):
    X, y = make_data()
    options = {"scoring": numbered_scores, "refit": False}
    for n in (2, 4):
        search = small_search(tmp_path, max_evaluations=n, **options).fit(X, y)
        assert len(search.cv_results_["mean_test_1"]) == n


def test_what_has_finished_during_a_callback_that_fails_is_kept(tmp_path):
    log = tmp_path / "log"

    def callback(search, record):
        while len(fits_in(log)) < 90:
            time.sleep(0.1)
        time.sleep(0.5)  # the last ones are on their way
        raise OSError("no connection")

    options = {"schedule": "steady-state", "max_evaluations": 30, "callback": callback}
    search = make_search(tmp_path, log, n_jobs=2, **options)
    with pytest.raises(OSError, match="no connection"):
        search.fit(*make_data())
    # Of short fits that travel together, those behind the last one that was told are lost.
    assert len(stored(tmp_path)) >= 80


def test_an_interrupt_ends_a_replay_at_once(tmp_path):
    log = tmp_path / "log"
    make_search(tmp_path, log, seconds=0).fit(*make_data())

    def callback(search, record):
        if record["generation"] == 1:
            os.kill(os.getpid(), signal.SIGINT)

    options = {"seconds": 0, "callback": callback, "refit": False}
    search = make_search(tmp_path, log, **options).fit(*make_data())
    assert search.stop_reason_ == "interrupted"
    assert search.n_generations_ == 2


def test_numbers_are_not_looked_at_before_the_search(tmp_path, monkeypatch):
    keys = []
    original = ResultsStore.key
    monkeypatch.setattr(ResultsStore, "key", lambda *args: keys.append(args) or original(*args))
    space = Space({"C": np.linspace(1, 2, 1000), "n": range(1000), "f": [None, "a", len]})
    assert open_store(tmp_path, space, {}, []) is not None
    assert [params for _, params in keys] == [{"f": len}]
