"""The parts of the mitigation trials: weights, transformed columns, cuts and constraints, and how all are judged."""
