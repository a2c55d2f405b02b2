"""What goes wrong while settings are evaluated in part: nothing is lost, and no part is a whole."""

import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path

import logging_classifier
import numpy as np
import pytest
from faulty_classifier import (
    FaultyTree,
    Once,
    be_killed,
    exhaust_memory,
    hang,
    segfault,
)
from joblib.externals.loky import get_reusable_executor
from logging_classifier import fits_in
from partial_searches import (
    PARTS,
    TREE,
    X,
    assert_consistent,
    results_in,
    search_of,
    whole_rows_of,
    y,
)
from same_search import assert_same_search
from sklearn.exceptions import FitFailedWarning
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV

KINDS = [name for name, (estimator, _) in PARTS.items() if estimator is TREE]
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
# Where workers die, and start again, one that has both is enough.
BOTH = "samples and splits"
SCHEDULES = ["generational", "steady-state"]
BOTH_SCHEDULES = pytest.mark.parametrize("schedule", SCHEDULES)
# Each kind and each schedule, but not all pairs of them, as these cases take their time.
KINDS_AND_SCHEDULES = list(zip(KINDS, [*SCHEDULES, *SCHEDULES]))
EVERY_KIND_AND_SCHEDULE = pytest.mark.parametrize(("kind", "schedule"), KINDS_AND_SCHEDULES)
DEPTHS = range(1, 10)


@pytest.fixture(scope="module")
def scores():
    """Return the score of each depth, evaluated whole."""
    search = GeneticSearchCV(FaultyTree(), {"max_depth": DEPTHS}, cv=6, max_evaluations=9)
    results = search.fit(X, y).cv_results_
    return dict(zip(results["param_max_depth"], results["mean_test_score"], strict=True))


def faulty_search(kind, faults, **options):
    """Return a search that comes to all depths, some of which meet with a fault."""
    options = {"n_jobs": 2, "max_evaluations": 9, "space": {"max_depth": DEPTHS}, **options}
    return search_of(kind, estimator=FaultyTree(faults=faults), **options)


def assert_only_these_failed(search, failed, scores):
    """Check a search that has ended by itself: each depth was tried, and none is lost."""
    depths = search.cv_results_["param_max_depth"]
    assert sorted(depths) == list(DEPTHS)
    assert set(depths[np.isnan(search.cv_results_["split0_test_score"])]) == set(failed)
    assert search.evolution_history_["n_failed"].sum() == len(failed)
    assert_whole_scores(search, failed, scores)


def assert_whole_scores(search, failed, scores):
    """Check that what counts as evaluated whole has the scores of whole evaluations."""
    assert_consistent(search)
    whole = np.flatnonzero(whole_rows_of(search))
    for row in whole:
        depth = search.cv_results_["param_max_depth"][row]
        if depth not in failed:
            assert search.cv_results_["mean_test_score"][row] == scores[depth]


# Workers and fits


