"""In which order the candidates of a generation are evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sklearn_natsel._evolution import Candidate
from sklearn_natsel._forest import Forest
from sklearn_natsel._space import Space

# Seconds of an evaluation below which ordering costs more than it saves.
_WORTH_ORDERING = 0.1


def longest_first(
    space: Space, candidates: Sequence[Candidate], seconds: Mapping[Candidate, float]
) -> list[Candidate]:
    """Order candidates by the time that they are expected to take.

    At the end of a generation workers wait for those that still run: the
    shorter the last fits, the shorter the wait. (It changes no result: the
    evolution knows candidates by the order of breeding.)

    Parameters
    ----------
    space : Space
        What their genomes stand for.

    candidates : list of Candidate
        To be evaluated.

    seconds : dict of Candidate -> float
        What earlier ones have taken.

    References
    ----------
    R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM Journal on
    Applied Mathematics 17(2), 1969.
    """
    if not seconds or np.median([*seconds.values()]) < _WORTH_ORDERING:
        return list(candidates)
    # A generator of its own: the search may not depend on how long anything takes.
    model = Forest(space, np.random.RandomState(0))
    model.fit([candidate.genome for candidate in seconds], np.array([*seconds.values()]))
    expected, _ = model.predict([candidate.genome for candidate in candidates])
    return [candidates[i] for i in np.argsort(-expected, kind="stable")]
