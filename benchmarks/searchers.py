"""The searchers that are compared, each behind one small function, and how they are measured.

To add a searcher, write a function ``(task, scoring, budget, seed)`` that runs it on
``task.estimator`` with ``scoring`` as the metric, and enter it in `SEARCHERS`.
"""

import logging
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from time import process_time
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import RandomizedSearchCV, cross_val_score

from sklearn_natsel import Conditional

# Parameters of GeneticSearchCV for the algorithm of the article and of the post before it.
ARTICLE = {
    "population_size": 30,
    "n_offspring": None,
    "elite_fraction": 0.05,
    "selection": "roulette",
    "breeder_fraction": 0.8,
    "crossover": "single_point",
    "mutation_rate": 0.2,
    "step_rate": 0.0,
    "surrogate": False,
}
POST = ARTICLE | {
    "elite_fraction": 0.4,
    "lucky_rate": 0.1,
    "crossover": "uniform",
    "gene_mutation_rate": "one",
}

# A searcher may propose settings again. These do not count, so that it may make this many
# times as many proposals as there are settings to find, before the run ends nevertheless.
PATIENCE = 20


class BudgetSpent(BaseException):
    """Ends a search that has evaluated its budget of distinct settings.

    It is no `Exception`, since searchers take these for a failed fit and go on.
    """


class Yardstick:
    """A scorer that records the settings in the order in which they were first evaluated.

    Every searcher is measured by this record and not by its own, so that all are counted
    alike: an evaluation is one distinct setting on all splits. It works within one process.

    Parameters
    ----------
    task : Task
        What is searched.
    budget : int
        The number of distinct settings after which the search is ended.

    Attributes
    ----------
    beside_scoring : list of float
        The seconds of computing, but for those in scoring, until each setting was complete.
    """

    def __init__(self, task, budget):
        self.names = list(task.space)
        self.n_splits = len(task.cv)
        self.scorer = check_scoring(task.estimator, task.scoring)
        self.budget = budget
        self.beside_scoring = []
        self._scores = {}
        self._start = process_time()

    def __call__(self, estimator, X, y=None):
        """Score a fitted estimator on one split."""
        if len(self.beside_scoring) >= self.budget:
            raise BudgetSpent
        start = process_time()
        score = self.scorer(estimator, X, y)
        params = estimator.get_params()
        # Compared as text, since cloned parameters that are estimators are never equal.
        setting = tuple(str(params.get(name)) for name in self.names)
        splits = self._scores.setdefault(setting, [])
        splits.append(score)
        if len(splits) == self.n_splits:
            self.beside_scoring.append(start - self._start)
        # As if no time had passed.
        self._start += process_time() - start
        return score

    def trajectory(self):
        """Return the best mean score after each distinct setting."""
        means = [
            np.mean(splits[: self.n_splits])
            for splits in self._scores.values()
            if len(splits) >= self.n_splits
        ]
        return np.fmax.accumulate(means)


def measure(search, task, budget, seed):
    """Run one searcher on one task.

    Parameters
    ----------
    search : callable
        One of the functions below.
    task : Task
        What is searched.
    budget : int
        The number of distinct settings.
    seed : int
        The seed of the searcher.

    Returns
    -------
    trajectory : ndarray
        The best score after 1, 2, ... settings.
    seconds : list of float
        The computing beside scoring until then; for tables, whose fits do nothing, this is the
        searcher's own time.
    """
    yardstick = Yardstick(task, budget)
    with suppress(BudgetSpent):
        search(task, yardstick, budget, seed)
    return yardstick.trajectory(), yardstick.beside_scoring


def is_ordered(choices):
    """Whether a list holds at least three numbers in monotone order, as a scale does."""
    if len(choices) < 3 or not all(type(choice) in (int, float) for choice in choices):
        return False
    steps = np.diff(choices)
    return bool(np.all(steps > 0) or np.all(steps < 0))


class Dimension(NamedTuple):
    """How a parameter is given to searchers that know numbers and categories alone.

    Lists are given by the positions in them: as integers if they are in order, or as categories.
    """

    kind: str
    low: int | float
    high: int | float
    log: bool


def dimension_of(values):
    """Return the dimension, of inclusive bounds, of a list or a frozen distribution."""
    if isinstance(values, list):
        return Dimension("integer" if is_ordered(values) else "category", 0, len(values) - 1, False)
    name, (low, high) = values.dist.name, values.support()
    if name in ("randint", "lograndint"):
        return Dimension("integer", int(low), int(high), name == "lograndint")
    return Dimension("real", float(low), float(high), name in ("loguniform", "reciprocal"))


