"""The evolution for any function."""

import functools
import inspect
import math
import os
import pickle
import random
import signal
import threading
import time
import warnings
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.optimize import OptimizeResult
from scipy.stats import beta, loguniform, randint, rv_discrete, uniform
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import Conditional, EvolutionDisplay, maximize, minimize

PLANE = {"x": range(-50, 51), "y": range(-50, 51)}


def hill(x, y):
    return -((x - 7) ** 2) - (y + 3) ** 2


def valley(x, y):
    return (x - 7) ** 2 + (y + 3) ** 2


def quotient(x, y):
    return x / y


def count_ones(**bits):
    return sum(bits.values())


def fragile(x):
    """Return `x`, but for every third raise an error and for every fifth return NaN."""
    if x % 3 == 0:
        raise RuntimeError("a multiple of three")
    return np.nan if x % 5 == 0 else x


def columns_of(result):
    return {name: column for name, column in result.candidates.items() if name != "seconds"}


def assert_same_candidates(a, b):
    for name, column in columns_of(a).items():
        assert_array_equal(column, b.candidates[name], err_msg=name)


# The toys


@pytest.mark.parametrize("seed", range(3))
def test_one_max(seed):
    space = {f"bit_{i}": [0, 1] for i in range(100)}
    result = maximize(
        count_ones, space, surrogate=False, target=100, max_evaluations=10000, random_state=seed
    )
    assert result.fun == 100
    assert result.x == dict.fromkeys(space, 1)
    assert result.success
    assert result.nfev < 2000


def test_largest_quotient():
    space = {"x": range(1, 10000), "y": range(1, 10000)}
    results = [
        maximize(quotient, space, max_evaluations=10000, target=9999, random_state=seed)
        for seed in range(10)
    ]
    assert sum(result.fun == 9999 for result in results) >= 9
    assert np.median([result.nfev for result in results]) < 1000


# The result


def test_result_is_that_of_scipy():
    result = maximize(hill, PLANE, n_generations=6, random_state=0)
    assert isinstance(result, OptimizeResult)
    assert result.fun == hill(**result.x) == result.candidates["value"].max()
    assert isinstance(result.fun, float)
    assert result.nfev == 10 + 5 * 2 == len(result.candidates["params"])
    assert result.nit == 6 == len(result.history["generation"])
    assert result.success is True
    assert result.stop_reason == "n_generations"
    assert result.message == "The limit of generations was reached."
    assert "fun" in repr(result)
    assert pickle.loads(pickle.dumps(result)).x == result.x


def test_candidates_tell_their_ancestry():
    columns = maximize(hill, PLANE, random_state=0).candidates
    assert set(columns) == {
        *("params", "value", "seconds", "generation", "origin", "parent_1", "parent_2")
    }
    assert {type(column) for column in columns.values()} == {np.ndarray}
    assert {column.shape for column in columns.values()} == {(88,)}
    assert [hill(**params) for params in columns["params"]] == columns["value"].tolist()
    assert (np.diff(columns["generation"]) >= 0).all()
    assert (columns["parent_1"][:10] == -1).all()
    crossed = columns["origin"] == "crossover"
    for name in ("parent_1", "parent_2"):
        parents = columns[name][crossed]
        assert (parents >= 0).all()
        assert (columns["generation"][parents] < columns["generation"][crossed]).all()
    assert (columns["seconds"] >= 0).all()


def test_never_the_same_setting_twice():
    result = maximize(hill, {"x": range(7), "y": range(7)}, n_generations=1000, random_state=0)
    assert result.nfev == 49 == len({tuple(p.values()) for p in result.candidates["params"]})
    assert result.stop_reason == "space_exhausted"


