"""Arrays and tables count by what they hold, however they lie in memory."""

import numpy as np
import pytest
from scipy import sparse

from sklearn_natsel._memory.fingerprint import fingerprint


def assert_equal_and_distinct(*groups):
    """Check that the members of each group are equal, and no group is like another one."""
    digests = [{fingerprint(member) for member in group} for group in groups]
    assert [len(group) for group in digests] == [1] * len(groups)
    assert len(set.union(*digests)) == len(groups)


class Measured(np.ndarray):
    """An array with a unit."""


def test_arrays_count_by_values_shape_and_type(tmp_path):
    X = np.random.default_rng(0).normal(size=(300, 4))
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    wide = np.zeros((600, 8))
    wide[::2, ::2] = X
    changed = X.copy()
    changed[-1, -1] += 1e-9
    assert_equal_and_distinct(
        [X, X.copy(), np.asfortranarray(X), mapped, wide[::2, ::2], X[::-1][::-1]],
        [changed],
        [X.T, np.ascontiguousarray(X.T)],
        [X.astype(np.float32)],
        [X.reshape(4, 300)],
        [X.ravel()],
        [X.view(Measured)],
        [np.zeros((0, 3))],
        [np.zeros((0, 4))],
    )


def test_arrays_that_are_larger_than_a_block_count_to_the_end(monkeypatch):
    monkeypatch.setattr("sklearn_natsel._memory.data._BLOCK", 1000)
    X = np.arange(5000.0).reshape(500, 10)
    changed = X.copy()
    changed[499, 9] = 0
    assert_equal_and_distinct([X, np.asfortranarray(X)], [np.asfortranarray(changed), changed])


