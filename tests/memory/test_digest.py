"""Digests of graphs: the same wherever one begins, and whatever is shared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_natsel._memory.digest import Digester, Node, UnstableError


class Thing:
    def __init__(self, label, is_ordered=True):
        self.label, self.is_ordered, self.parts = label, is_ordered, []


def describe(thing, cloned):
    if thing.label == "bad":
        raise UnstableError("it is bad")
    return Node((thing.label,), [(f"part {p.label}", p) for p in thing.parts], thing.is_ordered)


def describe_unnamed(thing, cloned):
    return describe(thing, cloned)._replace(parts=[("", part) for part in thing.parts])


def digest(thing):
    return Digester(describe, ()).digest(thing, False)


def build(labels, edges):
    things = [Thing(label) for label in labels]
    for start, end in edges:
        things[start % len(things)].parts.append(things[end % len(things)])
    return things


graphs = st.tuples(
    st.lists(st.sampled_from("ab"), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=10),
)


@given(graphs, st.randoms())
def test_digests_do_not_depend_on_the_place_in_memory_or_on_where_one_begins(graph, random):
    labels, edges = graph
    one = build(labels, edges)
    two = build(labels, edges)
    order = list(range(len(labels)))
    random.shuffle(order)
    # One digester for all of them, in another order, against a new one for each.
    together = Digester(describe, ())
    found = {i: together.digest(two[i], False) for i in order}
    assert [found[i] for i in range(len(labels))] == [digest(thing) for thing in one]


def unfold(thing, depth):
    """Return all that can be seen from a thing within so many steps."""
    return thing.label, tuple(unfold(part, depth - 1) for part in thing.parts if depth)


@given(graphs, graphs)
def test_what_has_one_digest_looks_the_same_from_everywhere(one, two):
    first, second = build(*one)[0], build(*two)[0]
    if digest(first) == digest(second):
        assert unfold(first, 4) == unfold(second, 4)


def test_shared_parts_are_equal_parts():
    shared, parent, other = Thing("x"), Thing("p"), Thing("p")
    parent.parts = [shared, shared]
    other.parts = [Thing("x"), Thing("x")]
    assert digest(parent) == digest(other)


def test_the_order_of_parts_counts_where_it_is_one():
    for is_ordered in (True, False):
        one, two = Thing("p", is_ordered), Thing("p", is_ordered)
        one.parts = [Thing("x"), Thing("y")]
        two.parts = one.parts[::-1]
        unnamed = Digester(describe_unnamed, ())
        assert (unnamed.digest(one, False) == unnamed.digest(two, False)) is not is_ordered


def test_cycles_of_another_length_differ():
    rings = []
    for labels in ("aab", "aaab", "ab", "abab"):
        n = len(labels)
        rings.append(digest(build(labels, [(i, (i + 1) % n) for i in range(n)])[0]))
    assert len(set(rings[:3])) == 3


def test_errors_tell_the_way():
    things = build(["a", "b", "bad"], [(0, 1), (1, 2)])
    with pytest.raises(UnstableError, match=r"^part b: part bad: it is bad$"):
        digest(things[0])
