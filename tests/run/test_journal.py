"""A steady-state evolution is taken up where its journal ends."""

import json
import math
import time
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from plain_evaluator import run_plain
from scipy.stats import loguniform, uniform
from sklearn.datasets import load_iris
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional, GeneticSearchCV, maximize
from sklearn_natsel._evolution import Evolution
from sklearn_natsel._run.journal import Journal, journaled
from sklearn_natsel._run.schedules import SteadyState
from sklearn_natsel._space import Space

SPACE = Space({"x": range(1000), "y": range(1000)})


def fitness_of(candidate):
    return math.nan if candidate.index % 7 == 3 else float(sum(candidate.params.values()))


def workers(n, order):
    """Evaluate n candidates at once; the random order decides which one is finished next."""
    rng = np.random.RandomState(order)

    def evaluate(candidates, size):
        running = []
        for candidate in candidates:
            running.append(candidate)
            if len(running) == n:
                finished = running.pop(rng.randint(n))
                yield finished, fitness_of(finished), 0.1
        for candidate in running:
            yield candidate, fitness_of(candidate), 0.1

    return evaluate


def evolution_of(space=SPACE, seed=0, population_size=6):
    return Evolution(space, np.random.RandomState(seed), population_size=population_size)


def run(path, evaluate, n, evolution=None, on_error=None):
    """Evolve n candidates with a journal, if there is a path; return the evolution."""
    evolution = evolution or evolution_of()
    breeds = evolution if path is None else Journal(evolution, path, on_error=on_error)
    run_plain(breeds, SteadyState(), evaluate, max_evaluations=n)
    assert [c.fitness for c in evolution.candidates] == pytest.approx(
        [fitness_of(c) for c in evolution.candidates], nan_ok=True
    )
    return evolution


def settings(evolution):
    return [candidate.params for candidate in evolution.candidates]


@pytest.mark.parametrize(("n_before", "n_after"), [(4, 1), (4, 3), (1, 4), (4, 4)])
def test_a_longer_run_begins_with_all_of_the_shorter_one(tmp_path, n_before, n_after):
    path = tmp_path / "journal"
    first = run(path, workers(n_before, order=0), 40)
    assert len(path.read_text().splitlines()) == 40
    second = run(path, workers(n_after, order=1), 60)
    assert settings(second)[:40] == settings(first)
    assert len(path.read_text().splitlines()) == 60
    again = run(path, workers(2, order=2), 60)
    assert settings(again) == settings(second)
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(entries) == 60
    told = [index for _, news in entries for index, *_ in news]
    assert len(set(told)) == len(told)


def test_a_run_through_a_whole_space_is_repeated(tmp_path):
    path, runs = tmp_path / "journal", []
    for order in range(2):
        evolution = evolution_of(Space({"x": range(9)}), population_size=3)
        runs.append(settings(run(path, workers(2, order), 30, evolution)))
    assert runs[0] == runs[1]
    assert len(runs[0]) == len(path.read_text().splitlines()) == 9


def test_without_a_journal_the_order_decides():
    assert settings(run(None, workers(4, order=0), 40)) != settings(
        run(None, workers(4, order=1), 40)
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-20],
        lambda text: text + "no entry\n",
        lambda text: text + json.dumps(["key", [[99, 0.0, 0.1]]]) + "\n",
        lambda text: text + "[" * 9000,
    ],
)
def test_what_cannot_be_read_is_done_anew(tmp_path, spoil):
    path = tmp_path / "journal"
    first = run(path, workers(4, order=0), 30)
    path.write_text(spoil(path.read_text()))
    second = run(path, workers(4, order=1), 40)
    assert settings(second)[:29] == settings(first)[:29]
    assert settings(run(path, workers(1, order=2), 40)) == settings(second)


def test_the_journal_of_another_search_is_left_as_soon_as_it_differs(tmp_path):
    path = tmp_path / "journal"
    run(path, workers(4, order=0), 30, evolution_of(seed=1))
    mine = run(path, workers(1, order=0), 30)
    assert settings(mine) == settings(run(None, workers(1, order=0), 30))
    assert settings(run(path, workers(5, order=3), 30)) == settings(mine)


def test_a_full_disk_is_told_and_the_search_goes_on(tmp_path):
    errors = []
    (tmp_path / "file").touch()
    run(tmp_path / "file" / "journal", workers(1, order=0), 10, on_error=errors.append)
    assert len(errors) == 10
    assert all(isinstance(error, OSError) for error in errors)


def test_what_a_journal_does_not_do_itself_is_done_by_the_evolution(tmp_path):
    evolution = evolution_of()
    journal = Journal(evolution, tmp_path / "journal")
    candidate = journal.ask_one()
    journal.tell(candidate, 3.0, 0.1)
    assert journal.candidates == evolution.candidates == journal.population == [candidate]
    assert journal.space is SPACE
    assert journal.n_reused == 0
    with pytest.raises(AttributeError, match="populaton"):
        _ = journal.populaton


