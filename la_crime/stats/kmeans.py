"""K-means of several features: Lloyd's algorithm for many starts or sets at once, and a search.

A batch is an array of problems: places (problems or 1, n, p), their weights (problems or 1, n),
of which 0 leaves a place out, and means (problems, k, p).
"""

import numpy as np

from la_crime.stats.arrays import Bools, Floats, Ints
from la_crime.stats.linkage import cuts, linkage_matrix
from la_crime.stats.resampling import generator

MAX_ITERATIONS = 300
# A search begins with so many k-means++ starts and goes on in rounds of so many swaps, of more of
# both for few places, where one costs next to nothing; it ends after so many rounds without gain.
STARTS = 16
SWAPS = 16
SMALL_ROUND = 2**12
BARREN_ROUNDS = 2
# Searches from other starts are made until so many have ended in the best partition: with fewer,
# all had missed a better one in one of 80 cases of 21 places; of many places four never did.
FOUND = 6
FOUND_LARGE = 4
# Up to this many places a partition costs well under a millisecond, beyond it several.
FEW_PLACES = 100
MOST_SEARCHES = 40
# Of a round, all go this many steps of Lloyd's algorithm, and the best of them to its end.
SCREENING_STEPS = 4
# Sums of squares that differ by no more than this share count as the same: 0.01 %.
SAME = 1e-4


def lloyd(
    x: Floats,
    means: Floats,
    weights: Floats | None = None,
    steps: int = MAX_ITERATIONS,
    tolerance: float = 0.0,
) -> tuple[Ints, Floats, Floats]:
    """Lloyd's algorithm on a batch: labels (problems, n), means, and sums of squares (problems,).

    A problem ends when no label changes, when its sum of squares falls by no more than the share
    `tolerance`, or after `steps`. A cluster that loses its last place gets the place furthest from
    its mean. Source: Lloyd (1982), "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28.
    """
    means = means.copy()
    problems, n = len(means), x.shape[1]
    weights = np.ones((1, n)) if weights is None else weights
    with_one = np.concatenate([x, np.ones((*x.shape[:2], 1))], axis=2)
    columns = np.ascontiguousarray(with_one.transpose(0, 2, 1))
    weighted = with_one * weights[:, :, None]
    squares = (weighted[:, :, :-1] * x).sum(axis=(1, 2))
    labels = np.empty((problems, n), dtype=np.int64)
    cost = np.full(problems, np.inf)
    active = np.arange(problems)
    is_shared, held = len(x) == 1, active
    for step in range(steps):
        if not is_shared and len(active) <= len(held) // 2:
            keep = np.searchsorted(held, active)
            columns, weighted, held = columns[keep], weighted[keep], active
            weights = weights if len(weights) == 1 else weights[keep]
        at = slice(None) if is_shared or len(active) == len(held) else np.searchsorted(held, active)
        here = means[active]
        form = np.concatenate([-2 * here, (here**2).sum(axis=2, keepdims=True)], axis=2)
        distances = _product(form, columns[at])
        nearest = distances.min(axis=1)
        is_weighted = weights if len(weights) == 1 else weights[at]
        total = (nearest * is_weighted).sum(axis=1) + squares[0 if is_shared else active]
        member = _first_of_equals(distances == nearest[:, None])
        sums = _product(member.astype(np.float64), weighted[at])
        size = sums[:, :, -1:]
        np.divide(sums[:, :, :-1], size, out=here, where=size > 0)
        is_done = cost[active] - total <= tolerance * total
        for problem in np.flatnonzero((size == 0).any(axis=(1, 2))):
            places = x[0 if is_shared else active[problem]]
            apart = np.maximum(nearest[problem] + (places**2).sum(axis=1), 0)
            apart *= is_weighted[0 if len(is_weighted) == 1 else problem] > 0
            for empty in np.flatnonzero(size[problem, :, 0] == 0):
                furthest = apart.argmax()
                if apart[furthest] > 1e-12 * (1 + squares.max()):
                    here[problem, empty], apart[furthest] = places[furthest], 0
                    is_done[problem] = False
        cost[active], means[active] = total, here
        ends = is_done | (step == steps - 1)
        labels[active[ends]] = member[ends].argmax(axis=1)
        active = active[~is_done]
        if not len(active):
            break
    return labels, means, cost


