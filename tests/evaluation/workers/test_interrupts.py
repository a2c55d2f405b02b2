"""Ctrl-C, as a terminal sends it: to the search and to its workers."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import logging_classifier
import pytest
from logging_classifier import fits_in
from processes import children_of, wait_for_end
from sklearn.base import BaseEstimator

from sklearn_natsel import GeneticSearchCV

SUPPORT = Path(logging_classifier.__file__).parent


class Terminal:
    """Runs the search in a process group of its own and looks after all of it."""

    def __init__(self, log, n_jobs, refit_seconds=0.0, fits="alone"):
        self.log = log
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", str(SUPPORT / "interrupted_search.py")),
                *(str(log), str(n_jobs), str(refit_seconds), fits),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.family = set()

    def wait_for(self, condition):
        deadline = time.time() + 60
        while not condition(fits_in(self.log)):
            assert self.process.poll() is None, self.process.stderr.read().decode()
            assert time.time() < deadline
            time.sleep(0.005)

    def press_ctrl_c(self):
        self.family |= set(children_of(self.process.pid))
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        """Return what the search has found, after seeing that nothing is left of it."""
        output, errors = self.process.communicate(timeout=60)
        wait_for_end(self.family)
        return (json.loads(output) if output else None), errors.decode()


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("n_fits", [8, 25])
def test_first_interrupt_ends_the_search_with_what_is_finished(tmp_path, n_jobs, n_fits):
    terminal = Terminal(tmp_path / "log", n_jobs)
    # 20 fits are the first generation. Of 8 that have ended, the scores of some have come back.
    terminal.wait_for(lambda fits: len(fits) >= n_fits)
    started = time.time()
    terminal.press_ctrl_c()
    found, errors = terminal.end()
    assert found, errors
    assert time.time() - started < 30
    assert terminal.process.returncode == 0
    assert "Traceback" not in errors
    assert found["stop_reason"] == "interrupted"
    assert found["fitted"]
    assert 0 < found["n_rows"] == found["n_evaluations"] == sum(found["history"])
    # Each evaluation is two fits; a few may have been on their way.
    assert n_fits // 2 - 4 <= found["n_rows"] <= (len(fits_in(tmp_path / "log"))) // 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupt_while_groups_are_fitted_costs_these_groups_alone(tmp_path, n_jobs):
    terminal = Terminal(tmp_path / "log", n_jobs, fits="together")
    terminal.wait_for(lambda fits: len(fits) >= 23)
    terminal.press_ctrl_c()
    found, errors = terminal.end()
    assert found, errors
    assert terminal.process.returncode == 0
    assert "Traceback" not in errors
    assert found["stop_reason"] == "interrupted"
    assert found["fitted"]
    # The first generation is whole, and the group in which it was pressed is not.
    assert 10 <= found["n_rows"] == sum(found["history"]) < 15


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupt_before_anything_is_finished(tmp_path, n_jobs):
    terminal = Terminal(tmp_path / "log", n_jobs)
    terminal.wait_for(lambda fits: len(fits) >= 1)
    terminal.press_ctrl_c()
    found, errors = terminal.end()
    if found is None:  # there is no result without two fits
        assert terminal.process.returncode != 0
        assert "KeyboardInterrupt" in errors
    else:
        assert found["n_rows"] > 0


def test_first_interrupt_leaves_the_refit_alone(tmp_path):
    terminal = Terminal(tmp_path / "log", 2, refit_seconds=2)
    terminal.wait_for(lambda fits: "refit" in fits)
    terminal.press_ctrl_c()
    found, errors = terminal.end()
    assert found, errors
    assert found["fitted"]
    assert found["n_rows"] == 15


@pytest.mark.parametrize("during_refit", [True, False])
def test_second_interrupt_stops_at_once(tmp_path, during_refit):
    terminal = Terminal(tmp_path / "log", 2, refit_seconds=1000)
    if during_refit:
        terminal.wait_for(lambda fits: "refit" in fits)
        terminal.press_ctrl_c()
        time.sleep(0.5)
    else:
        terminal.wait_for(lambda fits: len(fits) >= 6)
        terminal.press_ctrl_c()
        terminal.wait_for(lambda fits: "refit" in fits)
    assert terminal.process.poll() is None
    started = time.time()
    terminal.press_ctrl_c()
    found, errors = terminal.end()
    assert time.time() - started < 30
    assert found is None
    assert terminal.process.returncode != 0
    assert "KeyboardInterrupt" in errors


def test_handler_of_the_program_stays():
    def handle(signum, frame):
        raise AssertionError

    from killed_search import make_data, make_search

    seen = []
    search = make_search(None, None, n_generations=1)
    search.set_params(callback=lambda search, row: seen.append(signal.getsignal(signal.SIGINT)))
    previous = signal.signal(signal.SIGINT, handle)
    try:
        search.fit(*make_data())
        assert seen == [handle]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        search.fit(*make_data())
        assert seen[1] is not signal.default_int_handler
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, previous)
    assert isinstance(search, GeneticSearchCV)


class Swallows(BaseEstimator):
    """Is interrupted while it is fitted, and makes the best of it, as MLPClassifier does."""

    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y=None):
        if self.x == 4:
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                self.interrupted_ = True
        return self

    def score(self, X, y=None):
        return self.x


def test_fit_that_swallows_the_interrupt_does_not_count(tmp_path):
    settings = [{"x": x} for x in range(5)]
    search = GeneticSearchCV(
        Swallows(),
        {"x": range(20)},
        initial_params=settings,
        cv=[([0], [1])],
        memory=tmp_path,
        random_state=0,
    )
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        search.fit([[0], [1]])
    finally:
        signal.signal(signal.SIGINT, previous)
    assert search.stop_reason_ == "interrupted"
    assert search.cv_results_["params"] == settings[:4]
    assert len(list(tmp_path.rglob("*.json"))) == 4
