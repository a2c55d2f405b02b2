"""maximize and minimize: the evolution for any function."""

from __future__ import annotations

import inspect
import numbers
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from scipy.optimize import OptimizeResult
from sklearn.utils._param_validation import (
    InvalidParameterError,
    StrOptions,
    validate_params,
)

from sklearn_natsel._evaluation import (
    Evaluator,
    FunctionCall,
    Interrupts,
    Outcome,
    Pool,
    Result,
)
from sklearn_natsel._evolution import Evolution, best_candidate, reaches
from sklearn_natsel._memory import open_store
from sklearn_natsel._run import (
    COMMON,
    EVOLUTION,
    LIMITS,
    PARTS,
    SCHEDULES,
    History,
    Report,
    Stopping,
    ancestry_columns,
    check_is_fixed,
    journaled,
    make_ladder,
    make_promotion,
    make_space,
    run,
    without_resource,
)
from sklearn_natsel._space import Space, own_generator

P = ParamSpec("P")
R = TypeVar("R")

_CONSTRAINTS: dict[str, Any] = {
    "function": [callable],
    **COMMON,
    "target": [numbers.Real, None],
    "error_score": [StrOptions({"raise"}), numbers.Real],
    "verbose": ["verbose"],
}

_MESSAGES = {
    "n_generations": "The limit of generations was reached.",
    "max_evaluations": "The limit of evaluations was reached.",
    "max_time": "The time was up.",
    "patience": "The best value did not improve any more.",
    "target": "The target was reached.",
    "space_exhausted": "No setting was found that was not evaluated yet.",
    "callback": "The callback asked to stop.",
    "interrupted": "Interrupted.",
}

