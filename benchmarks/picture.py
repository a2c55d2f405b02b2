"""Draw the best score against the number of fits: this package, random search and Optuna's TPE.

    OMP_NUM_THREADS=1 python benchmarks/picture.py --seeds 20 --output picture.png

All see the same splits and begin without a known setting; a setting that is proposed again costs
nothing. Lines are means over seeds, bands a standard error to each side.
"""

import argparse
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from joblib import Parallel, delayed
from searchers import find_searcher, measure
from tasks import live_tasks

LINES = {
    "random": ("RandomizedSearchCV", "#7f7f7f", "--"),
    "tpe": ("Optuna, TPE", "#e0872c", "-."),
    "natsel": ("GeneticSearchCV", "#1f5fa8", "-"),
}
# The means of the first settings are so low that nothing could be seen of the rest.
FIRST = 10


def best_scores(name, task, n_evaluations, seed):
    """Return the best score after each setting."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best, _ = measure(find_searcher(name), task, n_evaluations, seed)
    return best


def draw(curves, task, label, path):
    """Draw a line and a band for each searcher."""
    figure, ax = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
    for name, scores in curves.items():
        n_seeds, n_evaluations = scores.shape
        fits = len(task.cv) * np.arange(1, n_evaluations + 1)[FIRST - 1 :]
        mean = scores.mean(axis=0)[FIRST - 1 :]
        error = scores.std(axis=0, ddof=1)[FIRST - 1 :] / np.sqrt(n_seeds)
        text, colour, dashes = LINES[name]
        ax.plot(fits, mean, dashes, color=colour, label=text, linewidth=2)
        ax.fill_between(fits, mean - error, mean + error, color=colour, alpha=0.15, linewidth=0)
    ax.set(xlabel="Fits", ylabel=label, xlim=(fits[0], fits[-1]))
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right")
    figure.savefig(path, dpi=130, facecolor="white")


def main():
    """Run the searchers and draw what they have found."""
    tasks = {task.name: task for task in live_tasks()}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--task", default="boosting_cancer", choices=tasks)
    add("--label", default="Best mean test score", help="at the axis of scores")
    add("--evaluations", type=int, default=60, help="settings, each on all splits")
    add("--seeds", type=int, default=20)
    add("--jobs", type=int, default=1, help="processes")
    add("--output", type=Path, default="picture.png")
    args = parser.parse_args()
    task = tasks[args.task]
    runs = [(name, seed) for name in LINES for seed in range(args.seeds)]
    found = Parallel(n_jobs=args.jobs)(
        delayed(best_scores)(name, task, args.evaluations, seed) for name, seed in runs
    )
    curves = {
        name: np.array([best for (other, _), best in zip(runs, found) if other == name])
        for name in LINES
    }
    for name, scores in curves.items():
        print(f"{LINES[name][0]:20}", *(f"{score:.5f}" for score in scores.mean(axis=0)[9::10]))
    draw(curves, task, args.label, args.output)


if __name__ == "__main__":
    main()
