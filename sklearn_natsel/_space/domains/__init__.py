"""The values that one gene can take, by the form in which a space tells them.

An *allele* is the form in which a genome holds a value: small, hashable and
cheap to draw, step and compare. Each domain maps between alleles and values:

=====================  ==============================  ======================
``param_space`` entry  domain                          allele
=====================  ==============================  ======================
list, tuple, array     :class:`Choices`                index into the list
range, very long       :class:`LongRange`              index into the range
continuous, ``ppf``    :class:`ContinuousDistribution` quantile in (0, 1)
discrete, ``ppf``      :class:`IntegerDistribution`    the integer
the same, all equal    :class:`EvenIntegers`           the integer
``rvs`` alone          :class:`AnyDistribution`        the value, wrapped
=====================  ==============================  ======================

The index keeps ``1``, ``1.0`` and ``True`` apart and lets unhashable values be
choices; the quantile makes ``loguniform`` evolve on its log scale.
"""

from sklearn_natsel._space.domains.base import Allele, Domain, is_enumerable
from sklearn_natsel._space.domains.lists import Choices, may_overlap
from sklearn_natsel._space.domains.make import make_domain

__all__ = ["Allele", "Choices", "Domain", "is_enumerable", "make_domain", "may_overlap"]