@pytest.mark.parametrize("surrogate", [True, False])
def test_minimize_is_maximize_of_the_negative(surrogate):
    options = {"n_generations": 8, "surrogate": surrogate, "random_state": 0}
    small, large = minimize(valley, PLANE, **options), maximize(hill, PLANE, **options)
    assert small.x == large.x
    assert small.fun == -large.fun >= 0
    assert small.candidates["params"].tolist() == large.candidates["params"].tolist()
    assert_array_equal(small.candidates["value"], -large.candidates["value"])
    for name, opposite in [
        *[("best", "best"), ("mean", "mean"), ("best_so_far", "best_so_far")],
        *[("min", "max"), ("max", "min")],
    ]:
        assert_array_equal(small.history[name], -large.history[opposite], err_msg=name)
    for name in ("std", "diversity", "n_evaluations"):
        assert_array_equal(small.history[name], large.history[name], err_msg=name)
    assert list(small.history) == list(large.history)


def test_smallest_value_of_zero_has_no_sign():
    result = minimize(lambda x: x, {"x": range(5)}, n_generations=9, random_state=0)
    assert result.fun == 0
    assert not np.signbit(result.history["best_so_far"]).any()


def test_history_can_be_drawn():
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    result = minimize(valley, PLANE, random_state=0)
    display = EvolutionDisplay(result.history, score_name="Distance").plot()
    assert display.best_so_far_.get_ydata()[-1] == result.fun
    assert display.ax_.get_ylabel() == "Distance"
    plt.close("all")


# What is called, and how


def test_inactive_arguments_have_the_defaults_of_the_function():
    def price(kind, size=-1.0):
        assert (size == -1.0) == (kind == "small")
        return size

    space = {"kind": ["small", "large"], "size": Conditional(uniform(0, 1), "kind", "large")}
    result = maximize(price, space, max_evaluations=20, error_score="raise", random_state=0)
    assert result.x["kind"] == "large"
    assert any(params == {"kind": "small"} for params in result.candidates["params"])


def test_defaults_of_the_function_are_the_first_setting():
    def shifted(x=33, y=-44, z=0):
        return hill(x, y)

    first = maximize(shifted, PLANE, n_generations=1, random_state=0).candidates
    assert first["params"][0] == {"x": 33, "y": -44}
    assert first["origin"][0] == "default"


def test_initial_params():
    options = {"n_generations": 1, "random_state": 0, "initial_params": {"x": 7, "y": -3}}
    result = maximize(hill, PLANE, **options)
    assert (result.x, result.fun) == ({"x": 7, "y": -3}, 0)
    assert result.candidates["origin"][0] == "initial"


class Callable:
    def __call__(self, x, y):
        return hill(x, y)

    def method(self, x, y):
        return hill(x, y)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: hill(x, y),
        functools.partial(lambda x, y, z: hill(x, y), z=3),
        Callable(),
        Callable().method,
        lambda **params: hill(**params),
        lambda x, y, *rest, z=1: np.array([hill(x, y)]),
        lambda x, y: np.float32(hill(x, y)),
        lambda x, y: np.array(hill(x, y)),
    ],
)
def test_anything_that_can_be_called(function):
    result = maximize(function, PLANE, n_generations=3, random_state=0)
    assert_same_candidates(
        maximize(hill, PLANE, n_generations=3, random_state=0),
        result,
    )


def test_what_the_function_does_to_a_value_stays_its_own():
    def greedy(values, x):
        values.append(x)
        return len(values)

    space = {"values": [[1], [1, 2]], "x": range(5)}
    result = maximize(greedy, space, n_generations=20, random_state=0)
    assert result.fun == 3
    assert space["values"] == [[1], [1, 2]]


# Parallel calls and random states


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_number_of_jobs_changes_nothing(backend):
    import joblib

    def local(x, y):
        time.sleep(0.001 * (x % 3))
        return hill(x, y)

    options = {"n_generations": 5, "random_state": 0}
    alone = maximize(local, PLANE, n_jobs=1, **options)
    with joblib.parallel_config(backend=backend):
        together = maximize(local, PLANE, n_jobs=2, **options)
    assert_same_candidates(alone, together)
    assert alone.x == together.x


