import numpy as np
import pytest
from scipy import stats
from sklearn.svm import SVC
from sklearn.utils._param_validation import InvalidParameterError
from spaces import RandomState

from sklearn_natsel import maximize
from sklearn_natsel._space.domains.lists import Choices
from sklearn_natsel._space.domains.make import make_domain


@pytest.mark.parametrize("values", [[0.1, 0.5], [1, 1.5, 2], [1, 2, 2.5, 3], [0.5, 1, 2, 3]])
def test_a_discrete_distribution_of_fractions_is_drawn_as_it_says(values):
    distribution = stats.rv_discrete(values=(values, [1 / len(values)] * len(values)))
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    assert {domain.decode(domain.draw(rng)) for _ in range(100)} == set(values)
    assert domain.decode(domain.encode(values[1])) == values[1]


@pytest.mark.parametrize("values", [range(-(2**62), 2**62), stats.randint(-(2**62), 2**62)])
def test_integers_that_are_too_many_to_be_drawn_are_an_error(values):
    with pytest.raises(InvalidParameterError, match=r"'x' entry .* must have less than 2\*\*63"):
        make_domain("x", values)


@pytest.mark.parametrize(
    "distribution",
    [stats.zipf(1.2), stats.zipf(1.01), stats.logser(0.999), stats.yulesimon(0.5)],
    ids=lambda frozen: frozen.dist.name,
)
def test_a_tail_so_long_that_scipy_finds_no_quantiles_is_drawn_by_rvs(distribution):
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    drawn = [domain.decode(domain.draw(rng)) for _ in range(100)]
    # Some versions of scipy find those of logser.
    assert not domain.ordered or distribution.dist.name == "logser"
    assert len(set(drawn)) > 20
    assert drawn == [domain.decode(allele) for allele in map(domain.encode, drawn)]


def test_discrete_distribution_of_infinite_variance_is_drawn_from():
    domain = make_domain("x", stats.zipf(2.1))
    assert domain.decode(domain.draw(np.random.RandomState(0))) >= 1
    assert not domain.ordered


@pytest.mark.parametrize(
    ("values", "value", "mend"),
    [
        ("rbf", "'rbf'", "list"),
        (b"rbf", "b'rbf'", "list"),
        (3, "3", "list of one"),
        (0.5, "0.5", "list of one"),
        (None, "None", "list"),
        (True, "True", "list"),
        ({"a": 1}, "{'a': 1}", "list"),
        ({"a"}, "{'a'}", "list"),
        (frozenset("a"), "frozenset", "list"),
        ((i for i in "ab"), "generator", "list"),
        (SVC(), "SVC()", "list"),
        (len, "built-in function len", "list"),
        ([], "[]", "at least one value"),
        ((), "()", "at least one value"),
        (np.array([]), "[]", "at least one value"),
        (np.eye(2), "(2, 2)", "one-dimensional"),
        (np.array(3), "()", "one-dimensional"),
        (stats.loguniform, "reciprocal_gen", "frozen distribution, for instance loguniform(1e-3"),
        (stats.randint, "randint_gen", "frozen distribution"),
        (stats.loguniform(10, 1), "NaN", "order and the sign"),
        (stats.uniform(0, -1), "NaN", "order and the sign"),
        (stats.randint(5, 1), "NaN", "order and the sign"),
    ],
    ids=lambda argument: None if isinstance(argument, str) else type(argument).__name__,
)
def test_a_bad_entry_is_an_error_that_names_parameter_value_and_mend(values, value, mend):
    with pytest.raises(InvalidParameterError) as caught:
        make_domain("svc__C", values)
    message = str(caught.value)
    assert "'svc__C'" in message
    assert "'param_space'" in message
    assert value in message
    assert mend in message


class DrawsAsItLikes:
    def rvs(self, size=None):
        return 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (DrawsAsItLikes(), r"'x' entry .* must have a method rvs that takes .* random_state"),
        (DrawsAsItLikes, r"'x' entry .* must be a list .* or a distribution .* Got <class"),
        (type(stats.norm), r"'x' entry .* must be a list .* or a distribution .* Got <class"),
    ],
)
def test_what_cannot_be_drawn_from_is_told_with_its_name(entry, message):
    with pytest.raises(InvalidParameterError, match=message):
        make_domain("x", entry)


def test_an_object_that_follows_the_protocol_is_a_domain_as_it_is():
    domain = Choices([1, 5, 9])
    assert make_domain("x", domain) is domain
    result = maximize(lambda x: x, {"x": domain}, random_state=0)
    assert result.x == {"x": 9}


def test_members_of_tensors_and_arrow_arrays_are_numbers():
    torch, arrow = pytest.importorskip("torch"), pytest.importorskip("pyarrow")
    for values in (torch.tensor([0.5, 2.0]), arrow.array([0.5, 2.0])):
        domain = make_domain("C", values)
        assert [domain.decode(allele) for allele in domain.alleles()] == [0.5, 2.0]
        assert all(type(domain.decode(allele)) is float for allele in domain.alleles())
    names = make_domain("kernel", arrow.array(["rbf", "linear"]))
    assert [names.decode(allele) for allele in names.alleles()] == ["rbf", "linear"]
