"""Pictures of a search, and what a notebook shows of it: from its results alone.

All four displays are public; the search imports `summary_html`.
"""

from sklearn_natsel._displays.candidates import CandidatesDisplay
from sklearn_natsel._displays.evolution import EvolutionDisplay
from sklearn_natsel._displays.importance import ImportanceDisplay
from sklearn_natsel._displays.lineage import LineageDisplay
from sklearn_natsel._displays.summary import summary_html

__all__ = [
    "CandidatesDisplay",
    "EvolutionDisplay",
    "ImportanceDisplay",
    "LineageDisplay",
    "summary_html",
]
