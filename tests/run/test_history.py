import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from number_estimator import X, search_of, y
from plain_evaluator import whole

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.candidates import Candidate
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._run.history import History, ancestry_columns, diversity, progress_line
from sklearn_natsel._space.space import Space

NAN, INF = math.nan, math.inf
COLUMNS = {
    "generation",
    "n_evaluated",
    "n_reused",
    "n_failed",
    "n_evaluations",
    "best",
    "mean",
    "std",
    "min",
    "max",
    "best_so_far",
    "diversity",
    "seconds",
}


def make_evolution(values=range(1000), **parameters):
    parameters = {
        "population_size": 4,
        "n_offspring": 2,
        "elite_fraction": 1.0,
        "lucky_rate": 0.0,
        "surrogate": False,
        **parameters,
    }
    return Evolution(Space({"x": values}), np.random.RandomState(0), **parameters)


def record_generations(evolution, history, fitness_of_generations):
    """Evolve with the given fitness, in the order of breeding; return the rows."""
    rows = []
    for seconds, fitness in enumerate(fitness_of_generations):
        asked = evolution.ask()
        for candidate, value in zip(asked, fitness):
            evolution.tell(candidate, value)
        rows.append(
            history.record(evolution, [whole(c, f) for c, f in zip(asked, fitness)], float(seconds))
        )
    return rows


def members(*genomes):
    return [Candidate(i, tuple(genome), {}, 0, "random", ()) for i, genome in enumerate(genomes)]


def test_nothing_is_known_before_the_first_row():
    history = History()
    assert history.rows == []
    assert math.isnan(history.best)
    assert history.n_evaluations == 0


def test_a_row_describes_the_generation_and_the_population():
    history = History()
    first, second, third = record_generations(
        make_evolution(), history, [[1.0, 4.0, 2.0, 3.0], [0.0, 6.0], [2.5, 5.0]]
    )
    assert set(first) == COLUMNS
    assert history.rows == [first, second, third]
    assert [row["generation"] for row in history.rows] == [0, 1, 2]
    assert [row["n_evaluated"] for row in history.rows] == [4, 2, 2]
    assert [row["n_evaluations"] for row in history.rows] == [4, 6, 8]
    assert [row["n_failed"] for row in history.rows] == [0, 0, 0]
    assert [row["seconds"] for row in history.rows] == [0.0, 1.0, 2.0]
    # The best of the generation, of the population and of all.
    assert [row["best"] for row in history.rows] == [4.0, 6.0, 5.0]
    assert [row["max"] for row in history.rows] == [4.0, 6.0, 6.0]
    assert [row["best_so_far"] for row in history.rows] == [4.0, 6.0, 6.0]
    # Who is alive: 1 to 4; then 2, 3, 4, 6; then 3, 4, 5, 6.
    assert [row["min"] for row in history.rows] == [1.0, 2.0, 3.0]
    assert [row["mean"] for row in history.rows] == [2.5, 3.75, 4.5]
    assert [row["std"] for row in history.rows] == pytest.approx(
        [np.std([1, 2, 3, 4]), np.std([2, 3, 4, 6]), np.std([3, 4, 5, 6])]
    )
    assert history.best == 6.0
    assert history.n_evaluations == 8


def test_best_so_far_outlives_a_population_without_elites():
    evolution = make_evolution(elite_fraction=0.0, n_offspring=4)
    history = History()
    rows = record_generations(evolution, history, [[9.0, 1.0, 1.0, 1.0], [2.0, 2.0, 3.0, 2.0]])
    assert rows[1]["max"] == 3.0
    assert rows[1]["best_so_far"] == 9.0


def test_failures_are_counted_and_left_out_of_the_statistics():
    history = History()
    first, second = record_generations(
        make_evolution(), history, [[NAN, 4.0, NAN, 2.0], [NAN, 6.0]]
    )
    assert [first["n_failed"], second["n_failed"]] == [2, 1]
    assert [first["n_evaluated"], second["n_evaluated"]] == [4, 2]
    assert [first["best"], first["mean"], first["min"], first["max"]] == [4.0, 3.0, 2.0, 4.0]
    assert first["std"] == 1.0
    assert second["mean"] == 4.0


def test_generations_that_fail_entirely_have_nan_and_keep_what_was_best():
    history = History()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = record_generations(make_evolution(), history, [[NAN] * 4, [3.0, NAN], [NAN] * 2])
    first, second, third = rows
    assert all(math.isnan(first[c]) for c in ("best", "mean", "std", "min", "max", "best_so_far"))
    assert first["n_failed"] == 4
    assert second["best_so_far"] == 3.0
    assert math.isnan(third["best"])
    assert third["best_so_far"] == third["max"] == history.best == 3.0


@pytest.mark.parametrize("worst", [-INF, INF])
def test_infinite_scores_do_not_warn(worst):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = record_generations(make_evolution(), History(), [[worst, 1.0, 2.0, NAN]])
    assert rows[0]["best"] == max(worst, 2.0)
    assert rows[0]["min"] == min(worst, 1.0)
    assert rows[0]["mean"] == worst


def test_the_largest_scores_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = record_generations(make_evolution(), History(), [[1.7e308, 1.6e308, -1.7e308]])
    assert rows[0]["best"] == 1.7e308


