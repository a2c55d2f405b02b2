"""Compare searchers at equal numbers of evaluations.

An evaluation is one distinct setting, trained on all splits. On a folder of tables, which hold
the score of every setting of a space, the result is the normalised regret: the distance to the
best setting of the table, in units of the distance between the best and the median one. On live
tasks, whose best setting nobody knows, it is the rank among the searchers.

    python benchmarks/efficiency.py --tables FOLDER --live --csv results.csv --plot results.png
    python benchmarks/efficiency.py --lcbench FOLDER --searchers natsel,tpe,gp
"""

import argparse
import ast
import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from comparisons import (
    ALPHA,
    contests,
    costs,
    duels,
    expected_ranks,
    mean_and_error,
    verdicts,
)
from joblib import Parallel, delayed
from searchers import SEARCHERS, UNCONDITIONAL, find_searcher, measure, natsel
from tasks import live_tasks, predicted_tasks, table_tasks

OURS = "natsel"
RUN = ["searcher", "task", "seed"]
COLUMNS = [*RUN, "evaluations", "score", "regret", "ms_beside_scoring", "found"]


def run_one(name, search, task, seed, budgets):
    """Run a searcher on a task with one seed.

    Returns
    -------
    rows : DataFrame
        One row per budget. ``found`` is the number of distinct settings that the searcher
        found at all; behind it, its best score stands. ``ms_beside_scoring`` is the mean of all
        evaluations so far.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trajectory, seconds = measure(search, task, max(budgets), seed)
    found = len(trajectory)
    rows = []
    for budget in budgets:
        done = min(budget, found)
        score, overhead = trajectory[done - 1], 1000 * seconds[done - 1] / done
        row = (name, task.name, seed, budget, score, task.regret(score), overhead, found)
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def with_curve(budgets):
    """Return the budgets and more in between, for the plot."""
    return sorted({*budgets, *np.geomspace(5, max(budgets), 20).astype(int).tolist()})


def compare(searchers, tasks, budgets, args):
    """Run every searcher on every task with every seed.

    Parameters
    ----------
    searchers : dict
        Names and functions.
    tasks : list of Task
        What is searched.
    budgets : list of int
        Numbers of evaluations.
    args : Namespace
        The command line.

    Returns
    -------
    results : DataFrame
        One row per searcher, task, seed and budget, those of the CSV file included, also for
        searchers that are asked for but not installed here.
    """
    results = read_results(args.csv)
    done = set() if args.again else set(results[RUN].itertuples(index=False, name=None))
    runs = [
        (name, search, task, seed, with_curve(budgets))
        for seed in range(args.seeds)
        for task in tasks
        for name, search in searchers.items()
        if (name, task.name, seed) not in done
        and not (task.is_conditional and name in UNCONDITIONAL)
    ]
    frames = [frame for frame in (results, *run_all(runs, args)) if len(frame)]
    if not frames:
        raise SystemExit("Nothing was run.")
    results = pd.concat(frames, ignore_index=True)
    # What was run again stands last, and replaces the earlier rows.
    results = results.drop_duplicates([*RUN, "evaluations"], keep="last")
    shown = results["task"].isin([task.name for task in tasks])
    shown &= results["searcher"].isin([*args.searchers, *searchers])
    return results[shown & (results["seed"] < args.seeds)]


def run_all(runs, args):
    """Yield the rows of each run, and add them to the CSV file as they come."""
    finished = Parallel(n_jobs=args.jobs, return_as="generator_unordered")(
        delayed(run_one)(*run) for run in runs
    )
    for number, rows in enumerate(finished, start=1):
        print(f"\r{number} of {len(runs)} runs", end="", file=sys.stderr, flush=True)
        if args.csv:
            rows.to_csv(args.csv, mode="a", header=not args.csv.exists(), index=False)
        yield rows
    print(file=sys.stderr)


def read_results(path):
    """Return the results of earlier runs, if there are any."""
    if path is None or not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    return pd.read_csv(path)


def in_order(names):
    """Sort searchers as they are registered, and variants behind them."""
    known = list(SEARCHERS)
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def peers(names):
    """Return those that ours is compared with: none, if it was not run."""
    return [name for name in names if name != OURS] if OURS in names else []


def report_tables(results, budgets):
    """Print the regret, the overhead, and the wins and losses."""
    results = results[results["evaluations"].isin(budgets)]
    names = in_order(set(results["searcher"]))
    mean, error = mean_and_error(results, "regret")
    seeds = results.groupby("searcher")["seed"].nunique()
    report = pd.DataFrame(
        {
            n: (100 * mean[n]).map("{:.2f}".format) + (100 * error[n]).map(" ± {:.2f}".format)
            for n in budgets
        }
    )
    report["seeds"] = seeds
    print("\nNormalised regret x 100, mean over seeds and tables ± standard error")
    print(report.loc[names].to_string())
    by_table = results.groupby(["task", "evaluations", "searcher"])["regret"].mean().unstack()
    print("\nBy table")
    print((100 * by_table[names]).round(2).to_string())
    print("\nMilliseconds of computing beside the fit, for each evaluation since the budget before")
    print(costs(results).loc[names].round(1).to_string())
    if others := peers(names):
        report_verdicts(results, others, budgets)


def report_verdicts(results, others, budgets):
    """Print the wins (W) and losses (L) of ours against every peer."""
    print(f"\n{OURS} against the others at {budgets}: W win, L loss, small not significant")
    print(f"(Mann-Whitney, {ALPHA:.0%}, Benjamini-Hochberg over all tests at a budget)")
    print(verdicts(results, OURS, others, budgets).to_string())


def report_duels(results, others):
    """Print against whom ours is behind, how surely, and how often it wins."""
    found = contests(results, OURS, others)
    behind = found[(found["lead"] < 0) & ~np.isclose(found["lead"], 0)]
    alone, together = ((behind[column] < ALPHA).sum() for column in ("p", "adjusted"))
    possible = (found["least"] < ALPHA).sum()
    print(f"{OURS} is behind in {len(behind)} of {len(found)} comparisons, significantly in")
    print(f"{alone} if each is looked at alone ({possible} have runs enough), in {together} if all")
    print("are; the surest:")
    print(behind.sort_values("p").head(5).round(4).to_string())
    print(f"\nHow often a run of {OURS} is better than one of theirs, mean over tasks")
    print(duels(results, OURS, others).round(3).to_string())


def report_live(results, budget):
    """Print the ranks and scores on the live tasks, and the comparisons with random search."""
    results = results[results["evaluations"] == budget]
    names = in_order(set(results["searcher"]))
    n_searchers = results.groupby("task")["searcher"].transform("nunique")
    shared = results[n_searchers == len(names)]
    ranked = pd.concat([expected_ranks(rows) for _, rows in shared.groupby("task")])
    mean, error = mean_and_error(ranked, "rank")
    seeds, n_tasks = ranked.groupby("searcher")["seed"].nunique(), shared["task"].nunique()
    print(f"\nMean rank at {budget} evaluations on the {n_tasks} tasks that all have run,")
    print(f"± standard error (1 is best of {len(names)})")
    for name in in_order(mean.index):
        rank = f"{mean.loc[name, budget]:.2f} ± {error.loc[name, budget]:.2f}"
        print(f"{name:20} {rank} ({seeds[name]} seeds)")
    print("\nMean of the best score")
    print(
        results.groupby(["task", "searcher"])["score"].mean().unstack()[names].round(4).to_string()
    )
    if "random" in names:
        against = [name for name in names if name != "random"]
        table = pd.DataFrame(
            {name: verdicts(results, name, ["random"], [budget])["random"] for name in against}
        )
        print("\nAgainst random search: W better, L worse, small not significant")
        print(table.to_string())
    if others := peers(names):
        report_verdicts(results, others, [budget])
        report_duels(results, others)


def plot(results, path):
    """Draw the mean regret against the number of evaluations."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    mean, _ = mean_and_error(results, "regret")
    # Markers and dashes differ, so that the lines can be told apart in print.
    markers, dashes = "osD^vP*Xd<>", ["-", "--", "-.", ":"]
    figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for i, name in enumerate(in_order(mean.index)):
        curve = 100 * mean.loc[name].dropna()
        ax.plot(
            curve.index,
            curve,
            label=name,
            marker=markers[i % len(markers)],
            markersize=4,
            linestyle=dashes[i % len(dashes)],
            linewidth=2.2 if name == OURS else 1.2,
        )
    ax.set(xscale="log", yscale="log", xlabel="evaluations", ylabel="normalised regret x 100")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("{x:g}")
    ax.legend(fontsize="small")
    figure.savefig(path, dpi=150)


