"""What the user is told of each generation, and what a callback may answer."""

from contextlib import nullcontext

import numpy as np
import pytest
from number_estimator import Number, X, assert_fitted, search_of, y
from sklearn.exceptions import FitFailedWarning

from sklearn_natsel import GeneticSearchCV, maximize

both_schedules = pytest.mark.parametrize("schedule", ["generational", "steady-state"])


def identity(x):
    return x


def test_callback_that_returns_true_stops_the_search():
    rows = []

    def callback(search, record):
        rows.append(record)
        assert isinstance(search, GeneticSearchCV)
        assert -((record["best_params"]["x"] - 3.0) ** 2) == record["best_so_far"]
        return record["generation"] == 2

    search = search_of(callback=callback, n_generations=50).fit(X, y)
    assert search.stop_reason_ == "callback"
    assert search.n_generations_ == len(rows) == 3
    for name, column in search.evolution_history_.items():
        np.testing.assert_array_equal(column, [row[name] for row in rows])
    assert_fitted(search)


def test_a_callback_can_do_what_it_likes_with_its_record():
    def callback(search, record):
        record["best_so_far"] = 1e9
        record.pop("seconds")
        record["mine"] = 1

    search = search_of(callback=callback, n_generations=4, target_score=1e8).fit(X, y)
    expected = search_of(n_generations=4).fit(X, y)
    assert list(search.evolution_history_) == list(expected.evolution_history_)
    assert search.stop_reason_ == "n_generations"
    assert_fitted(search)


def test_error_in_a_callback_is_not_swallowed():
    def callback(search, record):
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        search_of(callback=callback).fit(X, y)


# Answers of a callback


def n_generations_of_search(callback, schedule):
    options = {"callback": callback, "schedule": schedule, "n_generations": 4}
    return search_of(**options).fit(X, y).n_generations_


def n_generations_of_maximize(callback, schedule):
    options = {"callback": callback, "schedule": schedule, "n_generations": 4}
    return maximize(identity, {"x": range(10**6)}, random_state=0, **options).nit


both_faces = pytest.mark.parametrize(
    "n_generations_of", [n_generations_of_search, n_generations_of_maximize]
)


@both_faces
@both_schedules
@pytest.mark.parametrize("answer", [True, np.True_, np.bool_(1)])
def test_only_true_ends_the_search(n_generations_of, schedule, answer):
    assert n_generations_of(lambda known, record: answer, schedule) == 1


@both_faces
@both_schedules
@pytest.mark.parametrize("answer", [None, False, np.False_])
def test_none_and_false_let_it_go_on_without_a_word(n_generations_of, schedule, answer):
    assert n_generations_of(lambda known, record: answer, schedule) == 4


@both_faces
@both_schedules
@pytest.mark.parametrize(
    "answer",
    ["done", "", 1, 0, 7.5, np.float64(1), [True], [], np.array([True, False]), np.array(True)],
    ids=repr,
)
def test_any_other_answer_ends_nothing_and_is_told_once(n_generations_of, schedule, answer):
    with pytest.warns(UserWarning, match="only True ends the search") as caught:
        assert n_generations_of(lambda known, record: answer, schedule) == 4
    assert len(caught) == 1
    assert f"The 'callback' has returned {answer!r}" in str(caught[0].message)


@pytest.mark.filterwarnings("ignore:The 'callback' has returned")
def test_true_ends_the_search_after_other_answers_too():
    answers = iter([3, None, "x", True, None])
    options = {"callback": lambda search, record: next(answers), "n_generations": 9}
    assert search_of(**options).fit(X, y).n_generations_ == 4


# A first generation without a score


class Broken(Number):
    """Can be fitted with its default alone."""

    def fit(self, X, y):
        if self.x != -1:
            raise RuntimeError(f"cannot be fitted with {self.x}")
        return self


class AsList:
    """A distribution of another library, which draws lists."""

    def rvs(self, random_state):
        return [int(random_state.randint(10**6))]


def messages(caught):
    return [str(warning.message) for warning in caught]


@both_schedules
@pytest.mark.parametrize(
    ("space", "n_searched"), [({"x": range(9)}, 4), ({"x": range(-1, 9)}, 3), ({"x": AsList()}, 3)]
)
def test_a_first_generation_without_a_score_is_told_at_once(schedule, space, n_searched):
    """The estimator's own setting, -1, works, and is one of four where it lies in the space."""

    def callback(search, record):
        assert record["generation"] == 0
        (message,) = messages(caught)
        told, error = message.split(" The first error was:\n")
        assert told == f"None of the first {n_searched} settings that were searched has a score."
        assert "RuntimeError: cannot be fitted with" in error
        return True

    search = search_of(Broken(), space, schedule=schedule, callback=callback, refit=False)
    is_error = pytest.raises(ValueError, match="All the") if n_searched == 4 else nullcontext()
    with pytest.warns() as caught, is_error:
        search.fit(X, y)
    assert caught[0].category is FitFailedWarning
    assert n_searched == 4 or search.best_params_ == {"x": -1}


def test_the_default_alone_is_no_reason_to_warn_if_it_fails_where_nothing_else_was_searched():
    """A single setting was evaluated, the estimator's own: that is all there is to judge by."""
    search = search_of(Broken(x=0), {"x": range(9)}, max_evaluations=1)
    with (
        pytest.warns(FitFailedWarning, match="None of the first 1 settings"),
        pytest.raises(ValueError, match="All the 2 fits failed"),
    ):
        search.fit(X, y)


def test_one_setting_that_works_is_enough_for_silence():
    class Mostly(Number):
        def fit(self, X, y):
            if self.x != 2:
                raise RuntimeError("cannot be fitted")
            return self

    search = search_of(Mostly(), {"x": range(4)})
    with pytest.warns() as caught:
        search.fit(X, y)
    assert not any("None of the first" in message for message in messages(caught))


def test_later_generations_without_a_score_are_not_told_again():
    search = search_of(Broken(), {"x": range(-1, 30)}, n_generations=5)
    with pytest.warns() as caught:
        search.fit(X, y)
    assert search.n_generations_ == 5
    assert sum("None of the first" in message for message in messages(caught)) == 1


def test_a_score_that_is_nan_has_no_error_to_tell():
    class Undefined(Number):
        def score(self, X, y):
            return np.nan

    with pytest.warns() as caught:
        search_of(Undefined(), {"x": range(9)}, n_generations=2, refit=False).fit(X, y)
    (told,) = [message for message in messages(caught) if "None of the first" in message]
    assert told == "None of the first 4 settings that were searched has a score."


def test_maximize_tells_it_too_and_by_its_own_words():
    def broken(x):
        raise RuntimeError("no such file")

    def callback(result, record):
        (message,) = messages(caught)
        assert message.startswith("None of the first 10 settings that were searched has a score.")
        assert "no such file" in message

    with pytest.warns(RuntimeWarning) as caught, pytest.raises(ValueError, match="no best"):
        maximize(broken, {"x": range(100)}, n_generations=2, callback=callback)
    assert len(caught) == 1


# Lines


@both_schedules
def test_a_line_a_generation_is_printed_on_request(schedule, capsys):
    search_of(schedule=schedule, n_generations=3).fit(X, y)
    assert capsys.readouterr().out == ""
    search_of(schedule=schedule, n_generations=3, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"Generation {i}" for i in range(3)]