def test_global_random_states_are_neither_used_nor_changed():
    np.random.seed(3)
    random.seed(3)
    before = np.random.get_state()[1].copy(), random.getstate()
    first = maximize(hill, PLANE, n_generations=3)
    assert_array_equal(np.random.get_state()[1], before[0])
    assert random.getstate() == before[1]
    second = maximize(hill, PLANE, n_generations=3)
    assert first.candidates["params"].tolist() != second.candidates["params"].tolist()


def test_call_that_hangs_is_ended():
    def hangs_once(x):
        if x == 3:
            time.sleep(1000)
        return x

    options = {"n_jobs": 2, "fit_timeout": 1.5, "n_generations": 9, "random_state": 0}
    with pytest.warns(RuntimeWarning, match="longer than 1.5 seconds"):
        result = maximize(hangs_once, {"x": range(6)}, **options)
    assert result.fun == 5
    assert result.nfev == 6
    assert result.history["n_failed"].sum() == 1


def test_call_that_kills_its_worker_costs_only_itself():
    def deadly(x):
        if x == 3:
            os._exit(1)
        return x

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = maximize(deadly, {"x": range(6)}, n_jobs=2, n_generations=9, random_state=0)
    assert result.fun == 5
    assert {params["x"] for params in result.candidates["params"]} == set(range(6))
    messages = [str(w.message) for w in caught]
    assert sum("Of 6 calls of the function 1 raised an error" in m for m in messages) == 1


# Errors and NaN


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_errors_and_nan_cost_one_warning(n_jobs):
    space = {"x": range(1, 31)}
    with pytest.warns(RuntimeWarning) as caught:
        result = maximize(fragile, space, n_generations=99, n_jobs=n_jobs, random_state=0)
    assert len(caught) == 1
    message = str(caught[0].message)
    assert "Of 30 calls of the function 10 raised an error and 4 returned NaN" in message
    assert message.count("RuntimeError: a multiple of three") == 1
    assert (result.x, result.fun) == ({"x": 29}, 29)
    assert np.isnan(result.candidates["value"]).sum() == 14 == result.history["n_failed"].sum()
    assert result.candidates["seconds"].min() >= 0
    assert result.candidates["seconds"].max() < result.history["seconds"][-1]


@pytest.mark.parametrize("optimum", [maximize, minimize])
def test_error_score_is_a_value_of_the_function(optimum):
    with pytest.warns(RuntimeWarning, match="10 raised an error"):
        result = optimum(
            fragile, {"x": range(1, 31)}, error_score=15.5, n_generations=99, random_state=0
        )
    assert (result.candidates["value"] == 15.5).sum() == 10
    assert result.fun == (29 if optimum is maximize else 1)


def test_errors_are_raised_on_request():
    with pytest.raises(RuntimeError, match="a multiple of three"):
        maximize(fragile, {"x": range(1, 31)}, error_score="raise", random_state=0)


@pytest.mark.filterwarnings("ignore:None of the first")
@pytest.mark.parametrize("value", [np.nan, "error"])
def test_nothing_but_failures_is_an_error(value):
    def fails(x):
        if value == "error":
            raise RuntimeError("never")
        return value

    with pytest.raises(ValueError, match=r"Of 5 calls(.|\n)*no best setting") as caught:
        maximize(fails, {"x": range(5)}, error_score=np.nan if value == "error" else 0.0)
    assert ("RuntimeError: never" in str(caught.value)) is (value == "error")


def test_first_value_that_is_no_number_is_an_error():
    for value in (None, "12", [1], np.array([1, 2]), 1j):
        with pytest.raises(TypeError, match=r"must return a real number\. Got"):
            maximize(lambda x, value=value: value, {"x": range(50)}, random_state=0)


def test_later_value_that_is_no_number_costs_itself():
    def sometimes(x=1):
        return x if x < 3 else None

    with pytest.warns(RuntimeWarning, match="Of 5 calls of the function 2 raised"):
        assert maximize(sometimes, {"x": range(5)}, random_state=0).fun == 2