# The columns of a history that change their sign with the function, and where they come from.
_NEGATED = {
    "best": "best",
    "mean": "mean",
    "min": "max",
    "max": "min",
    "best_so_far": "best_so_far",
}


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=False)
def maximize(
    function,
    param_space,
    *,
    population_size=10,
    n_generations=None,
    n_offspring=0.02,
    elite_fraction=1.0,
    lucky_rate=0.0,
    selection="tournament",
    tournament_size=3,
    breeder_fraction=0.8,
    crossover="uniform",
    mutation_rate=1.0,
    gene_mutation_rate=None,
    step_rate=0.5,
    surrogate=True,
    initial_params=None,
    initial_mutation_rate=0.8,
    max_evaluations=None,
    max_time=None,
    patience=None,
    tol=0.0,
    target=None,
    callback=None,
    schedule="generational",
    fit_timeout=None,
    resource=None,
    min_resources=None,
    max_resources=None,
    factor=3,
    memory=None,
    n_jobs=None,
    verbose=0,
    pre_dispatch="2*n_jobs",
    random_state=None,
    error_score=np.nan,
):
    """Find the arguments of a function that give its largest value, by evolution.

    The same evolution as in :class:`GeneticSearchCV`, for anything that can be
    called: the arguments evolve as the parameters of an estimator do there.

    Read more in :doc:`/guide`.

    Parameters
    ----------
    function : callable
        Is called as ``function(**params)`` and returns a number. By keywords,
        so that arguments which do not exist in a setting (see
        :class:`Conditional`) have the function's own defaults, and so that names
        are checked before anything is called. For any number of arguments take
        ``**params``; fix others by :func:`functools.partial`. If every
        argument that is searched has a default, and these lie in the space,
        they are the first setting evaluated, after those of `initial_params`.

    param_space : dict or list of dicts
        Names of arguments and their possible values, as in
        :class:`GeneticSearchCV`.

    population_size : int, default=10
        Number of settings in the first generation (more if `initial_params` are
        more), and the most that survive later ones. At least 2.

    n_generations : int, default=None
        The most generations to evaluate, the first one included. None means no
        limit if `max_evaluations` or `max_time` is given, 40 otherwise: some
        90 settings by default, and 40 times `population_size` in the steady
        state (see `schedule`).

    n_offspring : int, float or None, default=0.02
        Number of children bred and evaluated by generation, which bounds how
        many calls can run at once after the first generation. A float between
        0 and 1 is a share of the settings evaluated so far, but at least two
        and at most `population_size`. None means as many as fill up the
        population beside the survivors.

    elite_fraction : float, default=1.0
        Share of the population that survives to compete with the children. This and
        the next eight are those of :class:`GeneticSearchCV`, which says more.

    lucky_rate : float, default=0.0
        Chance that another member survives as well.

    selection : {"tournament", "rank", "roulette"}, default="tournament"
        How breeders are selected.

    tournament_size : int, default=3
        Number of entrants of a tournament. At least 1.

    breeder_fraction : float, default=0.8
        Share of the population that is selected to breed.

    crossover : {"uniform", "single_point"}, default="uniform"
        How the genes of two breeders combine.

    mutation_rate : float, default=1.0
        Probability that a child is mutated.

    gene_mutation_rate : float or "one", default=None
        Probability that a gene of such a child changes; None means 1 / number of genes.

    step_rate : float, default=0.5
        Chance that the change of an ordered gene is a step to a near value.

    surrogate : bool or "per_second", default=True
        Whether to breed many more children than are evaluated, and to let
        models fitted to the evaluations so far choose the promising ones. It
        saves calls, but takes a few milliseconds for each: False is faster
        for a function that takes less. With "per_second", of two settings that
        promise as much the faster one is chosen, so what is bred depends on how
        long the calls take.

    initial_params : dict or list of dicts, default=None
        Settings to evaluate first. Arguments that they leave out are drawn at
        random.

    initial_mutation_rate : float, default=0.8
        Probability that one of the rest of the first generation is a mutant of
        `initial_params` instead of a random setting.

    max_evaluations : int, default=None
        The most settings to evaluate. With a `resource`, all calls together are given
        at most as much of it as so many whole evaluations are, but for the first setting and
        the defaults of the function, which are evaluated whole in any case (the latter unless
        `initial_params` are as many as this).

    max_time : float, default=None
        Seconds after which no further call starts, above 0; those that run are finished.
        The first setting is evaluated in any case.

    patience : int, default=None
        Generations without an improvement above `tol` after which to stop. At least 1.

    tol : float, default=0.0
        By how much the best value must exceed the one that counted last, to
        count for `patience`: small improvements add up.

    target : float, default=None
        Stop after the generation that reaches this value.

    callback : callable, default=None
        Called after each generation as ``callback(result, record)``, with an
        `OptimizeResult` of what is known so far (`x`, `fun`, `nfev`, `nit`) and
        the row of `history` as a dict. The evolution stops if it returns True; any
        other answer lets it go on.

    schedule : {"generational", "steady-state"}, default="generational"
        When settings are bred. "generational": when all of the generation
        before are known; the settings are the same for any `n_jobs`, unless
        `surrogate` makes them depend on time. "steady-state": whenever a worker
        is free, from what is known by then, so that none waits for another.
        Each takes the place of the worst in the population; `elite_fraction`
        and `lucky_rate` do not matter (unless `n_offspring` is None), and the
        surrogate learns again after every `n_offspring` evaluations. A
        generation is as many evaluations as the population has members, or as
        many parts as cost that much. With `n_jobs` of 2 or more, the settings
        depend on how long the calls take.

    fit_timeout : float, default=None
        Seconds, above 0, after which one call is ended and gets `error_score`, as in
        :class:`GeneticSearchCV`: needs `n_jobs` of 2 or more.

    resource : str or None, default=None
        An argument of the function, an integer that says how much a call may spend
        and that is not in `param_space`: epochs, samples, steps of a simulation. A
        setting is called with little of it first, and with more only if it is worth
        it, as in :class:`GeneticSearchCV`.

    min_resources, max_resources : int or None, default=None
        The least and the most of it. None means two amounts below the most, and for
        the most the function's own default.

    factor : int, default=3
        The inverse of the share of settings that go on to `factor` times as much. At
        least 2.

    memory : path, joblib.Memory or None, default=None
        Folder where the value of every call is kept as soon as it is known, and
        looked for before a call. Values are found again by the code of the function
        as it is loaded, with all that it is bound to and names: functions that it
        calls, constants, data. Read more in :doc:`/faults`.

    n_jobs : int, default=None
        Number of calls to run in parallel, by joblib; unless `schedule` or
        `surrogate` make them depend on time, neither the settings nor the values
        depend on it. None means 1 unless in a
        :func:`joblib.parallel_config` context, -1 all processors.

    verbose : int, default=0
        1 prints a line per generation.

    pre_dispatch : int or str, default="2*n_jobs"
        As of :class:`joblib.Parallel`.

    random_state : int, RandomState instance or None, default=None
        Decides which settings are bred. The same seed gives the same ones in the
        same order for any `n_jobs` and backend, unless `schedule` or `surrogate`
        make them depend on time. NumPy's global generator is neither used nor
        changed.

    error_score : "raise" or numeric, default=np.nan
        Value of a call that raises an error. NaN counts as the worst value, also
        if the function returns it.

    Returns
    -------
    result : scipy.optimize.OptimizeResult
        With the attributes

        - ``x``: the best setting, a dict, with all of the `resource`;
        - ``fun``: its value;
        - ``nfev``: number of settings evaluated, at least in part;
        - ``nit``: number of generations evaluated;
        - ``success``: False if interrupted, or if there is a `target` that was
          not reached;
        - ``message``: what ended the evolution, in words;
        - ``stop_reason``: the same in one word: "n_generations",
          "max_evaluations", "max_time", "patience", "target",
          "space_exhausted", "callback" or "interrupted";
        - ``history``: dict of arrays with a row by generation, as
          `evolution_history_` of :class:`GeneticSearchCV`;
        - ``candidates``: dict of arrays with a row by setting in the order of
          breeding: ``params``, ``value``, ``seconds`` (of the call),
          ``generation``, ``origin``, ``parent_1`` and ``parent_2`` (rows of the
          parents, -1 without). With a `resource`, ``value`` is NaN unless the
          setting was called with all of it; ``n_resources`` is the most that it was
          called with, ``last_value`` the value then, and ``seconds`` are of that call.

    Raises
    ------
    ValueError
        If a parameter or the space is invalid (before anything is called), or
        if no setting has a value.
    TypeError
        If the very first call returns something that is no number.
    Exception
        What a call raises, with ``error_score="raise"``.
    KeyboardInterrupt
        If interrupted before the first call has finished. Later, an interrupt
        (Ctrl-C) ends the evolution with what has been evaluated.

    Warns
    -----
    RuntimeWarning
        Once, at the end, if calls have raised an error or returned NaN.

    See Also
    --------
    minimize : Finds the smallest value.
    GeneticSearchCV : Evolves the parameters of an estimator.
    EvolutionDisplay : Draws the history.
    CandidatesDisplay : Draws all settings.

    Examples
    --------
    The largest quotient of two numbers:

    >>> from sklearn_natsel import maximize
    >>> def quotient(x, y):
    ...     return x / y
    >>> space = {"x": range(1, 10000), "y": range(1, 10000)}
    >>> result = maximize(quotient, space, n_generations=100, target=9999, random_state=0)
    >>> result.x, result.fun
    ({'x': 9999, 'y': 1}, 9999.0)
    >>> result.nfev < 400
    True

    OneMax, as many ones as possible among a hundred bits. Such a function costs
    nothing, so nor should the choice of what to evaluate:

    >>> def count_ones(**bits):
    ...     return sum(bits.values())
    >>> space = {f"bit_{i}": [0, 1] for i in range(100)}
    >>> result = maximize(
    ...     count_ones, space, surrogate=False, target=100, max_evaluations=10000, random_state=0
    ... )
    >>> result.fun
    100.0
    >>> result.message
    'The target was reached.'
    """
    return _optimize(**locals(), sign=1)


