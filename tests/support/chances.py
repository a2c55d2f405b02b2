"""Whether what was drawn by chance could have been."""

import numpy as np
from scipy import stats


def agrees(counts, chances):
    """Whether counts could be draws with these chances."""
    expected = np.asarray(chances) * counts.sum()
    return stats.chisquare(counts, expected).pvalue > 1e-3
