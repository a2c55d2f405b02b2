"""What the results of several searchers tell about them.

Results are rows of ``searcher``, ``task``, ``seed``, ``evaluations`` and ``score``, as made by
`efficiency.py`. Seeds of different searchers have nothing in common, so that none are paired.
"""

from math import comb

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, mannwhitneyu

ALPHA = 0.05


def mean_and_error(results, column):
    """Return the mean over seeds and then over tasks, and its standard error over seeds."""
    groups = results.groupby(["searcher", "task", "evaluations"])[column]
    by = ["searcher", "evaluations"]
    means = groups.mean().groupby(by)
    # With a single seed the variance is unknown, not zero.
    variances = (groups.var() / groups.size()).groupby(by).agg(lambda v: v.sum(skipna=False))
    # Means over some of the tasks only could not be compared with the others.
    counts = means.size().where(means.size() == results["task"].nunique())
    return means.sum().div(counts).unstack(), np.sqrt(variances).div(counts).unstack()


def costs(results):
    """Return the mean milliseconds for each evaluation between a budget and the one before it."""
    means = results.groupby(["searcher", "evaluations"])["ms_beside_scoring"].mean().unstack()
    total = means * means.columns
    steps = np.diff(means.columns, prepend=0)
    return total.diff(axis=1).fillna(total) / steps


def contests(results, reference, others):
    """Compare the scores of a reference with those of others, task by task.

    Returns
    -------
    table : DataFrame
        For each task and other searcher: ``lead``, by how much the mean score of the reference is
        higher; ``p``, of the Mann-Whitney test; ``least``, the smallest that so few runs can have;
        ``adjusted``, p for the number of tests in the table (Benjamini-Hochberg).
    """
    scores = dict(list(results.groupby(["task", "searcher"])["score"]))
    rows = []
    for (task, other), theirs in scores.items():
        if other in others and (task, reference) in scores:
            ours = scores[task, reference]
            p = mannwhitneyu(ours, theirs).pvalue
            least = 2 / comb(len(ours) + len(theirs), len(ours))
            rows.append((task, other, ours.mean() - theirs.mean(), p, least))
    table = pd.DataFrame(rows, columns=["task", "other", "lead", "p", "least"])
    table = table.set_index(["task", "other"])
    return table.assign(adjusted=false_discovery_control(table["p"].fillna(1)))


def verdict(contest):
    """Return W for a win, L for a loss, = for a tie; a small letter if it is not significant."""
    if np.isclose(contest["lead"], 0):
        return "="
    letter = "w" if contest["lead"] > 0 else "l"
    return letter.upper() if contest["adjusted"] < ALPHA else letter


def verdicts(results, reference, others, budgets):
    """Compare a reference with other searchers.

    Returns
    -------
    table : DataFrame
        One row per task, one column per other searcher, one letter per budget.
    """
    letters = [
        contests(results[results["evaluations"] == budget], reference, others)
        .apply(verdict, axis=1)
        .unstack()[others]
        .fillna("-")
        for budget in budgets
    ]
    return sum(letters[1:], start=letters[0])


def wins(scores, others):
    """Tell for each run, and each of the others, which won: 1, 0, or a half if none did."""
    return (np.sign(np.subtract.outer(scores.to_numpy(), others.to_numpy())) + 1) / 2


def expected_ranks(results):
    """Add the rank that each run on one task has on average among the runs of the others.

    Seeds of different searchers have nothing in common: rather than pair them, each run is
    compared with every run of every other searcher. Ties count one half.
    """
    groups = dict(list(results.groupby("searcher")["score"]))
    rank = pd.Series(1.0, index=results.index)
    for name, scores in groups.items():
        for other in groups.keys() - {name}:
            rank[scores.index] += wins(groups[other], scores).mean(axis=0)
    return results.assign(rank=rank)


def duels(results, reference, others):
    """Return how often a run of the reference wins against a run of each of the others.

    Returns
    -------
    table : DataFrame
        One row per other searcher: the mean over the tasks that both have run, its standard error
        over the seeds of both, and how many tasks these are.
    """
    scores = dict(list(results.groupby(["searcher", "task"])["score"]))
    rows = {}
    for other in others:
        tasks = [task for name, task in scores if name == other and (reference, task) in scores]
        won = [pd.DataFrame(wins(scores[reference, task], scores[other, task])) for task in tasks]
        # Seeds of either are a sample: a mean over the other's runs is as good as one observation.
        variances = [
            sum(table.mean(axis=axis).var() / table.shape[1 - axis] for axis in (0, 1))
            for table in won
        ]
        mean = np.mean([table.to_numpy().mean() for table in won])
        rows[other] = mean, np.sqrt(np.sum(variances)) / len(tasks), len(tasks)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["wins", "error", "tasks"])