def positions_that_hold(conditional, space):
    """Return where the choices stand for which a conditional parameter exists."""
    return [i for i, choice in enumerate(space[conditional.parent]) if conditional.holds(choice)]


def unconditional(space):
    """Return the space as if each parameter always existed."""
    return {name: getattr(values, "values", values) for name, values in space.items()}


def setting_of(proposal, space):
    """Return the setting that a proposal of numbers and positions stands for."""
    choices = unconditional(space)
    return {
        name: choices[name][value] if isinstance(choices[name], list) else value
        for name, value in proposal.items()
    }


def branches(space):
    """Return a space without conditions for each choice that parameters depend on."""
    parents = {values.parent for values in space.values() if isinstance(values, Conditional)}
    if not parents:
        return [space]
    (parent,) = parents
    return [
        {
            name: getattr(values, "values", values)
            for name, values in {**space, parent: [choice]}.items()
            if not isinstance(values, Conditional) or values.holds(choice)
        }
        for choice in space[parent]
    ]


def evaluate(task, setting, scoring):
    """Return the mean score of one setting, for searchers that only propose and are told."""
    estimator = clone(task.estimator).set_params(**clone(setting, safe=False))
    return cross_val_score(estimator, task.X, task.y, cv=task.cv, scoring=scoring).mean()


def natsel(task, scoring, budget, seed, **params):
    """Run this package, by default with its defaults."""
    from sklearn_natsel import GeneticSearchCV

    settings = {"n_generations": budget, "max_evaluations": budget, "cv": task.cv, **params}
    search = GeneticSearchCV(
        task.estimator, task.space, scoring=scoring, refit=False, random_state=seed, **settings
    )
    search.fit(task.X, task.y)


def natsel_article(task, scoring, budget, seed):
    """Run this package, set to the article's algorithm."""
    natsel(task, scoring, budget, seed, **ARTICLE)


def natsel_post(task, scoring, budget, seed):
    """Run this package, set to the algorithm of the post before the article."""
    natsel(task, scoring, budget, seed, **POST)


def random(task, scoring, budget, seed):
    """Run scikit-learn's RandomizedSearchCV."""
    search = RandomizedSearchCV(
        task.estimator,
        branches(task.space),
        n_iter=2 * budget,
        scoring=scoring,
        cv=task.cv,
        refit=False,
        random_state=seed,
    )
    search.fit(task.X, task.y)


def suggest_all(trial, space):
    """Let an Optuna trial choose a setting."""
    setting = {}
    for name, values in space.items():
        if not isinstance(values, Conditional):
            setting[name] = suggest(trial, name, values)
        elif values.holds(setting[values.parent]):
            setting[name] = suggest(trial, name, values.values)
    return setting


def suggest(trial, name, values):
    """Let an Optuna trial choose a value."""
    kind, low, high, log = dimension_of(values)
    if kind == "real":
        return trial.suggest_float(name, low, high, log=log)
    if kind == "category":
        value = trial.suggest_categorical(name, range(high + 1))
    else:
        value = trial.suggest_int(name, low, high, log=log)
    return values[value] if isinstance(values, list) else value


def _optuna(task, scoring, budget, sampler):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for _ in range(PATIENCE * budget):
        trial = study.ask()
        setting = suggest_all(trial, task.space)
        study.tell(trial, evaluate(task, setting, scoring))


def tpe(task, scoring, budget, seed):
    """Run Optuna's tree-structured Parzen estimator, with its defaults."""
    from optuna.samplers import TPESampler

    _optuna(task, scoring, budget, TPESampler(seed=seed))


def gp(task, scoring, budget, seed):
    """Run Optuna's Gaussian process, with its defaults."""
    from optuna.samplers import GPSampler

    _optuna(task, scoring, budget, GPSampler(seed=seed))


def nsga2(task, scoring, budget, seed):
    """Run Optuna's NSGA-II; its default population, 50, would hardly evolve in 200 settings."""
    from optuna.samplers import NSGAIISampler

    _optuna(task, scoring, budget, NSGAIISampler(population_size=20, seed=seed))