def test_arrays_of_any_type():
    records = np.zeros(2, [("a", "i4"), ("b", "f8")])
    padded = np.zeros(2, np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"]}, align=True))
    padded.view(np.uint8)[1] = 7  # between the fields
    clean = np.zeros(2, padded.dtype)
    other = records.copy()
    other["b"] = 1
    mixed = np.array([1, "a", None, (2,)], object)
    assert_equal_and_distinct(
        [records, records.copy()],
        [padded, clean],
        [other],
        [mixed, mixed[::-1].copy()[::-1]],
        [np.array([1, "a", None, (3,)], object)],
        [np.array(["a", "b"])],
        [np.array(["2020"], "M8[Y]")],
        [np.array(["2020"], "M8[D]")],
        [np.array([1], ">i4")],
        [np.array([1], "<i4")],
    )


def test_masked_arrays_count_with_their_mask():
    X = np.arange(4.0)
    assert_equal_and_distinct(
        [np.ma.array(X, mask=[0, 1, 0, 0]), np.ma.array(X, mask=[0, 1, 0, 0])],
        [np.ma.array(X, mask=[1, 0, 0, 0])],
        [np.ma.array(X, mask=[1, 0, 0, 0], fill_value=3)],
    )


def test_sparse_matrices_count_by_what_they_hold():
    X = sparse.random(20, 5, 0.4, format="csr", random_state=0)
    mixed = X.copy()
    mixed.indices, mixed.data = mixed.indices.copy(), mixed.data.copy()
    first = slice(*mixed.indptr[:2])
    mixed.indices[first] = mixed.indices[first][::-1]
    mixed.data[first] = mixed.data[first][::-1]
    mixed.has_sorted_indices = False
    known = X.copy()
    assert known.has_canonical_format
    assert_equal_and_distinct(
        [X, X.copy(), mixed, known], [2 * X], [X.tocsc()], [sparse.csr_array(X)], [X.T.tocsr()]
    )


COLUMNS = ["a", "b", "text", "object", "kind", "whole", "string", "day"]
COLUMNS += ["zoned", "period", "interval", "thin"]


def make_frame():
    pd = pytest.importorskip("pandas")
    return pd.DataFrame(
        {
            "a": [1.0, 2.0, np.nan],
            "b": [1, 2, 3],
            "text": ["x", None, "z"],
            "object": np.array([(1,), None, "q"], object),
            "kind": pd.Categorical(["u", "v", "v"]),
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "string": pd.array(["s", None, "t"], dtype="string"),
            "day": pd.date_range("2020-01-01", periods=3),
            "zoned": pd.date_range("2020-01-01", periods=3, tz="UTC"),
            "period": pd.period_range("2020", periods=3),
            "interval": pd.interval_range(0, 3),
            "thin": pd.arrays.SparseArray([0, 0, 1]),
        }
    )


def test_a_frame_and_its_copies_are_equal():
    frame = make_frame()
    assembled = frame[["b"]].copy()
    for position, name in enumerate(frame.columns):
        if name != "b":
            assembled.insert(position, name, frame[name])
    assert not assembled.attrs  # makes an empty dict of them
    assert_equal_and_distinct([frame, frame.copy(), assembled, frame[frame.columns], make_frame()])


@pytest.mark.parametrize("column", COLUMNS)
def test_a_frame_counts_by_each_of_its_columns(column):
    frame = make_frame()
    assert list(frame.columns) == COLUMNS
    turned = frame.copy()
    turned[column] = frame[column].array[::-1]
    one = frame[[column]]
    series = frame[column]
    assert_equal_and_distinct([one, one.copy()], [series, series.copy()], [turned[column]])


def test_a_frame_counts_by_order_names_index_types_and_attributes():
    pd = pytest.importorskip("pandas")
    frame = make_frame()
    noted = frame.copy()
    noted.attrs["unit"] = "cm"
    kinds = frame["kind"]
    assert_equal_and_distinct(
        [frame],
        [frame[frame.columns[::-1]]],
        [frame.rename(columns={"a": "c"})],
        [frame.iloc[::-1]],
        [frame.set_axis([3, 4, 5])],
        [frame.set_axis(pd.MultiIndex.from_product([["r"], [1, 2, 3]]))],
        [frame.set_axis(pd.MultiIndex.from_product([["r"], [1, 2, 4]]))],
        [frame.astype({"b": "int32"})],
        [frame.astype({"b": "Int64"})],
        [frame.assign(kind=kinds.cat.reorder_categories(["v", "u"]))],
        [frame.assign(kind=kinds.cat.as_ordered())],
        [frame.assign(kind=kinds.cat.add_categories(["w"]))],
        [noted, noted.copy()],
    )


def test_frames_with_equal_names_for_columns():
    pd = pytest.importorskip("pandas")
    frames = [pd.DataFrame([row], columns=["a", "a"]) for row in ([1, 2.5], [2, 2.5], [1, 3.5])]
    assert_equal_and_distinct(*[[frame, frame.copy()] for frame in frames])


def test_frames_of_polars():
    pl = pytest.importorskip("polars")
    columns = {"a": [1, None], "b": ["x", "y"], "c": [1.0, 2.0]}
    frame = pl.DataFrame(columns)
    assert_equal_and_distinct(
        [frame, frame.clone(), pl.DataFrame(columns), pl.concat([frame[:1], frame[1:]])],
        [frame.rename({"a": "d"})],
        [frame.select("b", "a", "c")],
        [frame.reverse()],
        [frame.cast({"a": pl.Int32})],
        [frame.with_columns(pl.col("b").cast(pl.Categorical))],
        [frame.fill_null(0)],
        [frame["a"]],
        [frame["c"]],
    )


@pytest.mark.parametrize("kind", ["datetime64[ns]", "timedelta64[ns]", "time", "large"])
def test_numbers_of_polars_count_to_the_last_digit(kind):
    pl = pytest.importorskip("polars")
    make = {
        "time": lambda n: pl.Series([n, 3]).cast(pl.Time),
        "large": lambda n: pl.Series([2**100 + n], dtype=pl.Int128),
    }.get(kind, lambda n: pl.Series(np.array([n, 3], kind)))
    missing = [pl.concat([make(n), pl.Series([None], dtype=make(n).dtype)]) for n in (1, 2)]
    assert_equal_and_distinct([make(1), make(1)], [make(2)], *([each] for each in missing))
