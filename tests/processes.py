"""Looks at processes from outside, by what Linux tells of them."""

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


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
