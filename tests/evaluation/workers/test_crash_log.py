"""Calls that hang, and what is known of calls whose worker has died."""

import pickle
import shutil
import subprocess
import sys

import pytest
from faulty_classifier import (
    X,
    check_only_these_failed,
    do_nothing_slowly,
    hang,
    hang_in_compiled_code,
    leave,
    make_search,
    y,
)
from joblib.externals.loky import get_reusable_executor
from sklearn.exceptions import FitFailedWarning

from sklearn_natsel._evaluation.workers.crash_log import CallState, CrashLog

CRASH_LOG = "sklearn_natsel._evaluation.workers.crash_log"


def test_fits_that_hang_are_ended():
    hanging = {2: hang, 5: hang_in_compiled_code}
    with (
        pytest.warns(FitFailedWarning, match="(?s)2 fits failed out of.*longer than 2 seconds"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search(hanging, n_settings=6, fit_timeout=2).fit(X, y)
    check_only_these_failed(search, hanging, n_settings=6)


def test_timeout_is_of_each_fit():
    slow = dict.fromkeys(range(20), do_nothing_slowly)
    search = make_search(slow, n_settings=20, fit_timeout=1.5, error_score="raise").fit(X, y)
    assert search.cv_results_["mean_fit_time"].sum() > 2 * 1.5


def test_fits_that_hang_are_ended_if_the_temporary_folder_has_been_cleaned(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    get_reusable_executor().shutdown(wait=True)

    def clean(search, record):
        for folder in tmp_path.glob("sklearn_natsel-*"):
            shutil.rmtree(folder)

    options = {"fit_timeout": 2, "callback": clean, "population_size": 2}
    with (
        pytest.warns(RuntimeWarning, match="has died"),
        pytest.warns(FitFailedWarning, match="1 fits failed out of"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search({5: hang}, n_settings=6, **options).fit(X, y)
    check_only_these_failed(search, {5}, n_settings=6)


@pytest.mark.filterwarnings("ignore")
def test_fits_run_without_room_for_temporary_files(monkeypatch):
    def no_room(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"{CRASH_LOG}.tempfile.mkdtemp", no_room)
    search = make_search({3: leave}, n_settings=6, fit_timeout=30).fit(X, y)
    check_only_these_failed(search, {3}, n_settings=6)


def test_call_without_room_for_its_file_is_made_all_the_same(monkeypatch):
    monkeypatch.setattr(f"{CRASH_LOG}.end_with_parent", lambda parent: None)
    crash_log = CrashLog()
    crash_log.close()
    assert crash_log.record_call(0, None, int, {}) == 0
    assert crash_log.pop_state(0) is CallState.NOT_RUNNING


def test_a_timeout_may_be_longer_than_clocks_reach(monkeypatch, crash_log):
    monkeypatch.setattr(f"{CRASH_LOG}.end_with_parent", lambda parent: None)
    assert crash_log.record_call(0, 1e300, int, {}) == 0


def run_in_a_process(code, crash_log):
    """Run code in a process of its own, with a copy of a crash log."""
    begin = "import os, pickle, sys, time; log = pickle.loads(bytes.fromhex(sys.argv[1])); "
    argument = pickle.dumps(crash_log).hex()
    return subprocess.run([sys.executable, "-c", begin + code, argument], timeout=60).returncode


@pytest.fixture
def crash_log():
    crash_log = CrashLog()
    yield crash_log
    crash_log.close()


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("log.record_call(7, None, os._exit, {'status': 3})", CallState.RUNNING),
        ("log.record_call(7, 0.2, lambda: time.sleep(60), {})", CallState.TIMED_OUT),
        ("log.record_call(7, 9.0, int, {}); os._exit(3)", CallState.NOT_RUNNING),
        ("log.record_call(70, None, os._exit, {'status': 3})", CallState.NOT_RUNNING),
    ],
)
def test_what_a_call_was_doing_when_its_process_ended(crash_log, code, state):
    assert run_in_a_process(code, crash_log) != 0
    assert crash_log.pop_state(7) is state
    assert crash_log.pop_state(7) is CallState.NOT_RUNNING


def test_a_log_that_is_closed_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    crash_log = CrashLog()
    assert len(list(tmp_path.iterdir())) == 1
    crash_log.close()
    assert not list(tmp_path.iterdir())