def _with_signature_of(other: Callable[P, R]) -> Callable[[Callable[..., R]], Callable[P, R]]:
    """Let a function take and tell the arguments of another one."""

    def decorate(function: Callable[..., R]) -> Callable[P, R]:
        function.__signature__ = inspect.signature(other)  # type: ignore[attr-defined]
        return cast(Callable[P, R], function)

    return decorate


@validate_params(_CONSTRAINTS, prefer_skip_nested_validation=False)
@_with_signature_of(maximize)
def minimize(*args, **params):
    """Find the arguments of a function that give its smallest value, by evolution.

    What :func:`maximize` does for the negative of the function; all values, also
    those of `history`, are the function's own.

    Parameters
    ----------
    function : callable
        Is called as ``function(**params)`` and returns a number.

    param_space : dict or list of dicts
        Names of arguments and their possible values, as in
        :class:`GeneticSearchCV`.

    population_size, n_generations, n_offspring, elite_fraction, lucky_rate, selection, \
tournament_size, breeder_fraction, crossover, mutation_rate, gene_mutation_rate, step_rate, \
surrogate, initial_params, initial_mutation_rate, max_evaluations, max_time, patience, tol, \
target, callback, schedule, fit_timeout, resource, min_resources, max_resources, factor, memory, \
n_jobs, verbose, pre_dispatch, random_state, error_score : optional
        As of :func:`maximize`, with the same defaults. `target` is reached by values that are not
        above it.

    Returns
    -------
    result : scipy.optimize.OptimizeResult
        As of :func:`maximize`. In `history`, ``best`` and ``best_so_far`` are the
        smallest values.

    See Also
    --------
    maximize : Finds the largest value; describes all parameters.

    Examples
    --------
    >>> from scipy.stats import uniform
    >>> from sklearn_natsel import minimize
    >>> def himmelblau(x, y):
    ...     return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
    >>> space = {"x": uniform(-5, 10), "y": uniform(-5, 10)}
    >>> result = minimize(himmelblau, space, max_evaluations=150, random_state=0)
    >>> bool(0 <= result.fun < 0.1)
    True
    """
    given = inspect.signature(maximize).bind(*args, **params)
    given.apply_defaults()
    return _optimize(**given.arguments, sign=-1)


