"""Searches with growing resources on lcbench: the regret at the price of so many full trainings.

LCBench holds the learning curves of dense networks on tabular data; here a network predicts them
(YAHPO Gym), so that a training costs nothing. The resource is the number of epochs, up to 52. A
setting counts with its score after all 52, and only if a searcher has asked for it. A training goes
on where it stopped: the price of a setting is the largest number of its epochs, over 52. The
regret is normalised: 0 is the best known score, 100 that of the median of random settings.

    python benchmarks/resources.py FOLDER --seeds 10 --csv resources.csv
"""

import argparse
import contextlib
import csv
import logging
import tempfile
import warnings
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from tasks import PredictedTable

from sklearn_natsel import maximize

N_EPOCHS, SPACE = PredictedTable.n_epochs, PredictedTable.axes
# The space for other packages: lowest and highest value, whether integer, whether logarithmic.
BOUNDS = {
    "batch_size": (16, 512, True, True),
    "learning_rate": (1e-4, 1e-1, False, True),
    "momentum": (0.1, 0.99, False, False),
    "weight_decay": (1e-5, 0.1, False, False),
    "num_layers": (1, 5, True, False),
    "max_units": (64, 1024, True, True),
    "max_dropout": (0.0, 1.0, False, False),
}


class PriceReachedError(BaseException):
    """Ends a search; no `Exception`, which a searcher would take for a failed training."""


class Training:
    """The networks of one data set, and what a search has paid for them.

    Parameters
    ----------
    folder : Path
        Holds ``model.onnx`` and ``encoding.json``.
    reference : dict
        The data set, its best known score and the median one.
    price : float
        After which a search is ended, in full trainings.
    """

    def __init__(self, folder, reference, price):
        self._table = PredictedTable(folder, reference["instance"])
        self._top, self._median = float(reference["top"]), float(reference["median"])
        self._epochs = {}
        self.price = price
        self.best, self.paid, self.trace = -np.inf, 0.0, []

    def __deepcopy__(self, memo):
        return self

    def __call__(self, epoch=N_EPOCHS, **setting):
        """Return the accuracy on the validation data, in per cent."""
        if self.paid >= self.price - 1e-9:
            raise PriceReachedError
        epoch, key = round(epoch), tuple(setting[name] for name in SPACE)
        self.paid += max(epoch - self._epochs.get(key, 0), 0) / N_EPOCHS
        self._epochs[key] = max(epoch, self._epochs.get(key, 0))
        score = self._table.look_up(setting, epoch)
        if epoch == N_EPOCHS:
            self.best = max(self.best, score)
        self.trace.append((self.paid, self.best))
        return score

    def regret(self, price):
        """Return the normalised regret of what was found for a price."""
        best = max((best for paid, best in self.trace if paid <= price + 1e-9), default=-np.inf)
        return min(100 * (self._top - best) / (self._top - self._median), 200.0)


def natsel(train, seed):
    """Search with whole trainings."""
    maximize(train, SPACE, max_evaluations=round(train.price), random_state=seed)


def natsel_resource(train, seed):
    """Search with growing resources; here a promoted setting is paid for anew, so that more fit."""
    n = round(2 * train.price)
    maximize(train, SPACE, resource="epoch", max_evaluations=n, random_state=seed)