def test_a_generation_that_was_cut_short_counts_what_was_evaluated():
    history = History()
    rows = record_generations(make_evolution(), history, [[1.0, 2.0], [3.0]])
    assert [row["n_evaluated"] for row in rows] == [2, 1]
    assert [row["n_evaluations"] for row in rows] == [2, 3]
    assert [row["mean"] for row in rows] == [1.5, 2.0]


def test_reused_children_are_counted_by_generation():
    evolution = make_evolution(values=range(16), n_offspring=2)
    history = History()
    reused, before = [], 0
    for _ in range(7):
        row = record_generations(evolution, history, [[1.0] * 4])[0]
        assert row["n_reused"] == evolution.n_reused - before
        before = evolution.n_reused
        reused.append(row["n_reused"])
    # Children of a crowded space are often known already.
    assert np.count_nonzero(reused) > 2


def test_columns_are_equally_long_arrays():
    history = History()
    record_generations(make_evolution(), history, [[1.0, NAN, 2.0, 3.0], [0.0, 6.0], [NAN, NAN]])
    columns = history.as_arrays()
    assert set(columns) == COLUMNS
    for name, column in columns.items():
        assert isinstance(column, np.ndarray)
        assert column.shape == (3,)
        assert column.dtype.kind == ("i" if name.startswith(("n_", "generation")) else "f")
        np.testing.assert_array_equal(column, [row[name] for row in history.rows])


def test_columns_are_a_data_frame():
    pd = pytest.importorskip("pandas")
    history = History()
    record_generations(make_evolution(), history, [[1.0, NAN, 2.0, 3.0], [0.0, 6.0], [NAN, NAN]])
    frame = pd.DataFrame(history.as_arrays())
    assert frame.shape == (3, len(COLUMNS))
    assert frame["best_so_far"].tolist() == [3.0, 6.0, 6.0]


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        ([], 0.0),
        ([(1, 2)], 0.0),
        ([(1, 2), (1, 2)], 0.0),
        ([(1, 2), (3, 4)], 1.0),
        ([(1, 2), (1, 4)], 0.5),
        ([(1,), (1,), (2,)], 2 / 3),
        ([(1,), (2,), (3,)], 1.0),
        ([(1, None), (1, None)], 0.0),
        ([(1, None), (1, 5)], 0.5),
        ([(0.25, "a", 1), (0.5, "a", 1), (0.25, "b", 1)], (2 / 3 + 2 / 3 + 0) / 3),
    ],
)
def test_diversity_of_small_populations(population, expected):
    assert diversity(members(*population)) == pytest.approx(expected)


@given(
    genomes=st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.tuples(*[st.sampled_from([None, 0, 1, 2])] * n), min_size=2, max_size=8
        )
    )
)
@settings(max_examples=100, deadline=None)
def test_diversity_is_the_share_of_genes_in_which_two_members_differ(genomes):
    pairs = itertools.combinations(genomes, 2)
    expected = np.mean([[a != b for a, b in zip(one, other)] for one, other in pairs])
    found = diversity(members(*genomes))
    assert found == pytest.approx(expected)
    assert 0 <= found <= 1


def test_diversity_falls_as_a_population_converges():
    space = Space(
        {
            "kernel": ["linear", "rbf"],
            "C": range(100),
            "gamma": Conditional(range(100), "kernel", "rbf"),
        }
    )
    evolution = Evolution(
        space, np.random.RandomState(0), population_size=20, n_offspring=20, elite_fraction=1.0
    )
    history = History()
    for _ in range(15):
        asked = evolution.ask()
        for candidate in asked:
            evolution.tell(
                candidate,
                sum(
                    v for v in candidate.params.values() if v is not None and not isinstance(v, str)
                ),
            )
        history.record(evolution, [whole(c, c.fitness) for c in asked], 0.0)
    found = history.as_arrays()["diversity"]
    assert found[0] > 0.7
    assert found[-1] < found[0] - 0.1


def test_parent_that_was_not_evaluated_has_no_row():
    def candidate(index, *parents):
        return Candidate(index, (0,), {}, 0, "crossover", parents)

    columns = ancestry_columns([candidate(1), candidate(3, 0, 1), candidate(4, 1, 3)])
    assert columns["parent_1"] == [-1, -1, 0]
    assert columns["parent_2"] == [-1, 0, 1]


def test_a_line_tells_of_a_generation():
    history = History()
    first, second = record_generations(make_evolution(), history, [[1.0, 4.0, 2.0, 3.0], [NAN] * 2])
    assert progress_line(first) == (
        "Generation 0: 4 evaluated (4 in all), best so far 4, population 2.5 +- 1.1, 0.0 s"
    )
    assert progress_line(second).startswith(
        "Generation 1: 2 evaluated, 2 of them failed (6 in all), best so far 4,"
    )


def test_history_is_what_happened():
    pd = pytest.importorskip("pandas")
    search = search_of(n_generations=6, population_size=5).fit(X, y)
    table = pd.DataFrame(search.evolution_history_)
    results = pd.DataFrame(search.cv_results_)
    assert table.shape[0] == 6
    assert list(table["generation"]) == list(range(6))
    newest = results.groupby("generation")["mean_test_score"].max()
    np.testing.assert_array_equal(table["best"], newest)
    np.testing.assert_array_equal(table["best_so_far"], np.maximum.accumulate(newest))
    assert (table["min"] <= table["mean"]).all()
    assert (table["mean"] <= table["max"]).all()
    assert (table["std"] >= 0).all()
    assert table["diversity"].between(0, 1).all()
    assert table["seconds"].is_monotonic_increasing
    assert not table.isna().any(axis=None)