def _optimize(
    function: Callable[..., Any],
    param_space: Any,
    *,
    sign: int,
    target: float | None,
    callback: Callable[[OptimizeResult, dict[str, Any]], Any] | None,
    schedule: str,
    fit_timeout: float | None,
    memory: Any,
    n_jobs: int | None,
    verbose: int,
    pre_dispatch: int | str,
    random_state: Any,
    error_score: float | str,
    **parameters: Any,
) -> OptimizeResult:
    """Maximise ``sign * function``; the other parameters are those of the evolution and limits."""
    bred_by = {name: parameters[name] for name in EVOLUTION}
    parts = {name: parameters[name] for name in PARTS}
    resource, defaults = parts["resource"], _defaults(_signature(function))
    bred_by["initial_params"] = without_resource(bred_by["initial_params"], resource)
    space = _make_space(function, param_space, resource)
    ladder = make_ladder(1, **parts, available=defaults.get(resource))
    evolution: Any = Evolution(
        space,
        own_generator(random_state),
        default_params=defaults,
        promotion=make_promotion(ladder, parts["factor"]),
        **bred_by,
    )
    # All calls are alike: a single split, of nothing.
    store = open_store(memory, space, {"function": function}, [((), ())])
    stopping = Stopping.bounded(
        **{name: parameters[name] for name in LIMITS},
        target_score=None if target is None else sign * target,
    )
    chosen, history = SCHEDULES[schedule](), History(ladder, resource is not None)
    procedure = FunctionCall(function, error_score, resource)
    if chosen.depends_on_timing:
        seed = {**bred_by, **parts, "random_state": random_state, "sign": sign}
        evolution = journaled(evolution, store, seed)
    workers: Any = {"shared": procedure.shared, "one_by_one": chosen.one_by_one}
    with (
        Interrupts() as interrupts,
        Pool(n_jobs, pre_dispatch, fit_timeout, interrupts, **workers) as pool,
    ):
        limits = stopping.deadline, stopping.goes_on
        fitness = partial(_fitness, sign=sign)
        evaluator = Evaluator(procedure, ladder, fitness, pool, store, *limits)
        told = callback and partial(_call_back, callback, evaluator, history, resource)
        report = Report(evaluator, stopping, verbose, told, partial(_with_sign, sign=sign))
        reason = run(evolution, evaluator, chosen, stopping, history, [report])
    interrupts.raise_if_due(reason)
    return _result(evaluator, history, stopping, reason, resource, sign)


