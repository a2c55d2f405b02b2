import math
import pickle

import numpy as np
import pytest

from sklearn_natsel._evaluation.function_call import FunctionCall, NotANumberError
from sklearn_natsel._evaluation.task import Task
from sklearn_natsel._evolution import Candidate


def call(function, params, index=1, error_score=math.nan):
    """Call a function with a setting, as a worker does."""
    procedure = FunctionCall(function, error_score)
    run, arguments = procedure.prepare(Task(Candidate(index, (), params, 0, "random", ()), 0))
    return run(**arguments)


@pytest.mark.parametrize(
    "value", [3, 3.0, np.float32(3), np.int8(3), np.array(3), np.array([[3.0]]), True + 2]
)
def test_a_number_of_any_type_is_the_value(value):
    result = call(lambda x: value, {"x": 1})
    assert type(result["value"]) is float
    assert result["value"] == 3.0
    assert result["seconds"] >= 0
    assert result["fit_error"] is None


@pytest.mark.parametrize("value", [np.ma.masked, np.ma.array(5.0, mask=True)])
def test_a_masked_number_is_none(value):
    assert math.isnan(call(lambda x: value, {"x": 1})["value"])


def test_settings_are_keyword_arguments_and_copies():
    values = [1, 2]

    def greedy(values, n):
        values.append(n)
        return len(values)

    assert call(greedy, {"n": 3, "values": values})["value"] == 3
    assert values == [1, 2]


def test_what_cannot_be_copied_is_handed_over():
    assert call(lambda library, x: library.sqrt(x), {"library": math, "x": 4})["value"] == 2


def fails(x):
    raise RuntimeError("no such file")


def test_an_error_is_a_value_and_its_text_with_the_place():
    result = call(fails, {"x": 1}, error_score=-7)
    assert result["value"] == -7.0
    assert "RuntimeError: no such file" in result["fit_error"]
    assert "in fails" in result["fit_error"]
    assert result["seconds"] >= 0
    assert not FunctionCall(fails, -7).is_lasting(result)


def test_an_error_is_raised_on_request():
    with pytest.raises(RuntimeError, match="no such file"):
        call(fails, {"x": 1}, error_score="raise")


@pytest.mark.parametrize("value", [None, "3", [3], np.array([1, 2]), 1j])
def test_what_is_no_number_ends_all_if_it_is_the_first_and_else_costs_itself(value):
    with pytest.raises(NotANumberError, match=r"must return a real number\. Got"):
        call(lambda x: value, {"x": 1}, index=0)
    assert "NotANumberError" in call(lambda x: value, {"x": 1}, index=1)["fit_error"]


def test_an_error_of_the_first_setting_costs_itself():
    assert "no such file" in call(fails, {"x": 1}, index=0)["fit_error"]


def test_a_call_that_has_cost_its_worker_has_no_time():
    result = FunctionCall(fails, 0.5).failure(MemoryError("no room"))
    assert result["value"] == 0.5
    assert "no room" in result["fit_error"]
    assert math.isnan(result["seconds"])
    with pytest.raises(MemoryError):
        FunctionCall(fails, "raise").failure(MemoryError("no room"))


def test_a_single_call_makes_up_an_evaluation():
    procedure = FunctionCall(fails, math.nan)
    assert procedure.n_splits == 1
    assert procedure.shared == [fails]
    assert procedure.seconds([{"value": 1.0, "seconds": 0.25, "fit_error": None}]) == 0.25


def test_what_is_sent_to_a_worker_can_be():
    procedure = FunctionCall(fails, math.nan)
    task = Task(Candidate(1, (0,), {"x": 1}, 0, "random", ()), 0)
    run, arguments = pickle.loads(pickle.dumps(procedure.prepare(task)))
    assert "no such file" in run(**arguments)["fit_error"]