def test_of_two_equal_searches_at_once_the_later_one_keeps_its_journal(tmp_path):
    path, later = tmp_path / "journal", []

    def interrupted_by_another(candidates, size):
        for i, evaluated in enumerate(workers(3, order=0)(candidates, size)):
            if i == 10:
                later.append(settings(run(path, workers(2, order=1), 40)))
            yield evaluated

    run(path, interrupted_by_another, 30)
    assert len(path.read_text().splitlines()) == 40
    assert [settings(run(path, workers(1, order=0), 40))] == later


def test_a_journal_ends_where_the_disk_was_full(tmp_path, monkeypatch):
    """What would be written behind a gap can't be repeated, and would hide what can."""
    path, errors, lines = tmp_path / "journal", [], []

    def line(entry):
        lines.append(entry)
        if len(lines) == 11:
            raise OSError("no space left on device")
        return json.dumps(entry) + "\n"

    monkeypatch.setattr("sklearn_natsel._run.journal._line", line)
    run(path, workers(2, order=0), 30, on_error=errors.append)
    assert len(errors) == 1
    assert len(path.read_text().splitlines()) == 10


def test_without_a_memory_or_a_seed_there_is_no_journal():
    evolution = evolution_of()
    assert journaled(evolution, None, {"random_state": 0}) is evolution
    store = object()  # is not asked
    assert journaled(evolution, store, {"random_state": None}) is evolution


# In a search

X, y = load_iris(return_X_y=True)


def search_of(estimator=None, space=None, **params):
    options = {"schedule": "steady-state", "random_state": 0, "cv": 3, **params}
    space = space or {"max_depth": range(1, 12), "min_samples_leaf": range(1, 30)}
    return GeneticSearchCV(estimator or DecisionTreeClassifier(random_state=0), space, **options)


def test_memory_gives_the_same_search_again(tmp_path):
    whole = search_of(n_generations=5).fit(X, y)
    search_of(max_evaluations=23, memory=tmp_path).fit(X, y)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert len(files) == 23 * 3
    resumed = search_of(n_generations=5, memory=tmp_path).fit(X, y)
    assert resumed.cv_results_["params"] == whole.cv_results_["params"]
    for path, written in files.items():
        assert path.stat().st_mtime_ns == written
    for column in ("best", "mean", "n_evaluated", "diversity"):
        np.testing.assert_array_equal(
            resumed.evolution_history_[column], whole.evolution_history_[column]
        )


def test_times_of_fits_are_taken_up_too(tmp_path):
    """Where time has a price, what is bred depends on how long the fits took."""
    params = {"memory": tmp_path, "surrogate": "per_second", "schedule": "steady-state"}
    first = search_of(SVC(), {"C": loguniform(1e-3, 1e3)}, n_jobs=2, max_evaluations=25, **params)
    first.fit(X, y)
    second = search_of(SVC(), {"C": loguniform(1e-3, 1e3)}, n_jobs=1, max_evaluations=25, **params)
    second.fit(X, y)
    assert second.cv_results_["params"] == first.cv_results_["params"]
    np.testing.assert_array_equal(
        second.cv_results_["mean_fit_time"], first.cv_results_["mean_fit_time"]
    )


def slow_parabola(x, kind="a", y=0.0):
    time.sleep(0.001)
    return -((x - 0.3) ** 2) - y


@pytest.mark.parametrize(
    ("space", "other_space"),
    [
        ({"x": uniform(0, 1)}, {"x": uniform(0, 2)}),
        ({"x": range(10**6)}, {"x": range(10**6 + 1)}),
        (
            {"x": uniform(0, 1), "kind": ["a", "b"], "y": Conditional([0.0, 0.1], "kind", "a")},
            {"x": uniform(0, 1), "kind": ["a", "b"], "y": Conditional([0.0, 0.1], "kind", "b")},
        ),
        (
            {"x": uniform(0, 1), "kind": range(999), "y": Conditional([0.0, 0.1], "kind", 3)},
            {"x": uniform(0, 1), "kind": range(999), "y": Conditional([0.0, 0.1], "kind", 4)},
        ),
    ],
)
def test_searches_of_similar_spaces_have_journals_of_their_own(tmp_path, space, other_space):
    def search(space):
        options = {"schedule": "steady-state", "n_jobs": 2, "random_state": 0, "memory": tmp_path}
        return maximize(slow_parabola, space, max_evaluations=30, **options).candidates["params"]

    first = search(space)
    search(other_space)
    assert len(list(tmp_path.rglob("*.journal"))) == 2
    assert search(space).tolist() == first.tolist()


class SlowAtFirst:
    """Returns what it is given; the very first call takes a while."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, x):
        with suppress(FileExistsError):
            (self.folder / "called").touch(exist_ok=False)
            time.sleep(0.3)
        return x


def test_a_callback_sees_the_best_while_results_come_in_another_order_than_before(tmp_path):
    options = {"schedule": "steady-state", "population_size": 4, "max_evaluations": 20}
    search = partial(
        maximize, SlowAtFirst(tmp_path), {"x": uniform(0, 1)}, memory=tmp_path, **options
    )
    first = search(n_jobs=2, random_state=0)
    seen = []
    second = search(n_jobs=1, random_state=0, callback=lambda known, row: seen.append(known.fun))
    assert second.candidates["params"].tolist() == first.candidates["params"].tolist()
    assert seen == sorted(seen)
    assert seen[-1] == first.fun
