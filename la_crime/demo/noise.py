"""Noise of the demo: bursts of incidents, and how much counts vary by them and from year to year.

An incident leads or follows. One that follows is of the group and area of one that leads, some
days after it (`shares.BURST_DAYS`), and in its district as often as `shares.BURST_IN_DISTRICT`
says; else it lies where that group's incidents of the area do. Each that leads has a Poisson number
of followers, by group (`City.followers`). So a whole area's counts vary by more than a district's.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from la_crime.demo import shares

DAYS_OF_MONTH = 30.44


class Incidents(NamedTuple):
    """A year's incidents of one group, those that lead before those that follow."""

    district: np.ndarray  # (n,) positions of districts
    leader: np.ndarray  # positions in `district` of what the last ones of it follow


def draw_bursts(
    rng: np.random.Generator,
    counts: np.ndarray,
    weights: np.ndarray,
    areas: np.ndarray,
    followers: np.ndarray,
) -> list[Incidents]:
    """Put incidents into bursts, group by group; each area keeps its number of incidents.

    counts: (D, G) incidents to begin with, by district and group, of which some are to follow
    others; weights: (D, G) where incidents are expected; areas: (D,) area_id of districts, which
    stand by area; followers: (G,) expected of each that leads.
    """
    first, of_area = area_starts(areas)
    follow = rng.binomial(counts, followers / (1 + followers))
    pull = np.add.reduceat(counts - follow, first) * followers  # (A, G)
    follow[pull.sum(axis=1)[of_area] == 0] = 0  # none leads there
    lead = counts - follow
    pull = pull / np.maximum(pull.sum(axis=1, keepdims=True), 1e-9)
    joining = rng.multinomial(np.add.reduceat(follow.sum(axis=1), first), pull)

    groups = []
    for g in range(counts.shape[1]):
        leading = np.repeat(np.arange(len(areas)), lead[:, g])
        n_leading = np.add.reduceat(lead[:, g], first)
        area = np.repeat(np.arange(len(first)), joining[:, g])
        before = np.cumsum(n_leading) - n_leading
        leader = before[area] + (rng.random(len(area)) * n_leading[area]).astype(int)
        reached = np.concatenate([[0], np.cumsum(weights[:, g])])
        start, end = reached[first][area], reached[np.append(first[1:], len(areas))][area]
        drawn = start + rng.random(len(area)) * (end - start)
        elsewhere = np.searchsorted(reached[1:-1], drawn, side="right")
        is_near = rng.random(len(area)) < shares.BURST_IN_DISTRICT
        groups.append(
            Incidents(np.append(leading, np.where(is_near, leading[leader], elsewhere)), leader)
        )
    return groups


def follow_days(
    rng: np.random.Generator, days: np.ndarray, leader: np.ndarray, first: int, last: int
) -> np.ndarray:
    """Append the days of those that follow to `days` of those that lead; `first` to `last`.

    A gap is exponential; one that would lead beyond the last day leads back.
    """
    gap = shares.BURST_DAYS * rng.standard_exponential(len(leader)) + rng.random(len(leader))
    start = days[leader]
    after = start + gap.astype(int)
    before = np.maximum(start - gap.astype(int), first)
    return np.append(days, np.where(after <= last, after, before))


def count_noise(expected: np.ndarray, areas: np.ndarray, followers: np.ndarray) -> pd.DataFrame:
    """The noise of counts, by scope and group (`all` for their sum), in the place in the middle.

    expected: (Y, D, G) incidents by year. dispersion_month and dispersion_year, variance over mean,
    are 1 and, for an incident, how many others of its burst are counted with it (Daley and
    Vere-Jones 2003, "An Introduction to the Theory of Point Processes", section 6.3): those in the
    same place, and in the same month. Any two of a burst are an exponential gap apart. drift is the
    root mean square of the yearly changes of places' shares of the city, of the logarithm.
    """
    first, of_area = area_starts(areas)
    in_area = np.add.reduceat(expected, first, axis=1)
    by_chance = expected.sum(axis=0) / in_area.sum(axis=0)[of_area]
    months = DAYS_OF_MONTH / shares.BURST_DAYS
    in_month = 1 - (1 - np.exp(-months)) / months
    rows = []
    for scope, by_group, near, chance in (
        ("area", in_area, 1.0, 0.0), ("district", expected, shares.BURST_IN_DISTRICT, by_chance)
    ):  # fmt: skip
        with_leader, with_follower = (near**n + (1 - near**n) * chance for n in (1, 2))
        others = 2 * followers * with_leader + followers**2 * with_follower
        others = others / (1 + followers) * np.ones(by_group.shape[1:])
        mix = by_group.sum(axis=0) / by_group.sum(axis=(0, 2))[:, None]
        counts = np.concatenate([by_group.sum(axis=2, keepdims=True), by_group], axis=2)
        others = np.column_stack([(others * mix).sum(axis=1), others])
        for i, group in enumerate(("all", *shares.CRIME_SHAPES)):
            middle = np.median(others[:, i])
            drift = yearly_drift(counts[:, :, i])
            rows.append((scope, group, 1 + in_month * middle, 1 + middle, drift))
    columns = ["scope", "group", "dispersion_month", "dispersion_year", "drift"]
    return pd.DataFrame(rows, columns=columns)


def yearly_drift(counts: np.ndarray) -> float:
    """Root mean square of the yearly changes of log shares of (Y, places) counts, by their size."""
    steps = np.diff(np.log(counts / counts.sum(axis=1, keepdims=True)), axis=0)
    return float(np.sqrt(np.average(steps**2, weights=counts[1:] + counts[:-1])))


def area_starts(areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of districts that stand by area, (D,): each area's first one, and the area of each."""
    first = np.flatnonzero(np.diff(areas, prepend=-1))
    return first, np.repeat(np.arange(len(first)), np.diff(first, append=len(areas)))
