"""What all pictures share."""

import subprocess
import sys

import pytest

from sklearn_natsel._displays.axes import axes_or_new, literal, load_pyplot, whole_numbers

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt


def test_given_axes_are_kept_and_new_ones_have_a_figure():
    _, given = plt.subplots()
    assert axes_or_new(given) is given
    new = axes_or_new(None, figsize=(3, 2))
    assert new.figure is not given.figure
    assert tuple(new.figure.get_size_inches()) == (3, 2)


def test_dollars_are_written_as_they_are():
    ax = axes_or_new(None)
    text = ax.set_title(literal("a $x$ and $y$"))
    assert text._preprocess_math(text.get_text()) == ("a $x$ and $y$", False)


def test_only_whole_numbers_are_marked():
    ax = axes_or_new(None)
    ax.plot([0, 2], [0, 1])
    ax.xaxis.set_major_locator(whole_numbers())
    ax.figure.canvas.draw()
    assert all(float(mark).is_integer() for mark in ax.get_xticks())


def test_without_matplotlib_the_mend_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'sklearn-natsel\[plot\]'"):
        load_pyplot()


def test_matplotlib_is_loaded_by_the_first_picture_alone():
    code = "import sys, sklearn_natsel; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
