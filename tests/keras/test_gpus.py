"""Workers and GPUs: these are pretended, the processes and their ends are real."""

import errno
import fcntl
import os
import subprocess
import sys

import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

from sklearn_natsel.keras import _gpus
from sklearn_natsel.keras._gpus import lease_gpu, visible_gpus

# The module alone, without Keras, so that it starts at once.
WORKER = """
import runpy, sys
lease_gpu = runpy.run_path(sys.argv[1])["lease_gpu"]
print(lease_gpu(sys.argv[2].split(",")), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a process with a GPU; all are ended after the test."""
    started = []

    def start(gpus):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, _gpus.__file__, gpus],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_each_has_its_own_as_long_as_there_are_enough(start):
    taken = [start("5,7,MIG-GPU-8f/1/0") for _ in range(4)]
    assert [gpu for _, gpu in taken] == ["5", "7", "MIG-GPU-8f/1/0", "5"]
    process, freed = taken[1]
    process.kill()
    process.wait()
    assert start("5,7,MIG-GPU-8f/1/0")[1] == freed


def test_searches_at_the_same_time_share_the_list(start):
    assert start("0,1")[1] == "0"
    assert start("1,0")[1] == "1"
    assert start("0,1,2")[1] == "2"


@pytest.mark.parametrize(
    ("named", "expected"),
    [("", []), ("-1", []), ("2", ["2"]), ("0, 3", ["0", "3"]), ("4,-1,5", ["4"])],
)
def test_what_the_user_hides_is_not_taken(monkeypatch, named, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_gpus() == expected


def test_without_a_word_of_the_user_there_are_those_of_the_machine(monkeypatch, tmp_path):
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(_gpus, "Path", lambda path: tmp_path)
    assert visible_gpus() == ["0", "1"]


def test_without_locks_there_is_one_nevertheless(monkeypatch, tmp_path):
    def flock(file, operation):
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(_gpus.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(fcntl, "flock", flock)
    assert lease_gpu(["0", "1"]) in ("0", "1")
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    assert lease_gpu(["0", "1"]) in ("0", "1")


def test_where_nothing_can_be_written_there_is_one_nevertheless(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(_gpus.tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    assert lease_gpu(["0", "1"]) in ("0", "1")
