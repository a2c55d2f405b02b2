"""In which order the candidates of a generation are evaluated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sklearn_natsel._evolution import Candidate, Forest
from sklearn_natsel._space import Space

# Seconds of an evaluation below which ordering costs more than it saves.
_WORTH_ORDERING = 0.1

# The times of more than the latest cost more than they tell.
_MAX_SETTINGS = 200


def longest_first(
    candidates: Sequence[Candidate], earlier: Sequence[Candidate], space: Space
) -> list[Candidate]:
    """Order candidates by the time that they are expected to take.

    At the end of a generation workers wait for those that still run: the
    shorter the last fits, the shorter the wait. (It changes no result: the
    evolution knows candidates by the order of breeding.)

    Parameters
    ----------
    candidates : list of Candidate
        To be evaluated.

    earlier : list of Candidate
        Those that were evaluated, and what they have taken.

    space : Space
        Where all of them come from.

    References
    ----------
    R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM Journal on
    Applied Mathematics 17(2), 1969.
    """
    known = [c for c in earlier if not np.isnan(c.seconds)][-_MAX_SETTINGS:]
    seconds = np.array([candidate.seconds for candidate in known])
    if not known or np.median(seconds) < _WORTH_ORDERING:
        return list(candidates)
    # A generator of its own: the search may not depend on how long anything takes.
    model = Forest(space, np.random.RandomState(0))
    model.fit([candidate.genome for candidate in known], seconds)
    expected, _ = model.predict([candidate.genome for candidate in candidates])
    return [candidates[i] for i in np.argsort(-expected, kind="stable")]