def _genetic_opt_dimension(values):
    """Translate a parameter; integers on a log scale are not known to sklearn-genetic-opt."""
    from sklearn_genetic.space import Categorical, Continuous, Integer

    if isinstance(values, list):
        return Categorical(values)
    kind, low, high, log = dimension_of(values)
    if kind == "integer":
        return Integer(low, high)
    return Continuous(low, high, distribution="log-uniform" if log else "uniform")


def genetic_opt(task, scoring, budget, seed):
    """Run sklearn-genetic-opt with the population of its README, for as long as is needed."""
    from sklearn_genetic import EvolutionConfig, GASearchCV, RuntimeConfig

    search = GASearchCV(
        estimator=task.estimator,
        param_grid={name: _genetic_opt_dimension(values) for name, values in task.space.items()},
        cv=task.cv,
        scoring=scoring,
        refit=False,
        evolution_config=EvolutionConfig(population_size=15, generations=PATIENCE * budget),
        runtime_config=RuntimeConfig(n_jobs=1, verbose=False),
        random_state=seed,
    )
    search.fit(task.X, task.y)


def _config_space(space, seed):
    """Translate a space for SMAC."""
    from ConfigSpace import Categorical, ConfigurationSpace, Float, InCondition, Integer

    def translate(name, values):
        kind, low, high, log = dimension_of(values)
        if kind == "category":
            return Categorical(name, list(range(high + 1)))
        return (Integer if kind == "integer" else Float)(name, (low, high), log=log)

    config_space = ConfigurationSpace(seed=seed)
    config_space.add([translate(*item) for item in unconditional(space).items()])
    for name, values in space.items():
        if isinstance(values, Conditional):
            parent = config_space[values.parent]
            choices = positions_that_hold(values, space)
            config_space.add(InCondition(config_space[name], parent, choices))
    return config_space


def smac(task, scoring, budget, seed):
    """Run SMAC3's facade for hyperparameters: a random forest and expected improvement."""
    from tempfile import TemporaryDirectory

    from smac import HyperparameterOptimizationFacade, Scenario
    from smac.runhistory import TrialValue

    with TemporaryDirectory() as folder:
        scenario = Scenario(
            _config_space(task.space, seed),
            output_directory=folder,
            deterministic=True,
            n_trials=budget,
            seed=seed,
        )
        optimizer = HyperparameterOptimizationFacade(
            scenario, lambda config, seed: None, logging_level=False, overwrite=True
        )
        for _ in range(budget):
            trial = optimizer.ask()
            setting = setting_of(dict(trial.config), task.space)
            optimizer.tell(trial, TrialValue(cost=-evaluate(task, setting, scoring)))


def _skopt_dimension(values):
    from skopt.space import Categorical, Integer, Real

    if isinstance(values, list):
        return Categorical(values)
    kind, low, high, log = dimension_of(values)
    prior = "log-uniform" if log else "uniform"
    return (Integer if kind == "integer" else Real)(low, high, prior=prior)


def skopt(task, scoring, budget, seed):
    """Run scikit-optimize's BayesSearchCV: a Gaussian process."""
    from skopt import BayesSearchCV

    search = BayesSearchCV(
        task.estimator,
        {name: _skopt_dimension(values) for name, values in task.space.items()},
        n_iter=2 * budget,
        scoring=scoring,
        cv=task.cv,
        refit=False,
        random_state=seed,
    )
    search.fit(task.X, task.y)


def _ax_parameters(space):
    """Translate a space for Ax."""
    from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

    def dependents(name):
        """Map each choice to the parameters that exist for it."""
        by_choice = {}
        for child, values in space.items():
            if isinstance(values, Conditional) and values.parent == name:
                for choice in positions_that_hold(values, space):
                    by_choice.setdefault(choice, []).append(child)
        return by_choice or None

    def translate(name, values):
        kind, low, high, log = dimension_of(values)
        if kind == "category":
            return ChoiceParameterConfig(
                name=name,
                values=list(range(high + 1)),
                parameter_type="int",
                is_ordered=False,
                dependent_parameters=dependents(name),
            )
        return RangeParameterConfig(
            name=name,
            bounds=(low, high),
            parameter_type="int" if kind == "integer" else "float",
            scaling="log" if log else "linear",
        )

    return [translate(*item) for item in unconditional(space).items()]


