"""K-means of one feature: the best partition there is, for every k and many sets at once."""

from collections.abc import Iterator, Sequence

import numpy as np

from la_crime.stats.arrays import Bools, Floats, Ints


def interval_partitions(values: Floats, k_max: int, weights: Floats | None = None) -> Ints:
    """Optimal K-means labels (k_max, sets, n) of each row of `values` (sets, n), for k = 1..k_max.

    Labels count from 0, the lowest values; equal values share a cluster. Where fewer than k
    values differ there are as many clusters as those. `weights` (sets, n), 1 if not given, say how
    often each value counts; -1 labels a value of weight 0, which is in no cluster.
    Raises ValueError for a k_max below 1. Sources: Wang & Song (2011), "Ckmeans.1d.dp", R Journal
    3(2), for the dynamic programme; Grønlund et al. (2017), "Fast exact k-means, k-medians and
    Bregman divergence clustering in 1D", arXiv:1701.07204, for halving, in O(k n log n) a set.
    """
    return _partitions(values, k_max, weights, range(1, k_max + 1))


def interval_partition(values: Floats, k: int, weights: Floats | None = None) -> Ints:
    """The labels (sets, n) that `interval_partitions` has for `k` alone."""
    return _partitions(values, k, weights, [k])[0]


def _partitions(values: Floats, k_max: int, weights: Floats | None, ks: Sequence[int]) -> Ints:
    if k_max < 1:
        raise ValueError(f"k-means needs k of 1 or more, got {k_max}")
    weights = np.ones(values.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if values.size == 0:
        return np.empty((len(ks), *values.shape), dtype=np.int64)
    position, distinct, weight, moment = _distinct_values(values, weights)
    begins = _last_begins(distinct, weight, moment, k_max)
    is_clustered = weights > 0
    return np.array([_labels(begins[:k], distinct, position, is_clustered) for k in ks])


def _distinct_values(values: Floats, weights: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """What is clustered: the distinct values of each set, by rising value.

    The position of each value among them (sets, n); their number (sets,); and, flat, the sums of
    weights and of weighted values before each position (sets * (most + 1)), `most` of any set.
    """
    sets, n = values.shape
    row = np.arange(sets)[:, None]
    # Centred, because squares of sums would cancel.
    mass = np.maximum(weights.sum(axis=1, keepdims=True), 1)
    centred = values - (values * weights).sum(axis=1, keepdims=True) / mass
    order = np.argsort(np.where(weights > 0, centred, np.inf), axis=1)
    ordered, counts = values[row, order], (weights > 0)[row, order]
    is_new = counts.copy()
    is_new[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    position = np.empty((sets, n), dtype=np.int64)
    position[row, order] = np.maximum(np.cumsum(is_new, axis=1) - 1, 0)
    distinct = is_new.sum(axis=1)
    width = max(int(distinct.max()), 1) + 1
    after = (row * width + position + 1).ravel()
    weight, moment = (
        np.bincount(after, summand.ravel(), sets * width).reshape(sets, -1).cumsum(axis=1).ravel()
        for summand in (weights, weights * centred)
    )
    return position, distinct, weight, moment


def _last_begins(distinct: Ints, weight: Floats, moment: Floats, k_max: int) -> Ints:
    """(k_max, sets, most + 1) where the last of k clusters of a set's first e values begins.

    The within-cluster sum of squares is least where the between-cluster sum, that of
    moment² / weight over clusters, is most. Beginnings rise with e and with k, so that those
    already found bound the others.
    """
    width = len(weight) // len(distinct)
    begins = np.zeros((k_max, len(weight)), dtype=np.int64)
    between = np.divide(moment**2, weight, out=np.zeros_like(weight), where=weight > 0)
    for k in range(2, k_max + 1):
        begin, of_fewer, best = begins[k - 1], begins[k - 2], np.zeros_like(between)
        begin[:] = k - 1
        for stride, ends in _halvings(distinct, width, is_last=k == k_max):
            owner, at = np.nonzero((ends >= k) & (ends <= distinct[:, None]))
            if not len(owner):
                continue
            end, base = (
                np.broadcast_to(ends, (len(distinct), ends.shape[1]))[owner, at],
                owner * width,
            )
            here = base + end
            is_bounded = (stride > 0) & (end + stride <= distinct[owner])
            above = np.where(is_bounded, begin[np.where(is_bounded, here + stride, 0)], end)
            high = np.minimum(above, end - 1)
            low = np.clip(np.maximum(begin[here - stride], of_fewer[here]), k - 1, high)
            found, best[here] = _best_split(between, weight, moment, here, base + low, base + high)
            begin[here] = found - base
        between = best
    return begins.reshape(k_max, len(distinct), width)


def _halvings(distinct: Ints, width: int, is_last: bool) -> Iterator[tuple[int, Ints]]:
    """Strides, each half of the one before, and the ends (sets or 1, m) that are its odd multiples.

    For the last k, only the end of each set: nothing builds on the others.
    """
    if is_last:
        yield 0, distinct[:, None]
        return
    stride = 1 << (width - 1).bit_length()
    while stride := stride >> 1:
        yield stride, np.arange(stride, width, 2 * stride)[None, :]


def _best_split(
    between: Floats, weight: Floats, moment: Floats, here: Ints, low: Ints, high: Ints
) -> tuple[Ints, Floats]:
    """Where the last cluster before each of `here` (m,) begins, from low to high, and the sum then.

    All are flat positions; the first of equals.
    """
    length = high - low + 1
    start = np.cumsum(length) - length
    split = np.arange(length.sum()) + np.repeat(low - start, length)
    value = np.repeat(moment[here], length)
    value -= moment[split]
    value *= value
    value /= np.repeat(weight[here], length) - weight[split]
    value += between[split]
    best = np.maximum.reduceat(value, start)
    hits = np.flatnonzero(value == np.repeat(best, length))
    return split[hits[np.searchsorted(hits, start)]], best


def _labels(begins: Ints, distinct: Ints, position: Ints, is_clustered: Bools) -> Ints:
    """(sets, n) labels of the partition into len(begins) clusters, traced from its last."""
    label = np.zeros(position.shape, dtype=np.int64)
    end = distinct
    for k in range(len(begins), 1, -1):
        # Where fewer values differ than there are clusters, the last of them have none.
        end = np.where(distinct >= k, begins[k - 1, np.arange(len(distinct)), end], end)
        label += position >= end[:, None]
    return np.where(is_clustered, label, -1)