def random_halving(train, seed):
    """Train random settings by asynchronous halving: a third of each rung goes on."""
    rungs, rng = [6, 17, 52], np.random.RandomState(seed)
    known = [[] for _ in rungs]
    promoted = [set() for _ in rungs]
    while True:
        setting = {name: values.rvs(random_state=rng) for name, values in SPACE.items()}
        level = 0
        known[0].append((train(epoch=rungs[0], **setting), setting))
        while level < len(rungs) - 1:
            order = sorted(range(len(known[level])), key=lambda i: -known[level][i][0])
            waiting = [i for i in order[: len(order) // 3] if i not in promoted[level]]
            if not waiting:
                level += 1
                continue
            promoted[level].add(waiting[0])
            chosen = known[level][waiting[0]][1]
            known[level + 1].append((train(epoch=rungs[level + 1], **chosen), chosen))


def _optuna(train, seed, pruner):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    while True:
        trial = study.ask()
        setting = {
            name: (trial.suggest_int if integer else trial.suggest_float)(name, low, high, log=log)
            for name, (low, high, integer, log) in BOUNDS.items()
        }
        for epoch in range(1, N_EPOCHS + 1):
            score = train(epoch=epoch, **setting)
            trial.report(score, epoch)
            if trial.should_prune():
                break
        state = optuna.trial.TrialState
        pruned = epoch < N_EPOCHS
        study.tell(trial, None if pruned else score, state.PRUNED if pruned else state.COMPLETE)


def tpe_hyperband(train, seed):
    """Run Optuna's TPE with its HyperbandPruner, epoch by epoch."""
    from optuna.pruners import HyperbandPruner

    _optuna(train, seed, HyperbandPruner(min_resource=1, max_resource=N_EPOCHS))


def tpe_halving(train, seed):
    """Run Optuna's TPE with its SuccessiveHalvingPruner, epoch by epoch."""
    from optuna.pruners import SuccessiveHalvingPruner

    _optuna(train, seed, SuccessiveHalvingPruner())


def _config_space(seed):
    from ConfigSpace import ConfigurationSpace, Float, Integer

    space = ConfigurationSpace(seed=seed)
    space.add(
        [
            (Integer if integer else Float)(name, (low, high), log=log)
            for name, (low, high, integer, log) in BOUNDS.items()
        ]
    )
    return space


def dehb(train, seed):
    """Run DEHB with its defaults."""
    from dehb import DEHB
    from loguru import logger

    logger.remove()
    with tempfile.TemporaryDirectory() as folder:
        optimizer = DEHB(
            cs=_config_space(seed),
            dimensions=len(BOUNDS),
            min_fidelity=2,
            max_fidelity=N_EPOCHS,
            n_workers=1,
            seed=seed,
            output_path=folder,
            save_freq="end",
        )
        while True:
            job = optimizer.ask()
            score = train(epoch=job["fidelity"], **dict(job["config"]))
            optimizer.tell(job, {"fitness": -score, "cost": job["fidelity"]})


def smac(train, seed):
    """Run SMAC's multi-fidelity facade with its defaults."""
    from smac import MultiFidelityFacade, Scenario

    logging.getLogger("smac").setLevel(logging.CRITICAL)

    def target(config, seed=0, budget=N_EPOCHS):
        return -train(epoch=budget, **dict(config))

    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(
            _config_space(seed),
            deterministic=True,
            n_trials=10**6,
            min_budget=2,
            max_budget=N_EPOCHS,
            seed=seed,
            output_directory=Path(folder),
        )
        MultiFidelityFacade(scenario, target, overwrite=True, logging_level=False).optimize()


SEARCHERS = {
    "natsel": natsel,
    "natsel_resource": natsel_resource,
    "random_halving": random_halving,
    "tpe_hyperband": tpe_hyperband,
    "tpe_halving": tpe_halving,
    "dehb": dehb,
    "smac": smac,
}


def run(name, folder, reference, price, seed):
    """Run a searcher; return its training and the seconds that it took."""
    train, started = Training(folder, reference, price), perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(PriceReachedError):
            SEARCHERS[name](train, seed)
    return train, perf_counter() - started


def main():
    """Run all searchers and print their mean regret."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prices", type=int, nargs="+", default=[10, 25, 50])
    parser.add_argument("--whole-prices", type=int, nargs="+", default=[30, 75, 150])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--searchers", nargs="+", default=list(SEARCHERS), choices=SEARCHERS)
    parser.add_argument("--csv")
    args = parser.parse_args()
    with open(args.folder / "reference.csv", newline="") as file:
        references = list(csv.DictReader(file))
    rows = []
    for name in args.searchers:
        prices = args.prices + (args.whole_prices if name == "natsel" else [])
        run_one = partial(run, name, args.folder, price=max(prices))
        for reference in references:
            for seed in range(args.first_seed, args.first_seed + args.seeds):
                train, seconds = run_one(reference=reference, seed=seed)
                regrets = {price: train.regret(price) for price in prices}
                rows.append({"searcher": name, "seed": seed, "s": seconds, **reference, **regrets})
        table = pd.DataFrame([row for row in rows if row["searcher"] == name])
        # Over seeds; with a single one it is unknown.
        runs = table.groupby("instance")[prices]
        errors = np.sqrt((runs.var() / args.seeds).sum(skipna=False)) / len(references)
        means = "  ".join(f"{p}: {table[p].mean():5.1f} ± {errors[p]:.1f}" for p in prices)
        print(f"{name:16} {means}   {table['s'].mean():.1f} s a search", flush=True)
    if args.csv:
        pd.DataFrame(rows).to_csv(args.csv, index=False)


if __name__ == "__main__":
    main()