def _make_space(function: Callable[..., Any], param_space: Any, resource: str | None) -> Space:
    """Return what is searched; raise unless the function takes it, and the resource."""
    # The function gets the values themselves, where a search clones estimators.
    space = make_space(param_space, cloned=False)
    if not space.genes:
        raise InvalidParameterError(
            "The 'param_space' parameter of maximize and minimize must have at least one entry. "
            f"Got {param_space!r} instead."
        )
    check_is_fixed(resource, space)
    signature = _signature(function)
    _check_resource(resource, signature, function)
    _check_names(space, resource, signature, function)
    return space


def _fitness(results: list[Result], sign: int) -> float:
    return sign * float(results[0]["value"])


def _call_back(
    callback: Callable[[OptimizeResult, dict[str, Any]], Any],
    evaluator: Evaluator,
    history: History,
    resource: str | None,
    row: dict[str, Any],
) -> Any:
    """Call the user's callback with what is known so far and a row of the history."""
    return callback(_best_so_far(evaluator, history, resource), row)


def _defaults(signature: inspect.Signature) -> dict[str, Any]:
    """Return the arguments that a function need not be given."""
    arguments = signature.parameters.items()
    return {name: a.default for name, a in arguments if a.default is not a.empty}


def _check_resource(
    resource: str | None, signature: inspect.Signature, function: Callable[..., Any]
) -> None:
    """Raise if a function has no such argument."""
    try:
        signature.bind_partial(**({} if resource is None else {resource: None}))
    except TypeError:
        raise InvalidParameterError(
            f"The 'resource' parameter must name an argument of {function!r}, which takes "
            f"{signature}. Got {resource!r} instead."
        ) from None


def _check_names(
    space: Space,
    resource: str | None,
    signature: inspect.Signature,
    function: Callable[..., Any],
) -> None:
    """Raise if a function can't be called with the settings of a space, and the resource."""
    fixed = [] if resource is None else [resource]
    for names in _names_of_settings(space):
        try:
            signature.bind(**dict.fromkeys([*names, *fixed]))
        except TypeError as error:
            raise InvalidParameterError(
                f"The names in the 'param_space' parameter must fit the arguments of {function!r}, "
                f"which takes {signature}: {error} in a setting of {names}. What is not in all "
                "settings can have a default, or be fixed by functools.partial."
            ) from None


def _names_of_settings(space: Space) -> Iterator[list[str]]:
    """Yield the names in the largest setting that one could think of, and in the smallest ones."""
    yield [gene.name for gene in space.genes if gene.name is not None]
    for genes in space.dicts:
        names = ((space.genes[i].name, space.always_exists(i)) for i in genes)
        yield [name for name, is_sure in names if name is not None and is_sure]


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the arguments of a function; any keywords if it does not tell them."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some that are compiled
        return inspect.signature(lambda **params: None)


