"""Looks at processes from outside, by what Linux tells of them."""

import time
from pathlib import Path


def children_of(pid):
    """Return the processes that a process has started and that still run."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has just ended
        if int(parent) == pid and state != "Z":
            children.append(int(stat.parent.name))
    return children


def workers_of(pid):
    """Return the worker processes that joblib has started for a process."""
    return [child for child in children_of(pid) if b"LokyProcess" in _command(child)]


def wait_for_end(pids, seconds=30):
    """Wait until none of the processes is left."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"orphans: {left}"
        time.sleep(0.05)


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
