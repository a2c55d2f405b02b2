"""GeneticSearchCV: the evolution as a scikit-learn search."""

from __future__ import annotations

import numbers
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import _warn_or_raise_about_fit_failures
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import _check_method_params, indexable

from sklearn_natsel._displays import summary_html
from sklearn_natsel._evaluation import (
    SAMPLES,
    CrossValidation,
    Evaluator,
    Interrupts,
    Pool,
    Result,
    format_outcomes,
    whole_rows,
)
from sklearn_natsel._evolution import Evolution, Ladder, best_candidate
from sklearn_natsel._memory import ResultsStore, open_store
from sklearn_natsel._run import (
    COMMON,
    EVOLUTION,
    LIMITS,
    PARTS,
    SCHEDULES,
    History,
    Progress,
    Report,
    Stopping,
    ancestry_columns,
    check_is_amount,
    check_is_fixed,
    journaled,
    make_ladder,
    make_promotion,
    make_space,
    reaches_fits,
    root_context,
    run,
    without_resource,
)
from sklearn_natsel._space import Space, check_names, check_values, own_generator

# That a small part has at least, as in scikit-learn's successive halving.
_SAMPLES_PER_CLASS = 2


class GeneticSearchCV(BaseSearchCV):
    """Search parameters by evolution, with cross-validation.

    Like :class:`~sklearn.model_selection.GridSearchCV`, but the settings are
    not enumerated: a population of them evolves. Each generation breeds new
    settings from the better ones by selection, crossover and mutation,
    evaluates them by cross-validation in parallel, and keeps the best. No
    setting is ever evaluated twice (with a growing `resource`, one that goes on is
    trained anew with more of it).

    The fitted search behaves like the estimator with the best parameters found.

    Read more in :doc:`/guide`.

    Parameters
    ----------
    estimator : estimator object
        The estimator to tune, a Pipeline or any other composition included. It
        needs a ``score`` method, or `scoring` must be given. Its own parameters
        are the first setting evaluated, after those of `initial_params`, if
        they lie in the space, so the result has a cross-validated score at
        least as good as the estimator has without a search. (Of an object with
        ``rvs`` alone nobody can tell: any value counts as one of its own.)

    param_space : dict or list of dicts
        Names of parameters and their possible values, as
        :class:`~sklearn.model_selection.RandomizedSearchCV` takes them: a list,
        tuple, range or one-dimensional array of any values, or a distribution (one
        of scipy.stats with its parameters, :func:`lograndint`, or any object
        with ``rvs``). An entry may be a :class:`Conditional`. In a list of
        dicts, each setting belongs to one of them; an empty dict stands for the
        estimator as it is.

        A list of at least three numbers in rising or falling order is
        *ordered*: mutation may step to a near value. So are distributions with
        ``ppf``, which are searched in their quantiles (`loguniform` on its log
        scale); discrete ones only if their variance is finite. All other lists
        are categories.

    population_size : int, default=10
        Number of settings in the first generation (more if `initial_params` are
        more), and the most that survive later ones. At least 2.

    n_generations : int, default=None
        The most generations to evaluate, the first one included. None means no
        limit if `max_evaluations` or `max_time` is given, otherwise 40, which is
        about 90 settings with the default parameters (in the steady state, 40
        times `population_size`; see `schedule`).

    n_offspring : int, float or None, default=0.02
        Number of children bred and evaluated per generation, which bounds how
        many candidates can be evaluated at once after the first generation. A
        float between 0 and 1 is a share of the settings evaluated so far, but
        at least two and at most `population_size`: few at first, when there is
        much to learn from each, and more later. None means as many as fill up
        the population beside the survivors, for which `elite_fraction` and
        `lucky_rate` must be below 1.

    elite_fraction : float, default=1.0
        Share of `population_size` that survives into the next generation to
        compete with the children: the best ones. Rounded up. With 0, the children
        alone are the next population.

    lucky_rate : float, default=0.0
        Chance that a member that is no elite survives as well.

    selection : {"tournament", "rank", "roulette"}, default="tournament"
        How breeders are selected: the best of `tournament_size` random members;
        with a probability that falls linearly with the rank; or with one that
        is proportional to the score above the worst one.

    tournament_size : int, default=3
        Number of entrants of a tournament: larger is greedier. At least 1.

    breeder_fraction : float, default=0.8
        Share of the population that is selected, without repetition, to breed:
        smaller is greedier. At least two.

    crossover : {"uniform", "single_point"}, default="uniform"
        How the genes of two breeders combine into a child: each from either one
        by chance; or those before a random point from one, the rest from the
        other.

    mutation_rate : float, default=1.0
        Probability that a child of the breeders is mutated. A surrogate is also
        shown mutants of its favourites, whatever this is.

    gene_mutation_rate : float or "one", default=None
        Probability that a gene of a mutated child changes; None means 1 / number
        of the genes that the child has and that have several values; ``"one"``
        changes exactly one gene.

    step_rate : float, default=0.5
        Chance that the change of an ordered gene is a step to a near value
        instead of any other value.

    surrogate : bool or "per_second", default=True
        Whether to breed many more children than are evaluated, and to let
        models fitted to the evaluations so far choose the promising ones.
        Costs a few milliseconds per evaluation. With "per_second" time has a
        price: of two settings that promise as much, the one is chosen that is
        expected to be faster. That finds more in a given time (see `max_time`)
        and less in a given number of evaluations, and what is bred depends on
        how long the fits take.

    initial_params : dict or list of dicts, default=None
        Settings to evaluate first, for instance the `best_params_` of an
        earlier search. Parameters that they leave out are drawn at random.

    initial_mutation_rate : float, default=0.8
        Probability that one of the rest of the first generation is a mutant of
        `initial_params` instead of a random setting.

    max_evaluations : int, default=None
        The most settings to evaluate, each on all splits. With `racing` or a
        `resource`, the parts of all evaluations together cost at most as much as so
        many whole ones: then far more settings are begun, and few completed. (The first
        setting is evaluated whole in any case, and so is the estimator's own, unless
        `initial_params` are as many as this. With a resource that costs more than one
        each, since their parts are trained anew.)

    max_time : float, default=None
        Seconds after which no further fit starts, above 0; those that run are finished.
        Settings that lack a split by then do not count (with `racing` or a
        `resource`, what they lack of their part does not), but the first one is
        evaluated in any case. The time of the refit is not included.

    patience : int, default=None
        Generations without an improvement above `tol` after which to stop. At least 1.

    tol : float, default=0.0
        By how much the best score must exceed the one that counted last, to
        count for `patience`: small improvements add up.

    target_score : float, default=None
        Stop after the generation that reaches this score.

    callback : callable, default=None
        Called after each generation as ``callback(search, record)`` with the
        row of `evolution_history_` as a dict, and in it ``best_params``, the best
        setting so far (None without a score). The search, which has no results
        yet but those of an earlier fit, stops if it returns True; any other
        answer lets it go on.

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
        depend on how long the fits take.

    fit_timeout : float, default=None
        Seconds, above 0, after which one fit, with its scoring, is ended and gets
        `error_score`. It takes its worker process with it; the fits in the
        other ones start again. Needs `n_jobs` of 2 or more and joblib's default
        backend: a fit in this process, in a thread or on a cluster can't be
        ended, and a warning says so. Estimators that can fit several settings
        together fit each one alone.

    racing : bool, default=False
        Whether a setting is evaluated on few splits first, and on more only if it is
        worth it: on one, then on about `factor` times as many, and so on up to all.
        It goes on if it is among the best 1 / `factor` of those that lately came as
        far (or the best of few), and if its lead over the best setting, on the same
        splits, leaves it a chance to end above it. The very first setting and the
        estimator's own are evaluated on all splits. Read more in :doc:`/partial`.

    resource : str or None, default=None
        What fits are given less of first: "n_samples", a part of the training data of
        each split; or a parameter of the estimator whose value is a positive
        integer, as ``"max_iter"`` or ``"model__n_estimators"``, which is not in
        `param_space`. Settings go on to more of it as they do to more splits by
        `racing`, and are trained anew. With both, the resource grows on the
        first splits, and then the number of splits. Samples are drawn
        once for each split, so that smaller parts are in larger ones, each class
        has its share, and `groups` that are handed to `fit` stay whole: the last of
        them may go beyond the amount. Scores are of all test data.

    min_resources : int or None, default=None
        The least that a fit is given. The amounts are `max_resources`, and that
        divided by `factor` again and again as long as it is not less than
        `min_resources`. None means two amounts below `max_resources`; but for a
        classifier no fewer than two samples for each class.

    max_resources : int or None, default=None
        The most that a fit is given, and what a whole evaluation has. None means all
        samples, or the value that the parameter has in the estimator.

    factor : int, default=3
        The inverse of the share of settings that go on to the next part of an
        evaluation, at least 2, which has so many times more splits, or more of the `resource`.
        Without `racing` and `resource` it has no effect.

    memory : path, joblib.Memory or None, default=None
        Folder where the result of every fit is kept as soon as it has finished.
        A search that finds the result of a fit there does not run it: a search
        that was killed goes on where it was, one with more generations, a
        larger population or another seed trains only settings that are new, and one with
        another value of `racing` or `min_resources` only what was not evaluated as far.
        A result is found again only by a search with the same data, splits,
        estimator, scoring, `error_score` and `return_train_score`, and the same
        versions of scikit-learn, NumPy and SciPy. Of your own classes and functions,
        the code as it is loaded counts, with all that it names. Read more in
        :doc:`/faults`.

    scoring : str, callable, list, tuple or dict, default=None
        As in :class:`~sklearn.model_selection.GridSearchCV`. With several
        metrics the evolution maximises the one named by `refit`, and the first
        one if `refit` is False or a callable.

    n_jobs : int, default=None
        Number of fits to run in parallel, by joblib; unless `schedule` or
        `surrogate` make them depend on time, neither the candidates nor the
        scores depend on it. None means 1 unless in a
        :func:`joblib.parallel_config` context, -1 all processors.

    refit : bool, str or callable, default=True
        As in :class:`~sklearn.model_selection.GridSearchCV`.

    refit_params : dict, default=None
        Parameters of the estimator for the final refit alone, set on top of
        `best_params_`, which stays as it is: search with few epochs, trees or
        iterations, for instance, and refit with many. Every setting of the
        space must go with them; a :class:`Conditional` parameter that does not
        exist with them is left out.

    cv : int, cross-validation generator or iterable, default=None
        As in :class:`~sklearn.model_selection.GridSearchCV`. The splits are
        drawn once: every setting is evaluated on the same ones, even if the
        generator shuffles without a seed.

    verbose : int, default=0
        1 prints a line per generation; more prints each fit as well.

    pre_dispatch : int or str, default="2*n_jobs"
        As in :class:`~sklearn.model_selection.GridSearchCV`.

    random_state : int, RandomState instance or None, default=None
        Decides which settings are bred. The same seed gives the same
        candidates in the same order for any `n_jobs` and backend, unless
        `schedule` or `surrogate` make them depend on time. NumPy's global
        generator is neither used nor changed.

    error_score : "raise" or numeric, default=np.nan
        Score of a fit that raises an error. NaN counts as the worst score.

    return_train_score : bool, default=False
        Whether `cv_results_` has training scores.

    Attributes
    ----------
    cv_results_ : dict of str -> (masked) ndarray
        As of :class:`~sklearn.model_selection.GridSearchCV`, with a row for
        each evaluated setting in the order of breeding. Parameters that do not
        exist in a setting are masked. Besides:

        - ``generation``: in which it was bred, from 0;
        - ``origin``: "default" (the estimator's own), "initial", "random",
          "mutation" (of an initial or a random one), "crossover" or
          "crossover+mutation";
        - ``parent_1``, ``parent_2``: rows of the parents, -1 without;
        - ``n_splits`` (with `racing`): on how many splits it was evaluated, the
          first ones;
        - ``n_resources`` (with a `resource`): what each of these fits was given. If
          it is a parameter of the estimator, ``params`` have it as well.

        Settings that were evaluated in part have NaN where nothing was run, and as
        the mean and standard deviation of their scores, so that no mean of a part is
        taken for that of the whole: they are ranked behind all others. Their scores
        are in the columns of the splits.

    best_params_ : dict
        The setting with the best mean test score (of the metric that `refit`
        names), or the one that a callable `refit` has chosen. Like
        `best_index_` and `best_score_`, it does not exist if there are several
        metrics and `refit` is False. Only settings that were evaluated whole are
        chosen from, also by a callable `refit`, which is given a `cv_results_` of
        these alone. It contains the `resource`, if that is a parameter.

    best_score_ : float
        Its mean test score. Does not exist if `refit` is a callable.

    best_index_ : int
        Its row in `cv_results_`.

    best_estimator_ : estimator
        The estimator with `best_params_` and `refit_params`, fitted on all
        data. Only with `refit`.

    refit_time_ : float
        Seconds that this took.

    scorer_ : callable or dict of callables
        The scorers used.

    n_splits_ : int
        Number of cross-validation splits.

    multimetric_ : bool
        Whether there are several metrics.

    evolution_history_ : dict of str -> ndarray
        A row per generation (``pandas.DataFrame(search.evolution_history_)``):

        - ``generation``: its number, from 0;
        - ``n_evaluated``: settings evaluated in it, for the first time if at first in
          part;
        - ``n_reused``: children that were discarded and bred again, because
          their setting had been evaluated before (those that only the surrogate
          looked at are not counted);
        - ``n_failed``: settings whose score is NaN;
        - ``n_evaluations``: settings evaluated so far, at least in part;
        - ``best``: best score among those evaluated whole in it, NaN if none was;
        - ``mean``, ``std``, ``min``, ``max``: of the scores in the population
          after it, from which survivors and breeders are chosen, without NaN and
          without those evaluated in part;
        - ``best_so_far``: best score up to it;
        - ``diversity``: share of parameters in which two random members of the
          population differ, from 0 to 1;
        - ``seconds``: time since the start;
        - ``n_complete`` (with `racing` or a `resource`): settings evaluated whole so
          far;
        - ``n_fits`` (likewise): fits so far;
        - ``n_resources`` (with a `resource`): what all these were given together.

    n_evaluations_ : int
        Number of settings evaluated, at least in part.

    n_generations_ : int
        Number of generations evaluated.

    stop_reason_ : str
        What ended the search: "n_generations", "max_evaluations", "max_time",
        "patience", "target_score", "space_exhausted", "callback" or
        "interrupted".

    n_features_in_ : int
        Number of features, if `best_estimator_` has it.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if `best_estimator_` has them.

    classes_ : ndarray of shape (n_classes,)
        Class labels, for classifiers.

    See Also
    --------
    Conditional : A parameter that depends on another one.
    EvolutionDisplay : Draws `evolution_history_`.
    CandidatesDisplay : Draws the settings of `cv_results_`.
    ImportanceDisplay : Draws which parameters the score depends on.
    LineageDisplay : Draws where `best_params_` comes from.
    maximize : The same evolution for any function.
    sklearn.model_selection.GridSearchCV : Tries every setting of a grid.
    sklearn.model_selection.RandomizedSearchCV : Tries random settings.

    Notes
    -----
    The cross-validated score of the chosen setting is optimistic, as after any
    search: judge the result on data that the search has not seen.

    An interrupt (Ctrl-C) ends the search cleanly with what has been evaluated,
    the final refit included; another one ends everything at once.

    With `n_jobs` of 2 or more and joblib's default backend, a setting that
    kills its worker process costs only itself. Read more in :doc:`/faults`.

    References
    ----------
    .. [1] A. E. Eiben and J. E. Smith, "Introduction to Evolutionary
       Computing", 2nd edition, Springer, 2015.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from sklearn_natsel import Conditional, GeneticSearchCV
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> space = {
    ...     "svc__kernel": ["linear", "rbf"],
    ...     "svc__C": loguniform(1e-3, 1e3),
    ...     "svc__gamma": Conditional(loguniform(1e-4, 1), "svc__kernel", "rbf"),
    ... }
    >>> search = GeneticSearchCV(
    ...     make_pipeline(StandardScaler(), SVC()), space, max_evaluations=30, random_state=0
    ... )
    >>> bool(search.fit(X, y).best_score_ > 0.97)
    True
    >>> search.stop_reason_
    'max_evaluations'
    """

    _parameter_constraints: dict[str, Any] = {
        **BaseSearchCV._parameter_constraints,
        **COMMON,
        "racing": ["boolean"],
        "target_score": [numbers.Real, None],
        "refit_params": [dict, None],
    }

    def __init__(
        self,
        estimator,
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
        target_score=None,
        callback=None,
        schedule="generational",
        fit_timeout=None,
        racing=False,
        resource=None,
        min_resources=None,
        max_resources=None,
        factor=3,
        memory=None,
        scoring=None,
        n_jobs=None,
        refit=True,
        refit_params=None,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        random_state=None,
        error_score=np.nan,
        return_train_score=False,
    ):
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_space = param_space
        self.population_size = population_size
        self.n_generations = n_generations
        self.n_offspring = n_offspring
        self.elite_fraction = elite_fraction
        self.lucky_rate = lucky_rate
        self.selection = selection
        self.tournament_size = tournament_size
        self.breeder_fraction = breeder_fraction
        self.crossover = crossover
        self.mutation_rate = mutation_rate
        self.gene_mutation_rate = gene_mutation_rate
        self.step_rate = step_rate
        self.surrogate = surrogate
        self.initial_params = initial_params
        self.initial_mutation_rate = initial_mutation_rate
        self.max_evaluations = max_evaluations
        self.max_time = max_time
        self.patience = patience
        self.tol = tol
        self.target_score = target_score
        self.callback = callback
        self.schedule = schedule
        self.fit_timeout = fit_timeout
        self.racing = racing
        self.resource = resource
        self.min_resources = min_resources
        self.max_resources = max_resources
        self.factor = factor
        self.memory = memory
        self.refit_params = refit_params
        self.random_state = random_state

    @_fit_context(
        # The estimator inside is not validated yet.
        prefer_skip_nested_validation=False
    )
    def fit(self, X, y=None, **params):
        """Evolve the parameters, then refit the estimator with the best ones.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples, n_samples)
            Training data, in any form that the estimator takes; a square
            kernel or distance matrix for estimators that are pairwise.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets; None for unsupervised learning.

        **params : dict of str -> object
            Passed to the estimator's ``fit``, the scorer and the splitter as by
            :class:`~sklearn.model_selection.GridSearchCV`: `groups` goes to the
            splitter, and what has a row per sample is split along with `X`.

        Returns
        -------
        self : GeneticSearchCV
            The fitted search.

        Raises
        ------
        ValueError
            If a parameter or the space is invalid (before anything is
            trained), or if every single fit failed.
        Exception
            What a fit or a scorer raises, with ``error_score="raise"``.
        KeyboardInterrupt
            If interrupted before the first evaluation has finished. Later, an
            interrupt ends the search with what has been evaluated.

        Warns
        -----
        FitFailedWarning
            If some fits failed, with their errors.
        UserWarning
            If scores are not finite, or what was asked for can't be done (a time limit
            for fits in this process, a folder that can't be written, and so on).
        """
        scorers, refit_metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        space = self._make_space()
        splits = self._make_splits(X, y, routed.splitter.split)
        ladder = self._make_ladder(y, splits)
        evolution = self._make_evolution(space, ladder)
        store = self._open_store(space, X, y, routed, splits)
        data = {"X": X, "y": y, "metadata": _callback_metadata(params)}
        context = root_context(self, max_subtasks=1 + (self.refit is not False))
        context.call_on_fit_task_begin(estimator=self, **data)
        procedure = CrossValidation(
            clone(self.estimator),  # what an earlier fit left on it is not sent along
            X,
            y,
            splits,
            scorer=scorers,
            fit_params=routed.estimator.fit,
            score_params=routed.scorer.score,
            return_train_score=self.return_train_score,
            error_score=self.error_score,
            verbose=self.verbose,
            resource=self.resource,
            groups=routed.splitter.split.get("groups"),
        )
        with Interrupts() as interrupts:
            evaluator, found = self._evolve(
                evolution, procedure, ladder, scorers, store, context, interrupts
            )
            self._store_results(evaluator, found, scorers, refit_metric)
            if self.refit:
                self._refit(X, y, routed.estimator.fit, context, data)
        context.call_on_fit_task_end(estimator=self, **data)
        return self

    def __getstate__(self) -> dict[str, Any]:
        # Callbacks that know the search take it along to workers, where nobody needs the tree of
        # all contexts, which grows with every fit.
        contexts = ("_callback_fit_ctx", "_parent_callback_ctx")
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in contexts}

    def _repr_html_inner(self) -> str:
        return summary_html(self) + super()._repr_html_inner()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] = summary_html(self) + bundle["text/html"]
        return bundle

    def _make_ladder(self, y, splits) -> Ladder:
        """Return in which parts settings are evaluated."""
        available, smallest = None, 1
        if self.resource == SAMPLES:
            available = max(_n_rows(train) for train, _ in splits)
            smallest = _SAMPLES_PER_CLASS * _n_classes(self.estimator, y)
        elif self.resource is not None:
            available = self.estimator.get_params(deep=True).get(self.resource)
        parts = {
            "available": available,
            "is_limited": self.resource == SAMPLES,
            "smallest": smallest,
        }
        return make_ladder(len(splits), racing=self.racing, **parts, **self._own(PARTS))

    def _make_space(self) -> Space:
        """Return what is searched; raise unless the estimator takes it, and all that comes on top.

        These are the resource and, in the refit, `refit_params`.
        """
        space = make_space(self.param_space)
        check_is_fixed(self.resource, space)
        check_names(space, self.estimator)
        if self.resource not in (None, SAMPLES):
            check_is_amount(self.resource, self.estimator.get_params(deep=True).get(self.resource))
            check_names(self._space_with({self.resource: 1}), self.estimator, "resource")
        if self.refit_params:
            check_names(self._space_with(self.refit_params), self.estimator, "refit_params")
            check_values(self.refit_params, space, self.estimator, "refit_params")
        return space

    def _make_evolution(self, space, ladder) -> Evolution:
        initial_params = without_resource(self.initial_params, self.resource)
        return Evolution(
            space,
            own_generator(self.random_state),
            default_params=self.estimator.get_params(deep=True),
            promotion=make_promotion(ladder, self.factor),
            **{**self._own(EVOLUTION), "initial_params": initial_params},
        )

    def _own(self, names: Iterable[str]) -> dict[str, Any]:
        """Return parameters by their names, to hand them on under the same ones."""
        return {name: getattr(self, name) for name in names}

    def _space_with(self, params) -> Space:
        """Return the space with parameters on top of every setting."""
        fixed = {name: [value] for name, value in params.items()}
        spaces = [self.param_space] if isinstance(self.param_space, dict) else self.param_space
        return Space([{**space, **fixed} for space in spaces])

    def _refit_setting(self) -> dict[str, Any]:
        """Return the best one with `refit_params` on top, less what does not exist with these."""
        if not self.refit_params:
            return self.best_params_
        params = {**self.best_params_, **self.refit_params}
        space = self._space_with(self.refit_params)
        active = space.decode(space.encode(params, np.random.RandomState(0)))
        return {
            name: value for name, value in params.items() if name in active or name == self.resource
        }

    def _make_splits(self, X, y, split_params) -> list[tuple[Any, Any]]:
        """Draw the splits once: every candidate meets the same."""
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        n_splits = cv.get_n_splits(X, y, **split_params)
        splits = list(cv.split(X, y, **split_params))
        if not splits:
            raise ValueError(
                "The 'cv' parameter must give at least one split. It gives no splits; an iterator "
                "gives its splits only once: use a list of them."
            )
        if len(splits) != n_splits:
            raise ValueError(
                "cv.split and cv.get_n_splits returned inconsistent numbers of splits. "
                f"Expected {n_splits} splits, got {len(splits)}."
            )
        return splits

    def _open_store(self, space, X, y, routed, splits) -> ResultsStore | None:
        """Open the folder of `memory`: all that a score depends on is named here."""
        common = {
            "X": X,
            "y": y,
            "estimator": self.estimator,
            "scoring": self.scoring,
            "error_score": self.error_score,
            "return_train_score": self.return_train_score,
            **{f"{name} (of fit)": value for name, value in routed.estimator.fit.items()},
            **{f"{name} (of score)": value for name, value in routed.scorer.score.items()},
        }
        groups = routed.splitter.split.get("groups")
        if self.resource == SAMPLES and groups is not None:
            common["groups"] = groups  # they decide which samples are given first
        return open_store(self.memory, space, common, splits)

    def _evolve(self, evolution, procedure, ladder, scorers, store, context, interrupts):
        """Run the evolution; return who knows the results, and attributes."""
        stopping = Stopping.bounded(**self._own(LIMITS), target_score=self.target_score)
        in_parts = self.racing or self.resource is not None
        schedule, history = SCHEDULES[self.schedule](), History(ladder, in_parts)
        metric = self._maximised_metric(scorers)
        n_expected = schedule.expected_generations(evolution, stopping)
        progress = Progress(self, context, n_expected, stopping)
        workers = {"shared": procedure.shared, "one_by_one": schedule.one_by_one}
        fitness = partial(self._fitness, metric=metric)
        open_context = progress.open_fit if reaches_fits(self, context) else None
        with Pool(self.n_jobs, self.pre_dispatch, self.fit_timeout, interrupts, **workers) as pool:
            limits = stopping.deadline, stopping.goes_on
            evaluator = Evaluator(procedure, ladder, fitness, pool, store, *limits, open_context)
            told = self.callback and partial(self._call_back, evaluator)
            report = Report(evaluator, stopping, self.verbose, told)
            if schedule.depends_on_timing:
                seed = self._own([*EVOLUTION, *PARTS, "racing", "random_state"])
                evolution = journaled(evolution, store, {**seed, "metric": metric})
            reason = run(evolution, evaluator, schedule, stopping, history, [progress, report])
        interrupts.raise_if_due(reason)
        progress.end()
        return evaluator, {
            "stop_reason_": reason,
            "evolution_history_": history.as_arrays(),
            "n_generations_": len(history.rows),
            "n_evaluations_": history.n_evaluations,
            "n_splits_": procedure.n_splits,
        }

    def _call_back(self, evaluator: Evaluator, row: dict[str, Any]) -> Any:
        """Call the user's callback with a row of the history and the best setting so far."""
        best = best_candidate(evaluator.fitness)
        params = None if best is None else dict(self._setting_of(evaluator.outcome(best)))
        return self.callback(self, {**row, "best_params": params})

    def _maximised_metric(self, scorers) -> str | None:
        """Name the refit metric, else the first one; None if that can't be told before a fit."""
        if isinstance(self.refit, str):
            return self.refit
        return next(iter(scorers._scorers)) if isinstance(scorers, _MultimetricScorer) else None

    def _fitness(self, fits: list[Result], metric: str | None) -> float:
        """Return the mean test score of a metric, else of the first one that was returned."""
        scores = [fit["test_scores"] for fit in fits]
        metrics = next((score for score in scores if isinstance(score, dict)), None)
        if metrics is not None:
            self._check_refit_for_multimetric(metrics)
            metric = metric or next(iter(metrics))
            # Where a fit failed, a scorer that returns a dict leaves a bare error score.
            scores = [score[metric] if isinstance(score, dict) else score for score in scores]
        return float(np.mean(scores))

    def _store_results(self, evaluator, found, scorers, refit_metric) -> None:
        """Set `found`, `cv_results_` and what depends on it, as scikit-learn's searches do."""
        outcomes = evaluator.outcomes()
        fits = [fit for outcome in outcomes for fit in outcome.results]
        whole_fits = [fit for outcome in outcomes if outcome.is_complete for fit in outcome.results]
        # Where nothing but a part of an evaluation has succeeded, there is nothing to choose from.
        all_failed = whole_fits and all(fit["fit_error"] for fit in whole_fits)
        _warn_or_raise_about_fit_failures(whole_fits if all_failed else fits, self.error_score)
        _name_error_scores(fits, self.error_score)
        self._forget_earlier_fit()
        self.__dict__.update(found)
        self.multimetric_ = isinstance(fits[0]["test_scores"], dict)
        if callable(self.scoring) and self.multimetric_:
            refit_metric = self.refit
        self.cv_results_ = self._format_outcomes(outcomes)
        self.scorer_ = scorers._scorers if isinstance(scorers, _MultimetricScorer) else scorers
        if self.refit or not self.multimetric_:
            # Settings that were evaluated in part are not chosen from.
            rows, whole = whole_rows(self.cv_results_, outcomes)
            self.best_index_ = rows[self._select_best_index(self.refit, refit_metric, whole)]
            self.best_params_ = self.cv_results_["params"][self.best_index_]
            if not callable(self.refit):
                self.best_score_ = self.cv_results_[f"mean_test_{refit_metric}"][self.best_index_]

    def _format_outcomes(self, outcomes) -> dict[str, Any]:
        """Return `cv_results_`, with how far each setting was evaluated if not all were whole."""
        more = ancestry_columns([outcome.candidate for outcome in outcomes])
        if self.racing:
            more["n_splits"] = [outcome.rung.n_splits for outcome in outcomes]
        if self.resource is not None:
            more["n_resources"] = [outcome.rung.resource for outcome in outcomes]
        settings = [self._setting_of(outcome) for outcome in outcomes]
        return format_outcomes(self._format_results, outcomes, settings, self.n_splits_, more)

    def _setting_of(self, outcome) -> dict[str, Any]:
        """Return the parameters of a setting, with the resource if it is one of them."""
        params = outcome.candidate.params
        if self.resource is None or self.resource == SAMPLES:
            return params
        return {**params, self.resource: outcome.rung.resource}

    def _forget_earlier_fit(self) -> None:
        """Delete what this fit, with other parameters, may not set."""
        names = "best_index_ best_params_ best_score_ best_estimator_ refit_time_ feature_names_in_"
        for name in names.split():
            self.__dict__.pop(name, None)

    def _refit(self, X, y, fit_params, context, data) -> None:
        """Fit the estimator with the best parameters on all the data."""
        # The parameters are cloned because they may be estimators.
        params = clone(self._refit_setting(), safe=False)
        self.best_estimator_ = clone(self.estimator).set_params(**params)
        context = context.subcontext(task_name="refit-with-best-params")
        with context.propagate_callback_context(self.best_estimator_):
            context.call_on_fit_task_begin(estimator=self, **data)
            started = time.time()
            if y is None:
                self.best_estimator_.fit(X, **fit_params)
            else:
                self.best_estimator_.fit(X, y, **fit_params)
            self.refit_time_ = time.time() - started
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_
        context.call_on_fit_task_end(estimator=self, **data)


def _name_error_scores(fits: list[Result], error_score: float | str) -> None:
    """Give bare error scores the names of the metrics, where a callable returns several.

    It has returned none where it has failed itself, or the fit.
    """
    for kind in ("test_scores", "train_scores"):
        named = next((fit[kind] for fit in fits if isinstance(fit.get(kind), dict)), None)
        for fit in fits:
            if named is not None and not isinstance(fit[kind], dict):
                fit[kind] = dict.fromkeys(named, error_score)


def _n_rows(rows: Any) -> int:
    """Count the rows that a split names by their positions, or marks."""
    rows = np.asarray(rows)
    return int(rows.sum() if rows.dtype == bool else len(rows))


def _n_classes(estimator: Any, y: Any) -> int:
    """Count the classes that a classifier has to learn; 1 if there are none."""
    if y is None or not is_classifier(estimator):
        return 1
    has_classes = type_of_target(y) in ("binary", "multiclass")
    return len(unique_labels(y)) if has_classes else 1


def _callback_metadata(params: dict[str, Any]) -> dict[str, Any] | None:
    sample_weight = params.get("sample_weight")
    return None if sample_weight is None else {"sample_weight": sample_weight}
