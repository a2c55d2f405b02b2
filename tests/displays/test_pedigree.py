"""Who was bred from whom."""

from sklearn_natsel._displays.pedigree import inheritance, parents_of, pedigree

#  0 random   1 random   2 of 0 and 1   3 of 2 and 0   4 of 3 and 2
FAMILY = {"parent_1": [-1, -1, 0, 2, 3], "parent_2": [-1, -1, 1, 0, 2]}


def test_parents_are_two_or_none():
    assert parents_of(FAMILY, 0) == []
    assert parents_of(FAMILY, 4) == [3, 2]


def test_pedigree_goes_back_step_by_step():
    assert pedigree(FAMILY, 4, 0) == {(): 4}
    assert pedigree(FAMILY, 4, 1) == {(): 4, (0,): 3, (1,): 2}
    assert pedigree(FAMILY, 0, 5) == {(): 0}


def test_pedigree_follows_the_same_ancestor_once():
    rows = pedigree(FAMILY, 4, 9)
    assert rows[0, 0] == rows[1,] == 2
    assert (1, 0) in rows
    assert (0, 0, 0) not in rows


def test_values_come_from_the_parents_that_have_them():
    sources = inheritance({"n": 1, "flag": True, "new": 0}, [{"n": 1.0, "flag": 1}, {"flag": True}])
    assert sources == {"n": {0}, "flag": {1}, "new": set()}