def ax(task, scoring, budget, seed):
    """Run Ax with its defaults: a Gaussian process of BoTorch."""
    from ax.api.client import Client
    from ax.utils.common.logger import set_ax_logger_levels

    set_ax_logger_levels(logging.ERROR)
    client = Client(random_seed=seed)
    client.configure_experiment(_ax_parameters(task.space))
    client.configure_optimization(objective="score")
    client.configure_generation_strategy(initialization_random_seed=seed)
    for _ in range(PATIENCE * budget):
        for trial, proposal in client.get_next_trials(max_trials=1).items():
            score = evaluate(task, setting_of(proposal, task.space), scoring)
            client.complete_trial(trial, raw_data={"score": score})


def vizier(task, scoring, budget, seed):
    """Run Google Vizier's Gaussian process bandit, with its defaults."""
    from jax.random import PRNGKey
    from vizier import pyvizier
    from vizier.algorithms import ActiveTrials, CompletedTrials
    from vizier.algorithms.designers import VizierGPBandit

    goal = pyvizier.ObjectiveMetricGoal.MAXIMIZE
    problem = pyvizier.ProblemStatement(
        metric_information=[pyvizier.MetricInformation("score", goal=goal)]
    )
    root = problem.search_space.root
    for name, values in task.space.items():
        kind, low, high, log = dimension_of(values)
        scale = pyvizier.ScaleType.LOG if log else pyvizier.ScaleType.LINEAR
        if kind == "category":
            root.add_categorical_param(name, [str(i) for i in range(high + 1)])
        elif kind == "integer":
            root.add_int_param(name, low, high, scale_type=scale)
        else:
            root.add_float_param(name, low, high, scale_type=scale)
    designer = VizierGPBandit(problem, rng=PRNGKey(seed))
    for number in range(1, PATIENCE * budget + 1):
        trial = designer.suggest(1)[0].to_trial(number)
        proposal = {
            name: int(value) if isinstance(value, str) else value
            for name, value in trial.parameters.as_dict().items()
        }
        score = evaluate(task, setting_of(proposal, task.space), scoring)
        trial.complete(pyvizier.Measurement({"score": score}))
        designer.update(CompletedTrials([trial]), ActiveTrials())


def hebo(task, scoring, budget, seed):
    """Run HEBO with its defaults: a warped Gaussian process and several acquisitions."""
    import torch
    from hebo.design_space.design_space import DesignSpace
    from hebo.optimizers.hebo import HEBO

    def translate(name, values):
        kind, low, high, log = dimension_of(values)
        if kind == "category":
            return {"name": name, "type": "cat", "categories": list(range(high + 1))}
        kinds = {"integer": ("int", "pow_int"), "real": ("num", "pow")}
        return {"name": name, "type": kinds[kind][log], "lb": low, "ub": high}

    # It draws from the global generators.
    np.random.seed(seed)
    torch.manual_seed(seed)
    space = DesignSpace().parse([translate(*item) for item in task.space.items()])
    optimizer = HEBO(space, scramble_seed=seed)
    for _ in range(PATIENCE * budget):
        proposals = optimizer.suggest(n_suggestions=1)
        (proposal,) = proposals.to_dict("records")
        score = evaluate(task, setting_of(proposal, task.space), scoring)
        optimizer.observe(proposals, np.array([[-score]]))


# name: (function, the module that it needs)
SEARCHERS = {
    "natsel": (natsel, "sklearn_natsel"),
    "natsel-article": (natsel_article, "sklearn_natsel"),
    "natsel-post": (natsel_post, "sklearn_natsel"),
    "random": (random, "sklearn"),
    "tpe": (tpe, "optuna"),
    "gp": (gp, "torch"),
    "nsga2": (nsga2, "optuna"),
    "genetic-opt": (genetic_opt, "sklearn_genetic"),
    "smac": (smac, "smac"),
    "skopt": (skopt, "skopt"),
    "ax": (ax, "ax.api.client"),
    "vizier": (vizier, "vizier.algorithms.designers"),
    "hebo": (hebo, "hebo.optimizers.hebo"),
}


# Those that can't be told that a parameter depends on another one.
UNCONDITIONAL = {"genetic-opt", "skopt", "vizier", "hebo"}


def find_searcher(name):
    """Return the function of a searcher, or None if its package is not installed."""
    function, module = SEARCHERS[name]
    if find_spec(module.partition(".")[0]) is None:
        return None
    # Imported now, so that the time it takes is not counted as the searcher's.
    import_module(module)
    return function
