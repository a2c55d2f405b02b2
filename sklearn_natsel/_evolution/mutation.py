"""Mutate a genome."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sklearn_natsel._space import Genome, Space

GeneMutationRate = float | Literal["one"] | None


def mutate(
    genome: Genome,
    space: Space,
    rng: np.random.RandomState,
    *,
    gene_rate: GeneMutationRate,
    step_rate: float,
) -> Genome:
    """Change genes at random.

    Parameters
    ----------
    genome : Genome
        The setting to start from.

    gene_rate : float, None or "one"
        Chance of each gene to change that is active and has several values;
        None is 1 / number of such genes; "one" changes exactly one.

    step_rate : float
        Chance that the change of an ordered gene is a step to a near value; any
        other change draws another value of the gene.

    References
    ----------
    H. Mühlenbein and D. Schlierkamp-Voosen, "Predictive Models for the Breeder
    Genetic Algorithm I", Evolutionary Computation 1(1), 1993: the rate 1/n and
    the lengths of the steps.
    """
    alleles = list(genome)
    genes = [i for i in space.changeable if genome[i] is not None]
    if not genes:
        return genome
    if gene_rate == "one":
        changing = [genes[rng.randint(len(genes))]]
    else:
        chance = 1 / len(genes) if gene_rate is None else gene_rate
        changing = [i for i, u in zip(genes, rng.random_sample(len(genes))) if u < chance]
    for i in changing:
        domain = space.genes[i].domain
        steps = domain.ordered and rng.random_sample() < step_rate
        alleles[i] = domain.step(alleles[i], rng) if steps else domain.redraw(alleles[i], rng)
    return space.complete(alleles, rng)