@pytest.mark.filterwarnings("ignore:A worker process has died:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
@BOTH_SCHEDULES
def test_settings_that_kill_their_worker_cost_only_themselves(schedule, scores):
    deadly = {2: be_killed, 5: segfault}
    search = faulty_search(BOTH, deadly, schedule=schedule)
    with pytest.warns(FitFailedWarning, match="killed its worker"):
        search.fit(X, y)
    assert_only_these_failed(search, deadly, scores)


@BOTH_SCHEDULES
def test_a_worker_that_is_killed_once_changes_nothing(tmp_path, schedule, scores):
    search = faulty_search(BOTH, {4: Once(tmp_path / "killed", be_killed)}, schedule=schedule)
    with pytest.warns(RuntimeWarning, match="has died"):
        search.fit(X, y)
    assert_only_these_failed(search, {}, scores)
    if schedule == "generational":
        assert_same_search(search, faulty_search(BOTH, None, n_jobs=1).fit(X, y))


@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
@BOTH_SCHEDULES
def test_fits_that_hang_are_ended(schedule, scores):
    search = faulty_search(BOTH, {4: hang}, schedule=schedule, fit_timeout=1)
    with pytest.warns(FitFailedWarning, match="longer than 1 seconds"):
        search.fit(X, y)
    assert_only_these_failed(search, {4}, scores)


@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
@BOTH_SCHEDULES
@pytest.mark.parametrize(
    ("kind", "fault", "n_jobs"),
    [
        *((kind, exhaust_memory, 1) for kind in KINDS),
        (BOTH, exhaust_memory, 2),
        (BOTH, sys.exit, 2),
    ],
)
def test_fits_that_run_out_of_memory_or_leave_cost_only_themselves(
    kind, schedule, fault, n_jobs, scores
):
    search = faulty_search(kind, {2: fault, 8: fault}, schedule=schedule, n_jobs=n_jobs)
    with pytest.warns(FitFailedWarning, match="MemoryError|sys.exit"):
        search.fit(X, y)
    assert_only_these_failed(search, {2, 8}, scores)


class FailsWithAll(DecisionTreeClassifier):
    """Fails with large leaves if it is given all of the samples of a split."""

    def fit(self, X, y, **params):
        if len(X) == 100 and self.min_samples_leaf > 1:
            raise RuntimeError("too much")
        return super().fit(X, y, **params)


@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
@pytest.mark.parametrize("kind", ["n_samples", "samples and splits"])
@pytest.mark.parametrize("error_score", [np.nan, 0.0])
@BOTH_SCHEDULES
def test_who_fails_with_more_has_not_the_score_of_less(kind, error_score, schedule):
    options = {"initial_params": {"max_depth": 2, "min_samples_leaf": 1}, "schedule": schedule}
    search = search_of(kind, estimator=FailsWithAll(random_state=0), **options)
    with pytest.warns(FitFailedWarning, match="too much"):
        search.set_params(error_score=error_score, refit=False).fit(X, y)
    assert_consistent(search)
    large = search.cv_results_["param_min_samples_leaf"] > 1
    in_part = search.cv_results_["n_resources"] < 100
    assert np.nanmin(search.cv_results_["split0_test_score"][large & in_part]) > 0
    assert 0 < (large & ~in_part).sum() < large.sum()
    np.testing.assert_array_equal(
        search.cv_results_["split0_test_score"][large & ~in_part], error_score
    )
    assert search.best_params_["min_samples_leaf"] == 1


class Immobile(int):
    """A depth that can be copied, but not sent."""

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError("stays at home")


@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_a_value_that_can_not_be_sent_costs_its_setting(scores):
    space = {"max_depth": [Immobile(depth) if depth == 3 else depth for depth in DEPTHS]}
    search = faulty_search(BOTH, None, space=space)
    with pytest.warns(FitFailedWarning, match="stays at home"):
        search.fit(X, y)
    assert_only_these_failed(search, {3}, scores)


class AtHome(FaultyTree):
    """Can't be made anew in another process."""

    def __setstate__(self, state):
        if os.environ["HOME_OF_THE_TREE"] != str(os.getpid()):
            raise RuntimeError("far from home")
        super().__setstate__(state)


@pytest.mark.filterwarnings("ignore:A worker process has died:RuntimeWarning")
def test_what_can_not_be_rebuilt_in_a_worker_is_told_at_once(monkeypatch):
    monkeypatch.setenv("HOME_OF_THE_TREE", str(os.getpid()))
    get_reusable_executor().shutdown(wait=True)
    search = faulty_search(BOTH, None).set_params(estimator=AtHome())
    with pytest.raises(RuntimeError, match=r"(?s)failed to un-serialize.*far from home"):
        search.fit(X, y)
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.filterwarnings("ignore")
def test_without_room_for_temporary_files_the_deadly_are_found_as_well(monkeypatch, scores):
    def no_room(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sklearn_natsel._evaluation.workers.crash_log.tempfile.mkdtemp", no_room)
    search = faulty_search(BOTH, {3: be_killed}).fit(X, y)
    assert_only_these_failed(search, {3}, scores)


# Ctrl-C


class InterruptedAt(DecisionTreeClassifier):
    """Ctrl-C is pressed during a fit of many."""

    n_fits = 0
    at = 0

    def fit(self, X, y, **params):
        InterruptedAt.n_fits += 1
        if InterruptedAt.n_fits == InterruptedAt.at:
            os.kill(os.getpid(), signal.SIGINT)
        return super().fit(X, y, **params)


@EVERY_KIND_AND_SCHEDULE
def test_an_interrupt_leaves_what_was_finished(kind, schedule):
    n_first = 8 if kind == "samples and splits" else 6 if kind == "racing" else 18
    for at in (n_first + 1, n_first + 5, n_first + 14, n_first + 20):
        InterruptedAt.n_fits, InterruptedAt.at = 0, at
        estimator = InterruptedAt(random_state=0)
        search = search_of(kind, estimator=estimator, schedule=schedule).fit(X, y)
        assert search.stop_reason_ == "interrupted"
        assert search.n_evaluations_ >= 1
        assert_consistent(search)
    InterruptedAt.n_fits, InterruptedAt.at = 0, 3
    with pytest.raises(KeyboardInterrupt):
        search_of(kind, estimator=InterruptedAt(random_state=0), schedule=schedule).fit(X, y)


@pytest.mark.parametrize(
    ("kind", "schedule", "n_jobs"),
    [*((*pair, 1) for pair in KINDS_AND_SCHEDULES), *((BOTH, each, 2) for each in SCHEDULES)],
)
def test_an_interrupted_search_is_taken_up_where_it_was(tmp_path, kind, schedule, n_jobs, scores):
    interrupt = Once(tmp_path / "interrupted", partial(os.kill, os.getpid(), signal.SIGINT))
    options = {"initial_params": {"max_depth": 1}, "schedule": schedule, "n_jobs": n_jobs}
    options["memory"] = tmp_path / "memory"
    # With one job, the first depth is evaluated whole by then, so that there is a result.
    with nullcontext() if n_jobs == 1 else suppress(KeyboardInterrupt):
        search = faulty_search(kind, {4: interrupt}, **options).fit(X, y)
        assert search.stop_reason_ == "interrupted"
        assert_whole_scores(search, {}, scores)
    kept = results_in(options["memory"])
    assert kept
    again = faulty_search(kind, {4: interrupt}, **options).fit(X, y)
    assert_only_these_failed(again, {}, scores)
    assert kept.items() <= results_in(options["memory"]).items()
    if schedule == "generational":
        options.update(memory=None, n_jobs=1)
        assert_same_search(again, faulty_search(kind, None, **options).fit(X, y))


class Swallows(FaultyTree):
    """Makes the best of an interrupt, as MLPClassifier does."""

    def fit(self, X, y):
        try:
            return super().fit(X, y)
        except KeyboardInterrupt:
            return DecisionTreeClassifier.fit(self, X, y)


@EVERY_KIND_AND_SCHEDULE
def test_a_fit_that_swallows_the_interrupt_does_not_count(tmp_path, kind, schedule, scores):
    interrupt = Once(tmp_path / "interrupted", partial(signal.raise_signal, signal.SIGINT))
    options = {"initial_params": {"max_depth": 1}, "n_jobs": 1, "schedule": schedule}
    search = faulty_search(kind, None, memory=tmp_path / "memory", **options)
    search.set_params(estimator=Swallows(faults={4: interrupt})).fit(X, y)
    assert search.stop_reason_ == "interrupted"
    assert 4 not in search.cv_results_["param_max_depth"]
    assert_whole_scores(search, {}, scores)
    n_fits = search.evolution_history_["n_fits"][-1]
    assert n_fits <= len(results_in(tmp_path / "memory")) < n_fits + 6
    # Nothing of the fit that was cut short is found again.
    again = search.fit(X, y)
    assert_only_these_failed(again, {}, scores)


def test_an_interrupt_within_an_inner_search_keeps_nothing_of_it(tmp_path, scores):
    interrupt = Once(tmp_path / "interrupted", partial(signal.raise_signal, signal.SIGINT))
    inner = faulty_search("racing", {4: interrupt}, n_jobs=1, cv=3, refit=True)
    options = {"cv": 2, "random_state": 0, "max_evaluations": 3, "error_score": "raise"}
    space = {"estimator__min_impurity_decrease": [0.0, 0.01, 0.02]}
    inner.set_params(estimator=PrunedTree(faults={4: interrupt}))
    outer = GeneticSearchCV(inner, space, racing=True, memory=tmp_path / "memory", **options)
    with pytest.raises(KeyboardInterrupt):  # within the very first setting
        outer.fit(X, y)
    assert not results_in(tmp_path / "memory")
    plain = GeneticSearchCV(inner, space, racing=True, **options).fit(X, y)
    assert_same_search(outer.fit(X, y), plain)


class PrunedTree(FaultyTree):
    def __init__(self, max_depth=1, faults=None, min_impurity_decrease=0.0):
        super().__init__(max_depth, faults)
        self.min_impurity_decrease = min_impurity_decrease


class InterruptedRefit(FaultyTree):
    """Ctrl-C is pressed, so many times, when it is trained on all data."""

    times = 0

    def fit(self, X, y):
        if len(X) == 120:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
        return super().fit(X, y)


@EVERY_KIND
def test_an_interrupt_leaves_the_refit_alone_and_a_second_one_does_not(kind, monkeypatch, scores):
    search = faulty_search(kind, None, n_jobs=1).set_params(estimator=InterruptedRefit())
    monkeypatch.setattr(InterruptedRefit, "times", 1)
    search.fit(X, y)
    assert search.best_estimator_.tree_.n_node_samples[0] == 120
    assert_only_these_failed(search, {}, scores)
    monkeypatch.setattr(InterruptedRefit, "times", 2)
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, y)


# Memory


@EVERY_KIND_AND_SCHEDULE
def test_broken_and_foreign_files_cost_one_warning(tmp_path, kind, schedule):
    options = {"memory": tmp_path, "schedule": schedule}
    first = search_of(kind, **options).fit(X, y)
    files = sorted(results_in(tmp_path))
    contents = [path.read_text() for path in files[:2]]
    for path, content in zip(files, reversed(contents)):  # each is the result of another part
        path.write_text(content)
    files[2].write_bytes(files[2].read_bytes()[:20])
    files[3].write_bytes(b"")
    files[4].write_bytes(os.urandom(200))
    with pytest.warns(RuntimeWarning, match="can't be read") as caught:
        second = search_of(kind, **options).fit(X, y)
    assert len(caught) == 1
    assert_same_search(first, second)


@EVERY_KIND_AND_SCHEDULE
def test_a_full_disk_costs_one_warning(tmp_path, kind, schedule):
    options = {"schedule": schedule}
    plain = search_of(kind, **options).fit(X, y)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.warns(RuntimeWarning, match="can't be kept") as caught:
            search = search_of(kind, memory=tmp_path, **options).fit(X, y)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(caught) == 1
    assert_same_search(search, plain)
    assert not results_in(tmp_path)
    assert not list(tmp_path.rglob("*.unfinished"))
    assert_same_search(search_of(kind, memory=tmp_path, **options).fit(X, y), plain)


@EVERY_KIND
def test_a_folder_that_can_not_be_written_costs_one_warning(tmp_path, kind):
    (tmp_path / "file").write_text("not a folder")
    with pytest.warns(RuntimeWarning, match="can't be kept") as caught:
        search = search_of(kind, memory=tmp_path / "file").fit(X, y)
    assert len(caught) == 1
    assert_same_search(search, search_of(kind).fit(X, y))


@EVERY_KIND_AND_SCHEDULE
def test_other_data_splits_and_scores_share_nothing(tmp_path, kind, schedule):
    rng = np.random.RandomState(0)
    variants = [
        (X, y, {}),
        (X + 1, y, {}),
        (X, rng.permutation(y), {}),
        (X, y, {"cv": 5}),
        (X, y, {"scoring": "roc_auc"}),
        (X, y, {"estimator": DecisionTreeClassifier(random_state=1)}),
    ]
    for data, targets, options in variants:
        options = {"schedule": schedule, **options}
        plain = search_of(kind, **options).fit(data, targets)
        n_before = len(results_in(tmp_path))
        kept = search_of(kind, memory=tmp_path, **options).fit(data, targets)
        assert_same_search(kept, plain)
        n_new = len(results_in(tmp_path)) - n_before
        assert n_new == kept.evolution_history_["n_fits"][-1]


@EVERY_KIND_AND_SCHEDULE
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_failures_are_tried_again(tmp_path, kind, schedule, scores):
    licence = tmp_path / "licence"
    options = {"schedule": schedule, "n_jobs": 1, "memory": tmp_path / "memory"}
    search = faulty_search(kind, {3: Licensed(licence)}, **options)
    with pytest.warns(FitFailedWarning, match="does not answer"):
        search.fit(X, y)
    assert_only_these_failed(search, {3}, scores)
    kept = results_in(tmp_path / "memory")
    licence.touch()
    search.fit(X, y)
    assert_only_these_failed(search, {}, scores)
    assert kept.items() < results_in(tmp_path / "memory").items()


class Licensed:
    """A fault as long as a file is missing."""

    def __init__(self, path):
        self.path = path

    def __call__(self):
        if not self.path.exists():
            raise OSError("the licence server does not answer")


SCRIPT = """
import pickle, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from killed_search import make_data, make_search
memory, log, n_jobs, output, schedule = sys.argv[2:]
search = make_search(
    memory, log, int(n_jobs), seconds=0.03, cv=6, schedule=schedule, n_generations=None,
    max_evaluations=5, racing=True, resource="n_samples",
).fit(*make_data())
Path(output).write_bytes(pickle.dumps((search.cv_results_, search.evolution_history_)))
"""


def start(*arguments):
    support = Path(logging_classifier.__file__).parent
    return subprocess.Popen([sys.executable, "-c", SCRIPT, support, *map(str, arguments)])


def assert_undisturbed(results, schedule):
    """Compare a search in a process of its own with one in which nothing has happened."""
    from killed_search import make_data, make_search

    undisturbed = make_search(
        None, None, 1, seconds=0.0, cv=6, schedule=schedule, n_generations=None,
        max_evaluations=5, racing=True, resource="n_samples",
    ).fit(*make_data())  # fmt: skip
    for name, column in undisturbed.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(results[name], column, err_msg=name)


@pytest.mark.parametrize(("n_jobs", "schedule"), [(1, "steady-state"), (2, "generational")])
def test_a_search_that_was_killed_goes_on_where_it_was(tmp_path, n_jobs, schedule):
    memory, log, output = (tmp_path / name for name in ("memory", "log", "output"))
    for n_before in (4, 17):
        process = start(memory, log, n_jobs, output, schedule)
        while len(fits_in(log)) < n_before:
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert start(memory, log, n_jobs, output, schedule).wait() == 0
    resumed, history = pickle.loads(output.read_bytes())
    # Nothing was trained twice but what was running; a worker hands over short fits in batches.
    n_fits = history["n_fits"][-1]
    assert len(results_in(memory)) >= n_fits
    assert n_fits + 1 <= len(fits_in(log)) <= n_fits + 1 + (2 if n_jobs == 1 else 24)
    assert_undisturbed(resumed, schedule)


@BOTH_SCHEDULES
def test_two_searches_at_the_same_time(tmp_path, schedule):
    outputs = [tmp_path / "one", tmp_path / "two"]
    memory, log = tmp_path / "memory", tmp_path / "log"
    processes = [start(memory, log, 1, output, schedule) for output in outputs]
    assert [process.wait() for process in processes] == [0, 0]
    found = [pickle.loads(output.read_bytes()) for output in outputs]
    for results, _ in found:
        assert_undisturbed(results, schedule)
    assert len(results_in(memory)) == found[0][1]["n_fits"][-1]
    assert not list(tmp_path.rglob("*.unfinished"))
