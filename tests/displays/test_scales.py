"""The axis of one parameter."""

import numpy as np
import pytest

from sklearn_natsel._displays.columns import Column
from sklearn_natsel._displays.scales import height_of_names, scale_x, wrapped

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt


def axis_of(column):
    _, ax = plt.subplots()
    ax.plot(column.positions, np.zeros(len(column.positions)), "o")
    scale_x(ax, column)
    ax.figure.canvas.draw()
    return ax


def test_an_axis_has_the_name_of_its_parameter():
    assert axis_of(Column("depth", np.array([1.0, 2.0]))).get_xlabel() == "depth"


@pytest.mark.parametrize(("logarithmic", "scale"), [(True, "log"), (False, "linear")])
def test_the_column_tells_the_scale(logarithmic, scale):
    column = Column("C", np.array([0.01, 1.0, 100.0]), None, logarithmic)
    assert axis_of(column).get_xscale() == scale


@pytest.mark.parametrize("values", [[100, 300], [1.0e-5, 1.2e-5], [0.003, 0.1]])
def test_less_than_some_decades_have_marks_too(values):
    column = Column("C", np.array(values, dtype=float), None, True)
    ax = axis_of(column)
    low, high = ax.get_xlim()
    assert sum(low <= mark <= high for mark in ax.get_xticks()) >= 2


def test_categories_have_a_strip_each_and_many_are_not_all_named():
    few = axis_of(Column("kernel", np.array([0.0, 1.0]), ["linear", "rbf"]))
    assert [label.get_text() for label in few.get_xticklabels()] == ["linear", "rbf"]
    assert few.get_xlim() == (-0.5, 1.5)
    labels = [f"number {i}" for i in range(40)]
    many = axis_of(Column("number", np.arange(40.0), labels))
    named = [label.get_text() for label in many.get_xticklabels()]
    assert named == labels[:: len(labels) // len(named) + 1][: len(named)]
    assert len(named) <= 16


def test_names_take_room_as_they_are_turned():
    def height(*labels):
        return height_of_names(Column("x", np.zeros(1), list(labels)))

    assert height_of_names(Column("x", np.zeros(1))) == 0
    assert height("a", "b") == 0  # side by side
    assert 0 < height("linear", "polynomial", "rbf") < height(*["polynomial"] * 9)


def test_long_labels_are_broken_behind_underscores():
    assert wrapped("kernel") == "kernel"
    long = "columntransformer__simpleimputer__strategy"
    assert wrapped(long).replace("\n", "") == long
    assert max(map(len, wrapped(long).split("\n"))) <= 28
