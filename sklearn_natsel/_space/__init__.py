"""The search space: which values each parameter can take, and when two values are the same.

A `Space` turns a ``param_space`` into genes, and genomes into settings. Others import the names
below.
"""

from sklearn_natsel._space.conditional import Conditional
from sklearn_natsel._space.domains.base import is_enumerable
from sklearn_natsel._space.equality import (
    as_float,
    callbacks_of,
    distinct,
    has_own_clone,
    is_number,
    kept_callbacks,
    kept_texts,
    same_value,
    value_key,
)
from sklearn_natsel._space.generator import own_generator
from sklearn_natsel._space.lograndint import lograndint
from sklearn_natsel._space.parameter_names import can_be_set, check_names, check_values
from sklearn_natsel._space.space import Genome, Space

__all__ = [
    "Conditional",
    "Genome",
    "Space",
    "as_float",
    "callbacks_of",
    "can_be_set",
    "check_names",
    "check_values",
    "distinct",
    "has_own_clone",
    "is_enumerable",
    "is_number",
    "kept_callbacks",
    "kept_texts",
    "lograndint",
    "own_generator",
    "same_value",
    "value_key",
]