def test_infinite_values():
    result = maximize(lambda x: np.inf if x == 3 else -np.inf, {"x": range(6)}, random_state=0)
    assert (result.x, result.fun) == ({"x": 3}, np.inf)


# The end


@pytest.mark.parametrize(
    ("limits", "reason", "success"),
    [
        ({"n_generations": 3}, "n_generations", True),
        ({"max_evaluations": 17}, "max_evaluations", True),
        ({"max_time": 1e-9}, "max_time", True),
        ({"patience": 3, "tol": 1e9}, "patience", True),
        ({"target": -1000}, "target", True),
        ({"target": 1, "n_generations": 3}, "n_generations", False),
        ({"callback": lambda result, record: record["generation"] == 1}, "callback", True),
    ],
)
def test_limits(limits, reason, success):
    result = maximize(hill, PLANE, random_state=0, **limits)
    assert (result.stop_reason, result.success) == (reason, success)
    expected = {"n_generations": 14, "max_evaluations": 17, "max_time": 1}.get(reason, result.nfev)
    assert result.nfev == expected == len(result.candidates["value"])


def test_target_of_minimize_is_not_passed():
    result = minimize(valley, PLANE, target=20, max_evaluations=1000, random_state=0)
    assert result.success
    assert result.fun <= 20
    assert result.stop_reason == "target"
    assert (result.history["best_so_far"][:-1] > 20).all()


def test_a_callback_can_do_what_it_likes_with_what_it_is_given():
    def callback(result, record):
        result.x.clear()
        record.clear()

    result = maximize(hill, PLANE, n_generations=4, callback=callback, random_state=0)
    assert_same_candidates(result, maximize(hill, PLANE, n_generations=4, random_state=0))
    assert result.x.keys() == PLANE.keys()


@pytest.mark.parametrize("optimum", [maximize, minimize])
def test_callback_sees_values_of_the_function(optimum):
    seen = []
    function = hill if optimum is maximize else valley
    result = optimum(
        function,
        PLANE,
        n_generations=4,
        random_state=0,
        callback=lambda result, record: seen.append((result, record)),
    )
    for row, (known, record) in enumerate(seen):
        assert record == {name: column[row] for name, column in result.history.items()}
        assert known.fun == record["best_so_far"] == function(**known.x)
        assert (known.nfev, known.nit) == (record["n_evaluations"], row + 1)


