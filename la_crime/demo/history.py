"""How the places of the demo develop over the years, and the change that can be planted in them.

- `published`: area totals by year follow the published figures, all districts drift within their
  area, some by a trend besides, and crimes come in bursts: see `la_crime.demo.noise`.
- `steady`: every place keeps its share of the city and its mix; the rest is Poisson noise, without
  bursts.
- `changed`: steady but for one planted change of crimes between two known years: a few districts
  rise, a few fall, two areas change places by volume, and one area changes its mix alone.
"""

import numpy as np
import pandas as pd

HISTORIES = ("published", "steady", "changed")

CHANGE_FROM = 2014  # the last year before the change
CHANGE_TO = 2016  # the first year after it; 2015 lies half-way

# Single districts, in pairs: one that rises and a busier one of the same area that falls by about
# as many crimes, so that no area's volume moves, nor any other district's share.
CHANGING_SHARE = 0.03  # of all districts rise, and as many fall
RISE, FALL = 2.5, 0.4  # crimes after over crimes before
RISING_VOLUMES = (0.4, 1.0)  # of the city's mean district, before
FALLING_VOLUMES = (1.0, 2.9)
MAX_IMBALANCE = 0.1  # of the city's mean district, between the two of a pair

# Whole areas, every district by the same factor: the second-lowest volume and the second-highest
# change places, which leaves the tiers of the other areas as they were.
AREA_FACTORS = {4: 1.7, 3: 0.6}

# One area keeps its volume, and the mix of all its districts becomes that of one archetype.
MIX_AREA = 15
MIX_AFTER = "violence and robbery"


def check_history(history: str) -> None:
    """Raise ValueError for a history that there is not."""
    if history not in HISTORIES:
        raise ValueError(f"history is {history!r}; it must be one of {', '.join(HISTORIES)}.")


def progress(years: tuple[int, ...]) -> np.ndarray:
    """How much of the change is done in each year: 0 before, 1 after, a straight line between."""
    return np.clip((np.array(years) - CHANGE_FROM) / (CHANGE_TO - CHANGE_FROM), 0, 1)


def plan_change(
    districts: pd.DataFrame, volumes: np.ndarray, is_high: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Choose what each district is to do: planted_change (a word) and planted_factor.

    volumes: (D,) crimes before; is_high: (D,) the planted high-volume districts, which no single
    change touches. planted_factor is crimes after over crimes before, 1 for `steady` and `mix`.
    """
    area = districts["area_id"].to_numpy()
    change = np.full(len(area), "steady", dtype=object)
    factor = np.ones(len(area))
    for area_id, by in AREA_FACTORS.items():
        change[area == area_id] = "rising" if by > 1 else "falling"
        factor[area == area_id] = by
    change[area == MIX_AREA] = "mix"

    relative = volumes / volumes.mean()
    is_open = (change == "steady") & ~is_high
    can_rise, can_fall = (
        np.flatnonzero(is_open & (relative >= low) & (relative < high))
        for low, high in (RISING_VOLUMES, FALLING_VOLUMES)
    )
    n_pairs = round(CHANGING_SHARE * len(area))
    for rising in spread(can_rise, area, rng):
        partners = can_fall[(area[can_fall] == area[rising]) & (change[can_fall] == "steady")]
        imbalance = np.abs((1 - FALL) * relative[partners] - (RISE - 1) * relative[rising])
        if n_pairs > 0 and imbalance.min(initial=np.inf) <= MAX_IMBALANCE:
            falling = partners[np.argmin(imbalance)]
            change[rising], factor[rising] = "rising", RISE
            change[falling], factor[falling] = "falling", FALL
            n_pairs -= 1
    return pd.DataFrame({"planted_change": change, "planted_factor": factor})


def spread(candidates: np.ndarray, area: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shuffle candidates so that the areas take turns: one of each, then a second of each, ..."""
    shuffled = rng.permutation(candidates)
    turn = pd.Series(area[shuffled]).groupby(area[shuffled]).cumcount().to_numpy()
    return shuffled[np.argsort(turn, kind="stable")]


def area_change(area_ids: pd.Series) -> pd.DataFrame:
    """What each area does as a whole: planted_change and planted_factor, by area_id."""
    factor = area_ids.map(AREA_FACTORS).fillna(1.0)
    change = np.select(
        [area_ids == MIX_AREA, factor > 1, factor < 1], ["mix", "rising", "falling"], "steady"
    )
    return pd.DataFrame({"planted_change": change, "planted_factor": factor}).set_index(area_ids)


def no_change(index: pd.Index) -> pd.DataFrame:
    """The same columns where everything is steady."""
    return pd.DataFrame({"planted_change": "steady", "planted_factor": 1.0}, index=index)