def _product(left: Floats, right: Floats) -> Floats:
    """(problems, k, q) products of (problems, k, p) and (problems or 1, p, q), one if shared."""
    if len(right) > 1:
        return left @ right
    return (left.reshape(-1, left.shape[2]) @ right[0]).reshape(*left.shape[:2], -1)


def _first_of_equals(member: Bools) -> Bools:
    """Which of k clusters each place is in, (problems, k, n), where some are in several at once."""
    if np.count_nonzero(member) > member.shape[0] * member.shape[2]:
        member = member & (np.cumsum(member, axis=1) == 1)
    return member


def _squared_distances(x: Floats, means: Floats) -> Floats:
    """(problems, k, n) squared distances of means from places."""
    cross = means @ x.transpose(0, 2, 1)
    squares = (means**2).sum(axis=2)[:, :, None] + (x**2).sum(axis=2)[:, None, :]
    return np.maximum(squares - 2 * cross, 0)


def _drawn(odds: Floats, rng: np.random.Generator) -> Ints:
    """(problems,) a place of each row of `odds` (problems, n), drawn in proportion to them."""
    below = np.cumsum(odds, axis=1)
    aim = rng.random(len(odds)) * below[:, -1]
    return np.minimum((below <= aim[:, None]).sum(axis=1), odds.shape[1] - 1)


def plusplus(
    x: Floats, k: int, problems: int, rng: np.random.Generator, weights: Floats | None = None
) -> Floats:
    """(problems, k, p) starts: places, each drawn in proportion to its squared distance from those
    before it. Source: Arthur & Vassilvitskii (2007), "k-means++", SODA."""
    row = np.arange(problems) if len(x) > 1 else np.zeros(problems, dtype=np.int64)
    odds = np.ones((problems, x.shape[1])) * (1 if weights is None else weights)
    first = _drawn(odds, rng)
    means = np.empty((problems, k, x.shape[2]))
    means[:, 0] = x[row, first]
    odds = odds * _squared_distances(x, means[:, :1])[:, 0]
    for j in range(1, k):
        means[:, j] = x[row, _drawn(odds, rng)]
        if j < k - 1:
            share = _squared_distances(x, means[:, j : j + 1])[:, 0]
            np.minimum(odds, share if weights is None else share * weights, out=odds)
    return means


def few_starts_labels(
    x: Floats, k: int, starts: int, rng: np.random.Generator, weights: Floats, tolerance: float
) -> Ints:
    """K-means labels (sets, n) of each of `x` (sets, n, p), from the best of few k-means++ starts.

    For sets drawn by the hundred, each of which matters little; `weights` are (sets, n).
    """
    repeated, weight = np.repeat(x, starts, axis=0), np.repeat(weights, starts, axis=0)
    means = plusplus(repeated, k, len(repeated), rng, weight)
    labels, _, cost = lloyd(repeated, means, weight, tolerance=tolerance)
    best = cost.reshape(len(x), starts).argmin(axis=1)
    return labels.reshape(len(x), starts, -1)[np.arange(len(x)), best]


def means_of(x: Floats, labels: Ints, k: int) -> Floats:
    """(k, p) means of the clusters 0..k-1 of `labels` (n,), each of which has a place."""
    member = np.eye(k)[labels]
    return (member.T @ x) / member.sum(axis=0)[:, None]


def sum_of_squares(x: Floats, labels: Ints) -> float:
    """Squared distances of (n, p) places from the means of their clusters, 0..k-1, in total."""
    return float(((x - means_of(x, labels, labels.max() + 1)[labels]) ** 2).sum())


def exchanged(x: Floats, labels: Ints, k: int) -> Ints:
    """`labels` (n,) after moving place by place, as long as that lowers the sum of squares.

    Unlike in Lloyd's algorithm, a place's own pull on the two means counts, so that fewer
    partitions are where it ends. Source: Hartigan & Wong (1979), "A k-means clustering algorithm",
    Appl. Stat. 28(1); the best move is made each time.
    """
    labels, place = labels.copy(), np.arange(len(x))
    least = 1e-10 * ((x - x.mean(axis=0)) ** 2).sum()
    size = np.bincount(labels, minlength=k).astype(np.float64)
    means = means_of(x, labels, k)
    squares = (x**2).sum(axis=1)
    distances, joining = np.empty((2, k, len(x)))
    changed = np.arange(k)
    while True:
        near = means[changed]
        apart = squares + (near**2).sum(axis=1)[:, None] - 2 * (near @ x.T)
        distances[changed] = np.maximum(apart, 0)
        joining[changed] = distances[changed] * (size / (size + 1))[changed, None]
        joining[labels, place] = np.inf
        leaving = distances[labels, place] * (size / np.maximum(size - 1, 1) * (size > 1))[labels]
        gain = leaving - joining.min(axis=0)
        mover = gain.argmax()
        if gain[mover] <= least:
            return labels
        left, joined = labels[mover], joining[:, mover].argmin()
        means[left] -= (x[mover] - means[left]) / (size[left] - 1)
        means[joined] += (x[mover] - means[joined]) / (size[joined] + 1)
        size[left] -= 1
        size[joined] += 1
        labels[mover] = joined
        changed = np.array([left, joined])


