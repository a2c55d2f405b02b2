"""Scores of any kind, for hypothesis."""

import math

from hypothesis import strategies as st

SCORES = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0])),
    min_size=1,
    max_size=12,
)
