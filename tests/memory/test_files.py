"""Files appear whole or not at all."""

import os

import pytest

from sklearn_natsel._memory.files import write_whole


def test_a_file_is_written_with_its_folder_and_replaced(tmp_path):
    path = tmp_path / "a" / "b" / "file.json"
    for text in ("one", "zw\u00f6lf"):
        write_whole(path, text)
        assert path.read_text("utf-8") == text
    assert os.listdir(path.parent) == ["file.json"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file.json"
    write_whole(path, "old")

    def fail(source, target):
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.json"]