def searched_partitions(x: Floats, k_max: int) -> dict[int, Ints]:
    """The best K-means labels (n,) found of an (n, p) array, for each k from 1 to `k_max`.

    A search begins with the best of `STARTS` k-means++ starts, or more for few places; the first
    also with the cut of Ward's tree and the partition found for k - 1 with a mean more. Then, in
    rounds, one mean of the best is replaced by a place drawn in proportion to its squared distance
    from its mean, many times over, and the best that comes of it is kept. Searches are made until
    `FOUND` (`FOUND_LARGE`) of them ended with the least sum of squares. Needs k_max distinct rows.
    Draws are seeded by k alone.
    Source: Fränti (2018), "Efficiency of random swap clustering", J. Big Data 5(13).
    """
    x = x - x.mean(axis=0)
    enough = FOUND if len(x) <= FEW_PLACES else FOUND_LARGE
    trees = cuts(linkage_matrix(x, "ward"), range(2, k_max + 1))
    found = {1: np.zeros(len(x), dtype=np.int64)}
    for k in range(2, k_max + 1):
        rng = generator("k-means", str(k))
        begun = _with_means(x, means_of(x, found[k - 1], k - 1), SWAPS, rng)
        begun = np.concatenate([means_of(x, trees[k], k)[None], begun])
        costs: list[float] = []
        while len(costs) < MOST_SEARCHES and _times_found(costs) < enough:
            starts = np.concatenate(
                [plusplus(x[None], k, max(STARTS, SMALL_ROUND // len(x)), rng), begun]
            )
            labels, cost = _searched(x, starts, rng)
            begun = begun[:0]
            if cost < min(costs, default=np.inf):
                found[k] = labels
            costs.append(cost)
    return found


def _times_found(costs: list[float]) -> int:
    """How many of the costs are the least, but for the share `SAME`."""
    return sum(cost <= min(costs) * (1 + SAME) for cost in costs)


def _with_means(x: Floats, means: Floats, m: int, rng: np.random.Generator) -> Floats:
    """(m, k + 1, p) the means (k, p) and one more, a place drawn by its squared distance."""
    odds = _squared_distances(x[None], means[None])[0].min(axis=0)
    more = x[_drawn(np.broadcast_to(odds, (m, len(x))), rng)]
    return np.concatenate([np.broadcast_to(means, (m, *means.shape)), more[:, None]], axis=1)


def _searched(x: Floats, starts: Floats, rng: np.random.Generator) -> tuple[Ints, float]:
    """The best labels (n,) from the starts (m, k, p), by rounds of swaps, and their cost."""
    k = starts.shape[1]
    m = max(SWAPS, SMALL_ROUND // len(x))
    best, barren = _improved(x, starts), 0
    cost = sum_of_squares(x, best)
    while barren < BARREN_ROUNDS:
        swapped = _with_means(x, means_of(x, best, k), m, rng)
        keep = np.ones((m, k + 1), dtype=bool)
        keep[np.arange(m), rng.integers(k, size=m)] = False
        labels = _improved(x, swapped[keep].reshape(m, k, -1))
        other = sum_of_squares(x, labels)
        barren = 0 if other < cost * (1 - SAME) else barren + 1
        if other < cost:
            best, cost = labels, other
    return best, cost


def _improved(x: Floats, starts: Floats) -> Ints:
    """The best labels (n,) of starts (m, k, p): few steps of all, an eighth to the end."""
    _, means, cost = lloyd(x[None], starts, steps=SCREENING_STEPS)
    few = np.argsort(cost, kind="stable")[: max(2, len(starts) // 8)]
    labels, _, cost = lloyd(x[None], means[few], tolerance=SAME / 10)
    return exchanged(x, labels[cost.argmin()], starts.shape[1])
