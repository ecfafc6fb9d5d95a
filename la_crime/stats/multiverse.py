"""Tiers under every defensible way to make them: whether a place stays where it was.

Source of the idea: Steegen, Tuerlinckx, Gelman & Vanpaemel (2016), "Increasing transparency
through a multiverse analysis", Perspect. Psychol. Sci. 11(5).
"""

from typing import Any

import numpy as np

from la_crime.stats.arrays import Ints


def same_position(ranks: Ints, k: int, headline: Ints, headline_k: int) -> Any:
    """Whether ranks 1..k stand where headline ranks 1..headline_k stand; both broadcast.

    Rank r of k stands at (r - 1/2) / k on the way from the highest tier to the lowest, and agrees
    with a headline tier than which no other is nearer. So of three or five tiers the middle one
    agrees with both middle ones of four; for equal k it is equality.
    """
    # In halves of 1 / (k * headline_k), all whole numbers: no rounding can break a tie.
    distance = np.abs((2 * ranks - 1) * headline_k - (2 * headline - 1) * k)
    tiers = np.arange(1, headline_k + 1)
    nearest = np.abs((2 * np.arange(1, k + 1)[:, None] - 1) * headline_k - (2 * tiers - 1) * k)
    return distance == nearest.min(axis=1)[ranks - 1]
