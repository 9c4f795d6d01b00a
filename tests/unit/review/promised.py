"""What the tests of promises share: scipy's limit, rows, and the rule of section 10 read line by line."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import beta, binom

DELTA = 0.05


def limit(k, n, delta):
    """The upper limit of Clopper and Pearson, from scipy."""
    return 1.0 if k == n else beta.isf(delta, k + 1, n - k)


def drawn(seed, n):
    """Calibrated scores on thousandths, some of them missing, some outcomes unknown."""
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 1001, n) / 1000
    label = (rng.random(n) < score).astype(np.int8)
    label[rng.random(n) < 0.1] = 2
    score[rng.random(n) < 0.05] = np.nan
    return score, label


def sequence_by_hand(k, n, alpha, delta):
    """Section 10, line by line, with scipy's tail."""
    fewest = math.ceil(math.log(delta) / math.log(1 - alpha) - 1e-12)
    p_values, found = [None] * len(k), None
    for i in range(len(k)):
        if n[i] < fewest:
            continue
        p_values[i] = binom.cdf(k[i], n[i], alpha)
        if p_values[i] > delta:
            break
        found = i
    return found, p_values
