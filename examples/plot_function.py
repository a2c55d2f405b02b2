"""
==================
Any function
==================

`maximize` evolves the arguments of a function as the search evolves the parameters of an estimator.
Two puzzles whose answers are known.
"""

# %%
# The largest quotient
# --------------------
# Two numbers from 1 to 9999: x should be large, y small. There are about a hundred million pairs.

import matplotlib.pyplot as plt

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, maximize


def quotient(x, y):
    """Return what should be large."""
    return x / y


space = {"x": range(1, 10000), "y": range(1, 10000)}
result = maximize(quotient, space, n_generations=100, target=9999, random_state=0)
print(result.x, result.fun)
print(f"{result.nfev} pairs in {result.nit} generations. {result.message}")

# %%
# How the best quotient grew, and all pairs that were tried:

EvolutionDisplay.from_result(result, x="evaluations", score_name="Quotient")
plt.show()

# %%
CandidatesDisplay.from_result(result, param_space=space, score_name="Quotient")
plt.show()

# %%
# OneMax
# ------
# As many ones as possible among a hundred bits: the classic exercise of genetic algorithms. A
# hundred arguments are taken as ``**bits``. The function costs nothing, so nor should the choice
# of what to evaluate: no surrogate. Uniform crossover mixes the bits of two parents; the other
# kind cuts both at a random point.


def count_ones(**bits):
    """Return the number of ones."""
    return sum(bits.values())


bits = {f"bit_{i}": [0, 1] for i in range(100)}
figure, ax = plt.subplots(layout="constrained")
for crossover in ("uniform", "single_point"):
    result = maximize(
        count_ones,
        bits,
        surrogate=False,
        crossover=crossover,
        target=100,
        max_evaluations=10_000,
        random_state=0,
    )
    print(
        f"{crossover:12}  {result.fun:.0f} ones after {result.nfev} evaluations. {result.message}"
    )
    EvolutionDisplay.from_result(
        result, ax=ax, name=crossover, x="evaluations", score_name="Ones among 100 bits"
    )
plt.show()
