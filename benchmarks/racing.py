"""Evaluations in parts against whole ones: the best score after so many fits.

Racing gives up settings between splits. A search of whole evaluations gets all fits, the others a
share of them: a setting counts with the mean over all splits alone.

    python benchmarks/racing.py --splits 10 --share 0.45 --seeds 5 --csv racing.csv

The peers run settings drawn by Optuna's TPE, with its pruner for noisy scores or without, and
random ones. The test score is that of a quarter of the data that no search has seen.
"""

import argparse
import warnings
from pathlib import Path
from time import perf_counter

import numpy as np
from kept import run_all
from searchers import branches, suggest_all
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import (
    KFold,
    RandomizedSearchCV,
    StratifiedKFold,
    train_test_split,
)
from tasks import live_tasks

from sklearn_natsel import GeneticSearchCV

TASKS = {task.name: task for task in live_tasks()}


class Split:
    """A task with its data in splits and a test set.

    Parameters
    ----------
    task : Task
        What is searched.
    n_splits, seed : int
        How many, and what draws them.
    """

    def __init__(self, task, n_splits, seed):
        classify = is_classifier(task.estimator)
        stratify = task.y if classify else None
        data = train_test_split(task.X, task.y, stratify=stratify, random_state=seed)
        self.X, self.X_test, self.y, self.y_test = data
        cv = (StratifiedKFold if classify else KFold)(n_splits, shuffle=True, random_state=seed)
        self.cv = list(cv.split(self.X, self.y))
        self.task, self.seed = task, seed
        self.scorer = check_scoring(task.estimator, task.scoring)

    def common(self):
        """Return the arguments that all of scikit-learn's searches take."""
        return {"scoring": self.task.scoring, "cv": self.cv, "random_state": self.seed}

    def score(self, setting, split):
        """Return the score of a setting on one split, NaN if it fails."""
        train, test = self.cv[split]
        try:
            model = clone(self.task.estimator).set_params(**clone(setting, safe=False))
            model.fit(self.X[train], self.y[train])
            return float(self.scorer(model, self.X[test], self.y[test]))
        except Exception:
            return np.nan

    def test_score(self, setting):
        """Return the score of a setting on the test set, trained on all other data."""
        model = clone(self.task.estimator).set_params(**clone(setting, safe=False))
        return float(self.scorer(model.fit(self.X, self.y), self.X_test, self.y_test))


def natsel(split, n_fits, **parameters):
    """Search with GeneticSearchCV; return the best setting, its score and the fits."""
    n_evaluations = n_fits // len(split.cv)
    search = GeneticSearchCV(
        split.task.estimator,
        split.task.space,
        max_evaluations=n_evaluations,
        refit=False,
        **split.common(),
        **parameters,
    ).fit(split.X, split.y)
    fits = search.evolution_history_.get("n_fits", [n_evaluations * len(split.cv)])
    return search.best_params_, search.best_score_, int(fits[-1])


def with_racing(split, n_fits):
    """Search with racing."""
    return natsel(split, n_fits, racing=True)


def random(split, n_fits):
    """Search at random."""
    n = n_fits // len(split.cv)
    estimator, space = split.task.estimator, branches(split.task.space)
    search = RandomizedSearchCV(estimator, space, n_iter=n, refit=False, **split.common())
    search.fit(split.X, split.y)
    return search.best_params_, np.nanmax(search.cv_results_["mean_test_score"]), n * len(split.cv)


def tpe(split, n_fits, pruner=None):
    """Search with Optuna's TPE, a split after the other, until the fits are spent."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=split.seed)
    pruner = pruner or optuna.pruners.NopPruner()
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    best, best_score, spent = None, -np.inf, 0
    while spent < n_fits:
        trial = study.ask()
        setting = suggest_all(trial, split.task.space)
        scores = []
        for i in range(len(split.cv)):
            scores.append(split.score(setting, i))
            spent += 1
            if np.isnan(scores[-1]):
                break
            trial.report(scores[-1], i)
            if trial.should_prune():
                break
        if np.isnan(scores[-1]):
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            continue
        study.tell(trial, float(np.mean(scores)))
        if len(scores) == len(split.cv) and np.mean(scores) > best_score:
            best, best_score = setting, float(np.mean(scores))
    return best, best_score, spent


def tpe_wilcoxon(split, n_fits):
    """Search with TPE and the pruner that compares a setting with the best, split by split."""
    import optuna

    return tpe(split, n_fits, optuna.pruners.WilcoxonPruner(p_threshold=0.1))


SEARCHERS = {
    "whole": natsel,
    "racing": with_racing,
    "tpe": tpe,
    "tpe_wilcoxon": tpe_wilcoxon,
    "random": random,
}


def run_one(task, splits, budget, seed, searcher):
    """Run a search with so many fits; return what it has found."""
    split, started = Split(TASKS[task], splits, seed), perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        setting, score, spent = SEARCHERS[searcher](split, budget)
        test = split.test_score(setting)
    return {"fits": spent, "score": score, "test": test, "seconds": perf_counter() - started}


def main():
    """Run all searchers and print how far they are from the search of whole evaluations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--splits", type=int, default=10)
    add("--share", type=float, default=0.45, help="of the fits, for all but whole")
    add("--evaluations", type=int, default=100)
    add("--seeds", type=int, default=3)
    add("--first-seed", type=int, default=0)
    add("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    add("--searchers", nargs="*", default=list(SEARCHERS), choices=SEARCHERS)
    add("--csv", type=Path, help="results are added to it; what it holds is not run again")
    add("--again", action="store_true", help="run again what the CSV file holds")
    args = parser.parse_args()
    n_fits = args.evaluations * args.splits
    runs = [
        {
            "task": task,
            "splits": args.splits,
            "budget": n_fits if searcher == "whole" else round(args.share * n_fits),
            "seed": seed,
            "searcher": searcher,
        }
        for seed in range(args.first_seed, args.first_seed + args.seeds)
        for task in args.tasks
        for searcher in args.searchers
    ]
    report(run_all(runs, run_one, args.csv, args.again))


def report(runs):
    """Print the differences to whole evaluations, in units of their spread over seeds."""
    for kind in ("score", "test"):
        table = runs.pivot_table(index=["task", "seed"], columns="searcher", values=kind)
        unit = table["whole"].groupby("task").transform("std").replace(0, np.nan)
        difference = table.sub(table["whole"], axis=0)
        print(f"\n{kind}: mean difference to whole evaluations, by task")
        print(difference.groupby("task").mean().to_string(float_format="%.5f"))
        scaled = difference.div(unit, axis=0)
        print("over all tasks, in standard deviations of whole evaluations, +- standard error")
        for name in difference:
            values = scaled[name].dropna()
            error = values.std() / np.sqrt(len(values))
            better, worse = int((difference[name] > 0).sum()), int((difference[name] < 0).sum())
            print(f"{name:14} {values.mean():6.2f} +- {error:.2f}  better {better}, worse {worse}")


if __name__ == "__main__":
    main()
