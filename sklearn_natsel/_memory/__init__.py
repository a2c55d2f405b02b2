"""Finished results on disk, and what a result is found by.

A `ResultsStore` keeps them in a folder by the fingerprint of what they depend on. Others import
the names below.
"""

from sklearn_natsel._memory.files import write_whole
from sklearn_natsel._memory.store import ResultsStore, open_store

__all__ = ["ResultsStore", "open_store", "write_whole"]