def test_verbose_prints_a_line_by_generation(capsys):
    minimize(valley, PLANE, n_generations=3, random_state=0, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Generation 0: 10 evaluated (10 in all), best so far ")
    assert "best so far -" not in lines[0]


@pytest.mark.filterwarnings("ignore:Of 3 calls")
def test_lines_of_generations_tell_of_failures(capsys):
    def fragile(x):
        return x if x else np.nan

    maximize(fragile, {"x": [0, 1, 2]}, verbose=1)
    assert "Generation 0: 3 evaluated, 1 of them failed (3 in all)" in capsys.readouterr().out


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupt_ends_with_what_is_finished(n_jobs):
    def slow(x, y):
        time.sleep(0.05)
        return hill(x, y)

    def interrupt_soon(result, record):
        if record["generation"] == 1:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    result = maximize(
        slow, PLANE, n_generations=200, callback=interrupt_soon, n_jobs=n_jobs, random_state=0
    )
    assert result.stop_reason == "interrupted"
    assert result.message == "Interrupted."
    assert not result.success
    assert 12 <= result.nfev == result.history["n_evaluated"].sum() < 100
    assert result.fun == result.candidates["value"].max()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_interrupt_before_anything_is_finished():
    with pytest.raises(KeyboardInterrupt):
        maximize(lambda x: signal.raise_signal(signal.SIGINT), {"x": range(5)})


# Memory


def test_values_are_found_again(tmp_path, monkeypatch):
    options = {"memory": tmp_path, "random_state": 0}
    first = maximize(hill, PLANE, n_generations=3, **options)
    assert len(list(tmp_path.rglob("*.json"))) == 14
    longer = maximize(hill, PLANE, n_generations=5, **options)
    assert len(list(tmp_path.rglob("*.json"))) == 18
    assert_array_equal(longer.candidates["seconds"][:14], first.candidates["seconds"])
    assert_same_candidates(longer, maximize(hill, PLANE, n_generations=5, random_state=0))
    # The same values in the other direction, and others of another function.
    minimize(hill, PLANE, n_generations=1, **options)
    assert len(list(tmp_path.rglob("*.json"))) == 18
    assert minimize(valley, PLANE, n_generations=1, **options).fun >= 0
    assert len(list(tmp_path.rglob("*.json"))) == 28


def test_the_smallest_value_is_not_sought_where_the_largest_was(tmp_path):
    options = {"max_evaluations": 20, "schedule": "steady-state", "random_state": 0}
    maximize(hill, PLANE, memory=tmp_path, **options)
    assert len(list(tmp_path.rglob("*.journal"))) == 1
    found = minimize(hill, PLANE, memory=tmp_path, **options)
    assert_same_candidates(found, minimize(hill, PLANE, **options))
    assert len(list(tmp_path.rglob("*.journal"))) == 2


def test_failures_are_not_kept(tmp_path):
    with pytest.warns(RuntimeWarning, match="10 raised"):
        maximize(fragile, {"x": range(1, 31)}, n_generations=99, memory=tmp_path)
    assert len(list(tmp_path.rglob("*.json"))) == 20


def test_function_that_cannot_be_told_from_others_is_refused(tmp_path):
    own = threading.local()  # another thing in each thread

    def reading(x, y):
        return own.value

    with pytest.raises(InvalidParameterError, match=r"'function': variable 'own' of .*reading"):
        maximize(reading, PLANE, memory=tmp_path)


# Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": 3}, "The 'function' parameter of maximize must be a callable"),
        ({"param_space": 3}, "The 'param_space' parameter of maximize must be an instance"),
        ({"param_space": {}}, "must have at least one entry"),
        ({"param_space": []}, "a list of at least one dict"),
        ({"param_space": {"x": 3, "y": [1]}}, "'x' entry of the 'param_space' parameter"),
        ({"population_size": 1}, "The 'population_size' parameter of maximize"),
        ({"n_generations": 0}, "The 'n_generations' parameter of maximize"),
        ({"elite_fraction": 1.1}, "The 'elite_fraction' parameter of maximize"),
        ({"selection": "best"}, "The 'selection' parameter of maximize"),
        ({"target": "high"}, "The 'target' parameter of maximize"),
        ({"error_score": "ignore"}, "The 'error_score' parameter of maximize"),
        ({"n_jobs": 1.5}, "The 'n_jobs' parameter of maximize"),
        ({"memory": 3}, "The 'memory' parameter of maximize"),
        ({"random_state": "seed"}, "The 'random_state' parameter of maximize"),
        ({"initial_params": {"x": 99}}, "is outside the space"),
        ({"n_offspring": None}, "leaves no room for children"),
    ],
)
def test_bad_parameters(arguments, message):
    def called(x, y):
        raise AssertionError

    with pytest.raises(InvalidParameterError, match=message):
        maximize(**{"function": called, "param_space": PLANE, "error_score": "raise", **arguments})


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 0, r"takes \(x\): .* unexpected keyword argument 'y'"),
        (lambda x, y, /: 0, r"takes \(x, y, /\): .*'x'"),
        (lambda x, y, z: 0, r"missing a required argument: 'z'.*functools.partial"),
        (lambda *values: 0, r"takes \(\*values\): .*unexpected keyword argument 'x'"),
        (lambda z, /, **params: 0, r"missing a required .*argument: 'z'"),
    ],
)
def test_names_are_checked_before_anything_is_called(function, message):
    with pytest.raises(InvalidParameterError, match=message):
        minimize(function, PLANE)


