import math

import pytest

from sklearn_natsel._evaluation.task import Procedure, Task


class Walk(Procedure):
    """A procedure of a user's own: two fits, whose times are those of there and back."""

    n_splits = 2
    times = ("there", "back")

    def __init__(self):
        self.shared = []

    def prepare(self, task):
        return dict, {"there": 1.0, "back": task.split, "fit_error": None}

    def failure(self, error):
        return {"there": math.nan, "back": math.nan, "fit_error": str(error)}


def test_what_a_procedure_must_say_itself():
    with pytest.raises(TypeError, match=r"abstract methods?.*failure.*prepare"):
        Procedure()


def test_the_seconds_are_all_times_of_all_fits():
    fits = [{"there": 1.0, "back": 0.5, "fit_error": None}] * 2
    assert Walk().seconds(fits) == 3.0


def test_fits_that_failed_tell_nothing_of_the_time():
    fine = {"there": 1.0, "back": 0.5, "fit_error": None}
    assert math.isnan(Walk().seconds([fine, {**fine, "fit_error": "ended by a timeout"}]))


def test_only_what_has_not_failed_lasts():
    assert Walk().is_lasting({"there": 1.0, "back": 0.5, "fit_error": None})
    assert not Walk().is_lasting(Walk().failure(MemoryError("no room")))


def test_tasks_are_run_one_by_one_unless_a_procedure_says_more():
    assert not Walk().has_joint_tasks
    assert not Walk().is_joint(Task(None, 0))
    with pytest.raises(NotImplementedError):
        Walk().prepare_many([])
