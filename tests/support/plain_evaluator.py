"""An evaluator without workers, for runs whose candidates are told a number."""

from sklearn_natsel._evaluation import Evaluation
from sklearn_natsel._evolution import WHOLE
from sklearn_natsel._run import History, Stopping, run


def whole(candidate, fitness, seconds=0.1):
    """Return what an evaluator yields of an evaluation that has no parts."""
    return Evaluation(candidate, fitness, seconds, WHOLE[0], is_complete=True, is_last=True)


class PlainEvaluator:
    """Evaluates candidates by a function, where :class:`Evaluator` trains models.

    Parameters
    ----------
    evaluate : callable
        Takes candidates, and how many they are (None if that is unknown); yields each with its
        fitness and its seconds.
    """

    is_parallel = False

    def __init__(self, evaluate):
        self._evaluate = evaluate
        self.results = {}
        self.fitness = {}

    def evaluate(self, candidates, n=None):
        for candidate, fitness, seconds in self._evaluate(candidates, n):
            self.results[candidate] = [{"value": fitness, "seconds": seconds, "fit_error": None}]
            self.fitness[candidate] = fitness
            yield whole(candidate, fitness, seconds)

    def keep_arrived(self):
        """There is nothing that has come back and was not yielded."""


def score(candidate):
    """Return the sum of the values of a setting."""
    return float(sum(candidate.params.values()))


def one_by_one(candidates, n):
    """Evaluate by the score, in the order in which they come."""
    for candidate in candidates:
        yield candidate, score(candidate), 0.1


class Callback:
    """An observer that hands each row of the history to a function, which may end the run."""

    def __init__(self, stopping, on_generation):
        self._stopping = stopping
        self._on_generation = on_generation

    def begin_generation(self, n):
        pass

    def evaluated(self, candidate):
        pass

    def end_generation(self, row):
        if self._on_generation(row):
            self._stopping.request()


def run_plain(evolution, schedule, evaluate=one_by_one, on_generation=None, **limits):
    """Run an evolution to its end; return the reason and the history."""
    stopping, history = Stopping(**limits), History()
    observers = [Callback(stopping, on_generation)] if on_generation else []
    reason = run(evolution, PlainEvaluator(evaluate), schedule, stopping, history, observers)
    return reason, history