@pytest.mark.filterwarnings("ignore:None of the first")
def test_function_that_does_not_tell_its_arguments():
    # A compiled one without a signature; the first call says what is wrong.
    with pytest.raises(ValueError, match="no best setting"):
        maximize(max, {"x": [1, 2]})


def test_both_directions_have_the_same_parameters():
    # Compared as texts, since the default NaN does not equal itself.
    assert str(inspect.signature(minimize)) == str(inspect.signature(maximize))
    assert inspect.signature(minimize).parameters["param_space"].default is inspect.Parameter.empty


def test_parameters_of_minimize_are_checked_by_its_name():
    with pytest.raises(InvalidParameterError, match="'population_size' parameter of minimize"):
        minimize(valley, PLANE, population_size=1)


@pytest.mark.parametrize("optimum", [maximize, minimize])
@pytest.mark.parametrize(
    ("arguments", "params", "message"),
    [
        ((hill, PLANE), {"popsize": 5}, "unexpected keyword argument 'popsize'"),
        ((hill,), {}, "missing .*'param_space'"),
        ((), {"param_space": PLANE}, "missing .*'function'"),
        ((hill, PLANE, 10), {}, "too many positional arguments|takes 2 positional arguments"),
        ((hill, PLANE), {"function": hill}, "multiple values for argument 'function'"),
    ],
)
def test_arguments_that_do_not_fit_are_an_error(optimum, arguments, params, message):
    with pytest.raises(TypeError, match=message):
        optimum(*arguments, **params)


def test_arguments_of_minimize_have_the_names_and_defaults_of_maximize():
    options = {"n_generations": 2, "random_state": 0}
    by_name = minimize(function=valley, param_space=PLANE, **options)
    assert_same_candidates(by_name, minimize(valley, PLANE, **options))
    assert by_name.nfev == 10 + 2


def test_distribution_on_a_logarithmic_scale():
    result = minimize(lambda x: abs(np.log10(x) + 4), {"x": loguniform(1e-6, 1e6)}, random_state=0)
    assert result.fun < 0.5


