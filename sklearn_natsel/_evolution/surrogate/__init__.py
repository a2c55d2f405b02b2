"""Models of the fitness, which choose the children that are trained."""
