"""Nothing of it goes into copies."""

import copy
import pickle

from sklearn_natsel.keras._population.forgotten import Forgotten


def test_what_is_forgotten_is_no_part_of_copies():
    known = Forgotten(a=1)
    assert pickle.loads(pickle.dumps(known)) == copy.deepcopy(known) == {}
    assert known == {"a": 1}