class NeedsTwoError(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")


def breaks_in_a_way_of_its_own(x):
    raise NeedsTwoError(7, "infeasible")


def test_error_that_cannot_be_sent_is_told_as_a_text():
    with pytest.raises(NeedsTwoError, match="7: infeasible"):
        maximize(breaks_in_a_way_of_its_own, {"x": range(9)}, error_score="raise")
    with pytest.raises(RuntimeError, match="NeedsTwoError: 7: infeasible"):
        maximize(breaks_in_a_way_of_its_own, {"x": range(9)}, error_score="raise", n_jobs=2)


@pytest.mark.parametrize(
    "space",
    [
        [{"kernel": ["linear"]}, {"kernel": ["rbf"], "gamma": [1, 2]}],
        {"kernel": ["linear", "rbf"], "gamma": Conditional([1, 2], "kernel", "rbf")},
    ],
)
def test_argument_that_some_settings_lack_needs_a_default(space):
    called = []

    def needs_both(kernel, gamma):
        called.append(kernel)

    message = r"argument: 'gamma' in a setting of \['kernel'\]"
    with pytest.raises(InvalidParameterError, match=message):
        maximize(needs_both, space)
    assert not called
    assert maximize(lambda kernel, gamma=3: gamma, space).fun == 3


def test_argument_that_all_settings_have_needs_no_default():
    space = {"kernel": ["rbf", "poly"], "gamma": Conditional([1, 2], "kernel", ["rbf", "poly"])}
    assert maximize(lambda kernel, gamma: gamma, space).fun == 2


class Steps:
    """A distribution of 201 numbers in a row, each as likely as any other."""

    def ppf(self, q):
        return np.clip(np.ceil(np.asarray(q) * 201) - 1, 0, 200) / 200

    def cdf(self, x):
        return (np.floor(np.asarray(x) * 200 + 1e-9) + 1) / 201


@pytest.mark.parametrize("distribution", [Steps(), beta(0.1, 0.1)])
def test_quantiles_of_one_value_are_one_setting(distribution):
    result = maximize(lambda x: x, {"x": distribution}, max_evaluations=60, random_state=0)
    assert len({setting["x"] for setting in result.candidates["params"]}) == result.nfev == 60


@pytest.mark.parametrize("values", [range(10**18), randint(0, 10**18), range(2**63 - 1)])
def test_ranges_beyond_what_a_float_counts(values):
    last = 10**18 - 1
    options = {"max_evaluations": 80, "initial_params": {"x": last}, "random_state": 1}
    result = maximize(lambda x: min(x, last) / 1e18, {"x": values}, **options)
    drawn = [int(setting["x"]) for setting in result.candidates["params"]]
    assert drawn[0] == last
    assert len({x % 512 for x in drawn}) > 20 or not isinstance(values, range)
    if values != range(2**63 - 1):
        assert max(drawn) == last


def test_only_what_a_distribution_can_draw_is_called():
    values = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
    sparse = rv_discrete(values=(values, [1 / 7] * 7))
    result = maximize(lambda x: -abs(x - 1000), {"x": sparse}, max_evaluations=30, random_state=0)
    assert sorted(setting["x"] for setting in result.candidates["params"]) == values


@pytest.mark.parametrize(
    "options",
    [
        {"n_offspring": 10**9},
        {"population_size": 10**5, "n_offspring": None, "elite_fraction": 0.1},
    ],
)
def test_a_small_space_costs_little_even_if_far_more_children_are_asked_for(options):
    started = time.perf_counter()
    result = maximize(lambda x, y: x, {"x": range(6), "y": range(5)}, random_state=0, **options)
    assert result.nfev == 30
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_values_that_cannot_be_copied_are_handed_over(n_jobs):
    def root(library, x):
        return float(library.sqrt(x))

    result = maximize(root, {"library": [math, np], "x": [1, 4]}, n_jobs=n_jobs)
    assert result.fun == 2


@pytest.mark.parametrize(
    ("values", "given", "taken"),
    [
        (randint(1, 9), Fraction(4, 2), 2),
        (loguniform(0.1, 10), np.float32(1.5), 1.5),
    ],
)
def test_numbers_of_other_types_are_found(values, given, taken):
    result = maximize(lambda x: 1, {"x": values}, initial_params={"x": given}, max_evaluations=1)
    assert result.x == {"x": taken}


def test_an_integer_that_no_float_reaches_is_outside_of_floats():
    space = {"x": np.array([0.1, 0.5], dtype=np.float32)}
    with pytest.raises(InvalidParameterError, match="outside the space"):
        maximize(lambda x: x, space, initial_params={"x": 10**400})


class Sets:
    """Draws sets that are new each time, and three different ones."""

    def rvs(self, random_state=None):
        return set(range(random_state.randint(1, 4)))


def test_equal_sets_are_one_setting():
    assert maximize(len_of, {"x": Sets()}, max_evaluations=30).nfev == 3


def len_of(x):
    return len(x)


def test_texts_of_numpy_and_of_python_are_the_same():
    space = [{"x": np.array(["a", "b"])}, {"x": ["a", "b"]}]
    assert maximize(lambda x: ord(x), space).nfev == 2


def accuracy_of(model):
    return model.score(*DATA)


DATA = make_classification(60, random_state=0)


@pytest.mark.parametrize("kept", [False, True])
def test_fitted_models_of_the_same_parameters_are_different_values(tmp_path, kept):
    X, y = DATA
    models = [LogisticRegression().fit(X, target) for target in (1 - y, y)]
    memory = tmp_path if kept else None
    result = maximize(accuracy_of, {"model": models}, memory=memory, random_state=0)
    assert len(result.candidates["value"]) == 2
    assert result.x["model"] is models[1]
    for model in models:  # found again by what they have learned
        result = maximize(accuracy_of, {"model": [model]}, memory=memory, random_state=0)
        assert result.fun == accuracy_of(model)
    assert len(list(tmp_path.rglob("*.json"))) == (2 if kept else 0)
