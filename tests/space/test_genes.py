import pytest
from scipy import stats
from sklearn.utils._param_validation import InvalidParameterError
from spaces import CHAIN

from sklearn_natsel import Conditional
from sklearn_natsel._space.space import Space


def test_genes_stand_in_the_order_of_the_dict_with_parents_first():
    assert [gene.name for gene in Space({"b": [1], "a": [2], "c": [3]}).genes] == ["b", "a", "c"]
    assert [gene.name for gene in Space(CHAIN).genes] == ["layer_1", "layer_2", "dropout"]
    late_parent = {"x": [1], "y": Conditional([1], "z", 1), "w": [1], "z": [1, 2]}
    assert [gene.name for gene in Space(late_parent).genes] == ["x", "z", "y", "w"]


@pytest.mark.parametrize(
    ("param_space", "parts"),
    [
        ([], ["at least one dict", "[]"]),
        ([{"a": [1]}, "b"], ["dict", "'b'"]),
        ([["a", [1]]], ["dict", "['a', [1]]"]),
        ("abc", ["dict", "'abc'"]),
        (5, ["dict", "5"]),
        (None, ["dict", "None"]),
        ({1: [1]}, ["strings", "1"]),
        ({"a": [1], ("b",): [1]}, ["strings", "('b',)"]),
        ({"a": []}, ["'a'", "at least one value", "[]"]),
        ({"a": [1], "b": "rbf"}, ["'b'", "'rbf'", "list"]),
        ({"a": 3}, ["'a'", "3", "list of one"]),
        ([{"a": [1]}, {"b": None}], ["'b'", "None", "list"]),
        ({"a": [1], "b": Conditional("rbf", "a", 1)}, ["'b'", "'rbf'", "list"]),
        ({"a": [1], "b": Conditional([], "a", 1)}, ["'b'", "at least one value"]),
        ({"a": stats.loguniform}, ["'a'", "frozen"]),
        ({"b": Conditional([1], "a", 1), "c": [1]}, ["'b'", "'a'", "not in the same space", "'c'"]),
        ([{"a": [1]}, {"b": Conditional([1], "a", 1)}], ["'b'", "'a'", "not in the same space"]),
        ({"a": Conditional([1], "a", 1)}, ["cycle", "a -> a"]),
        (
            {"a": Conditional([1], "b", 1), "b": Conditional([1], "a", 1)},
            ["cycle", "a -> b -> a"],
        ),
        (
            {
                "x": Conditional([1], "a", 1),
                "a": Conditional([1], "b", 1),
                "b": Conditional([1], "c", 1),
                "c": Conditional([1], "a", 1),
            },
            ["cycle", "a -> b -> c -> a"],
        ),
        ({"a": [1], "b": Conditional(Conditional([1], "a", 1), "a", 1)}, ["'b'", "list"]),
    ],
)
def test_a_bad_space_is_an_error_that_names_parameter_value_and_mend(param_space, parts):
    with pytest.raises(InvalidParameterError) as caught:
        Space(param_space)
    message = str(caught.value)
    assert "'param_space'" in message
    for part in parts:
        assert part in message