def _with_sign(table: Mapping[str, Any], sign: int) -> dict[str, Any]:
    """Turn fitness into values of the function, in a row or in the columns of a history."""
    if sign > 0:
        return dict(table)
    # Subtracted, for the negative of 0 would be shown as -0.
    return {
        name: 0.0 - table[_NEGATED[name]] if name in _NEGATED else table[name] for name in table
    }


def _best_so_far(evaluator: Evaluator, history: History, resource: str | None) -> OptimizeResult:
    """Return the best setting, its value, and what has been spent."""
    best = best_candidate(evaluator.fitness)
    outcome = None if best is None else evaluator.outcome(best)
    return OptimizeResult(
        x=None if outcome is None else _arguments(outcome, resource),
        fun=np.nan if outcome is None else outcome.results[0]["value"],
        nfev=len(evaluator.latest_fitness),
        nit=len(history.rows),
    )


def _arguments(outcome: Outcome, resource: str | None) -> dict[str, Any]:
    """Return what the function was called with."""
    params = dict(outcome.candidate.params)
    return params if resource is None else {**params, resource: outcome.rung.resource}


def _result(
    evaluator: Evaluator,
    history: History,
    stopping: Stopping,
    reason: str,
    resource: str | None,
    sign: int,
) -> OptimizeResult:
    if reason == "target_score":
        reason = "target"
    outcomes = evaluator.outcomes()
    whole = [outcome.results[0] for outcome in outcomes if outcome.is_complete]
    all_failed = whole and all(np.isnan(result["value"]) for result in whole)
    results = whole if all_failed else [outcome.results[0] for outcome in outcomes]
    _warn_or_raise_about_failures(results)
    result = _best_so_far(evaluator, history, resource)
    target = stopping.target_score
    result.update(
        success=(target is None or reaches(history.best, target)) and reason != "interrupted",
        message=_MESSAGES[reason],
        stop_reason=reason,
        history=_with_sign(history.as_arrays(), sign),
        candidates=_table(outcomes, resource),
    )
    return result


def _table(outcomes: list[Outcome], resource: str | None) -> dict[str, Any]:
    """Return the columns of `candidates`; those evaluated in part have no value, only the last."""
    values = [outcome.results[0]["value"] for outcome in outcomes]
    columns = {
        "params": np.array([_arguments(outcome, resource) for outcome in outcomes], dtype=object),
        "value": [v if o.is_complete else np.nan for o, v in zip(outcomes, values)],
        "seconds": [outcome.results[0]["seconds"] for outcome in outcomes],
        **ancestry_columns([outcome.candidate for outcome in outcomes]),
    }
    if resource is not None:
        columns["n_resources"] = [outcome.rung.resource for outcome in outcomes]
        columns["last_value"] = values
    return {name: np.asarray(column) for name, column in columns.items()}


def _warn_or_raise_about_failures(outcomes: list[Result]) -> None:
    """Tell of errors and NaN once; raise if there is nothing else."""
    errors = Counter(outcome["fit_error"] for outcome in outcomes if outcome["fit_error"])
    n_errors, n = errors.total(), len(outcomes)
    n_nan = sum(np.isnan(outcome["value"]) and not outcome["fit_error"] for outcome in outcomes)
    if not n_errors and not n_nan:
        return
    lines = [f"Of {n} calls of the function {n_errors} raised an error and {n_nan} returned NaN."]
    lines += [f"{count} with the following error:\n{text}" for text, count in errors.items()]
    message = f"\n{'-' * 80}\n".join(lines)
    if n_errors + n_nan == n:
        raise ValueError(f"{message}\nSo there is no best setting.")
    warnings.warn(message, RuntimeWarning, stacklevel=2)
