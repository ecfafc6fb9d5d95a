"""Who neighbours whom: symmetric (n, n) matrices that are above 0 for neighbours."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from la_crime.stats.arrays import Ints


def pieces(adjacency: Any) -> Ints:
    """The number (n,), from 0, of the piece of the map that each place hangs together with."""
    return connected_components(adjacency, directed=False)[1]


def among(adjacency: csr_array, is_kept: Any) -> csr_array:
    """The (m, m) adjacency of the m places that are kept (n,) of n, passing through the others.

    Two are neighbours if they are so in `adjacency` (n, n), or if a way over places that are not
    kept leads from one to the other. What hung together still does.
    """
    is_kept = np.asarray(is_kept, dtype=bool)
    from_kept, others = adjacency[is_kept], np.flatnonzero(~is_kept)
    gap = pieces(adjacency[others][:, others]) if len(others) else others
    in_gap = csr_array((np.ones(len(others)), (np.arange(len(others)), gap)), (len(others),) * 2)
    beside = from_kept[:, others] @ in_gap
    found = csr_array(from_kept[:, is_kept] + beside @ beside.T)
    found.setdiag(0)
    found.eliminate_zeros()
    return found