def parse_values(text):
    """Read ``V1,V2,...`` as Python literals; what is none is taken as a string."""
    try:
        return list(ast.literal_eval(f"[{text}]"))
    except (ValueError, SyntaxError):
        return [_literal_or_text(part) for part in text.split(",")]


def _literal_or_text(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def variants(ablations):
    """Return one searcher for each value of each parameter given as ``NAME=V1,V2,...``."""
    searchers = {}
    for ablation in ablations:
        parameter, _, text = ablation.partition("=")
        for value in parse_values(text):
            searchers[f"{parameter}={value}"] = partial(natsel, **{parameter: value})
    return searchers


def known_names(text):
    """Split a list of searchers, and refuse those that do not exist."""
    names = text.split(",")
    if unknown := set(names) - set(SEARCHERS):
        raise argparse.ArgumentTypeError(f"no such searcher: {', '.join(sorted(unknown))}")
    return names


def find_searchers(names):
    """Return the functions of the searchers whose packages are installed."""
    found = {name: find_searcher(name) for name in names}
    for name, search in found.items():
        if search is None:
            print(f"{name}: skipped, {SEARCHERS[name][1]} is not installed")
    return {name: search for name, search in found.items() if search is not None}


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--tables", type=Path, metavar="FOLDER", help="compare on the *.npz tables in it")
    add("--lcbench", type=Path, metavar="FOLDER", help="compare on the networks of LCBench in it")
    add("--live", action="store_true", help="compare on live tasks")
    add("--budgets", type=int, nargs="+", default=[25, 50, 100, 200], help="on the tables")
    add("--live-budget", type=int, default=60, help="evaluations on the live tasks")
    add("--seeds", type=int, default=20, help="number of seeds")
    add("--searchers", type=known_names, help=f"some of {','.join(SEARCHERS)}; all by default")
    add(
        "--ablate",
        action="append",
        default=[],
        metavar="NAME=V1,V2,...",
        help="run this package once with each value of a parameter; can be given again",
    )
    add("--jobs", type=int, default=1, help="processes")
    add("--csv", type=Path, help="results are added to it; what it holds is not run again")
    add("--report", action="store_true", help="run nothing, report what the CSV file holds")
    add("--again", action="store_true", help="run again what the CSV file holds")
    add("--plot", type=Path, help="file for a plot of the regret on the tables")
    args = parser.parse_args()
    if args.searchers is None:
        args.searchers = [] if args.ablate else list(SEARCHERS)
    return args


def main():
    """Run what the command line asks for."""
    args = parse_arguments()
    searchers = {}
    if not args.report:
        searchers = find_searchers(args.searchers) | variants(args.ablate)
    looked_up = table_tasks(args.tables) if args.tables else []
    looked_up += predicted_tasks(args.lcbench) if args.lcbench else []
    if looked_up:
        results = compare(searchers, looked_up, args.budgets, args)
        report_tables(results, args.budgets)
        if args.plot:
            plot(results, args.plot)
    if args.live:
        results = compare(searchers, live_tasks(), [args.live_budget], args)
        report_live(results, args.live_budget)


if __name__ == "__main__":
    main()
