"""The planted city: how many crimes and arrests each district gets, and of which kinds.

Everything here depends on the seed alone, never on the scale, so that a small and a large demo show
the same places.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from la_crime.cities import Seeds
from la_crime.demo import shares
from la_crime.demo.history import (
    MIX_AFTER,
    area_change,
    check_history,
    no_change,
    plan_change,
    progress,
)

SEEDS = Seeds()

CRIME_YEARS = tuple(range(2010, 2025))
BLOCKS_PER_DISTRICT = 24
KM_PER_DEGREE = 111.2
GOLDEN_ANGLE = 2.39996  # radians; spreads points evenly over a disc
WEIGHT_STEPS = 1_000_000_000  # weights become whole numbers, so that no processor's rounding shows


@dataclass(frozen=True)
class City:
    """The plan that the yearly draws follow.

    D districts, Y = 15 crime years, G crime groups, C charge groups.
    """

    history: str  # one of history.HISTORIES
    areas: pd.DataFrame  # area_id, area_name, ...
    districts: pd.DataFrame  # D rows: the seed's columns, archetype, is_high_volume
    district_change: pd.DataFrame | None  # D rows: planted_change, planted_factor; None: published
    area_change: pd.DataFrame | None  # the same by area_id
    crime_codes: pd.DataFrame  # crime_code, description, part, crime_group, rows_2010_2023
    nibrs_codes: pd.DataFrame  # nibrs_code, crime_group, ...; the most serious first
    charge_groups: pd.DataFrame  # charge_group_code, description
    blocks: pd.DataFrame  # D x 24 rows: district, block, address, cross_street, lat, lon
    crime_counts: pd.DataFrame  # area_id x year: crimes at scale 1
    crime_weights: np.ndarray  # (Y, D) whole numbers: a district's weight in the city
    followers: np.ndarray  # (G,) incidents that follow each one that leads: see `bursts`
    crime_mix: np.ndarray  # (Y, D, G) whole numbers: weight of a group within a district
    arrest_weights: np.ndarray  # (D,) whole numbers: a district's weight in the city
    charge_mix: np.ndarray  # (D, C) whole numbers: weight of a charge group within a district
    off_layer: np.ndarray  # district codes that the boundary layer does not have

    @property
    def crime_groups(self) -> list[str]:
        """Names of the G groups, in the order of `crime_mix`."""
        return list(shares.CRIME_SHAPES)


def plan_city(seed: int, seeds: Seeds = SEEDS, history: str = "published") -> City:
    """Read the reference tables and plant tiers, crime mixes, history and addresses.

    A seed is the same city in every history, with the same tiers, archetypes and streets (those
    before the change, if one is planted). Steady and changed ones also share their arrests, which
    never change. Raises ValueError for a history that there is not.
    """
    check_history(history)
    rng = np.random.default_rng([seed, 0])
    areas = pd.read_csv(seeds / "areas.csv")
    districts = pd.read_csv(seeds / "small_areas.csv")
    codes = pd.read_csv(seeds / "crime_codes.csv")
    nibrs_codes = pd.read_csv(seeds / "nibrs_codes.csv", dtype={"nibrs_code": str})
    counts = yearly_counts(seeds)

    busyness = spatial_field(districts, rng)
    volumes, high = district_volumes(districts, counts, busyness, rng)
    archetypes = assign_archetypes(districts, rng)
    yearly = yearly_volumes(districts, volumes, high, counts, rng)  # for all: it moves `rng` on
    before, trends, mix_shift, by_district, by_area = yearly, shares.GROUP_TRENDS, None, None, None
    if history != "published":
        trends = {}
        by_district, by_area = no_change(districts.index), no_change(counts.index)
        before = yearly = steady_volumes(volumes, counts)
    if history == "changed":
        by_district = plan_change(districts, volumes, high, np.random.default_rng([seed, 4]))
        by_area = area_change(counts.index.to_series())
        yearly = changed_volumes(before, by_district["planted_factor"].to_numpy())
        mix_shift = np.outer(progress(CRIME_YEARS), by_district["planted_change"] == "mix")
    weights = whole_weights(yearly)
    if history != "published":
        counts = area_counts(districts, weights, counts.sum())
    districts = districts.assign(
        archetype=np.array(list(shares.ARCHETYPES))[archetypes], is_high_volume=high
    )
    return City(
        history=history,
        areas=areas,
        districts=districts,
        district_change=by_district,
        area_change=by_area,
        crime_codes=codes,
        nibrs_codes=nibrs_codes.sort_values("seriousness", ignore_index=True),
        charge_groups=pd.read_csv(seeds / "charge_groups.csv").dropna(subset="charge_group_code"),
        blocks=address_blocks(districts, rng),
        crime_counts=counts,
        crime_weights=weights,
        followers=np.array(
            [shares.FOLLOWERS[g] if history == "published" else 0.0 for g in shares.CRIME_SHAPES]
        ),
        crime_mix=whole_weights(crime_mixes(archetypes, yearly, codes, trends, mix_shift, rng)),
        arrest_weights=whole_weights(arrest_volumes(districts, before, rng)),
        charge_mix=whole_weights(charge_mixes(archetypes, rng)),
        off_layer=off_layer_codes(districts, rng),
    )


def yearly_counts(seeds: Seeds) -> pd.DataFrame:
    """Crimes at scale 1, one row an area and one column a year.

    2010-2023 are the published counts; the published total of 2024 is split like 2023.
    """
    published = pd.read_csv(seeds / "crimes_by_area_year.csv")
    counts = published.pivot_table(index="area_id", columns="year", values="crimes").astype(float)
    by_year = pd.read_csv(seeds / "crimes_by_year.csv").set_index("year")["crimes"]
    counts[2024] = by_year[2024] * counts[2023] / counts[2023].sum()
    return counts


def scaled_counts(counts: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Counts at another scale, rounded to whole crimes (a half rounds up)."""
    return np.floor(counts * scale + 0.5).astype(int)


def area_counts(districts: pd.DataFrame, weights: np.ndarray, totals: pd.Series) -> pd.DataFrame:
    """Crimes expected at scale 1, one row an area and one column a year: each year's total shared.

    weights: (Y, D) whole numbers, districts' weights in the city; totals: by year.
    """
    in_area = pd.DataFrame(weights.T).groupby(districts["area_id"].to_numpy()).sum()
    in_area = in_area.set_axis(totals.index, axis=1).rename_axis("area_id")
    return in_area * totals / in_area.sum()


def expected_crimes(city: City, scale: float) -> np.ndarray:
    """Crimes that each district expects in each year at a scale, (Y, D).

    As published, areas' counts are whole numbers.
    """
    by_area = city.crime_counts * scale
    if city.history == "published":
        by_area = scaled_counts(city.crime_counts, scale)
    counts = by_area.loc[city.districts["area_id"]].to_numpy().T
    weights = pd.DataFrame(city.crime_weights.T)
    in_area = weights.groupby(city.districts["area_id"].to_numpy()).transform("sum").to_numpy().T
    return counts * city.crime_weights / in_area


def whole_weights(weights: np.ndarray) -> np.ndarray:
    """Turn weights into whole numbers along the last axis, at least one each."""
    shares_of_total = weights / weights.sum(axis=-1, keepdims=True)
    return np.rint(shares_of_total * WEIGHT_STEPS).astype(np.int64) + 1


def spatial_field(districts: pd.DataFrame, rng: np.random.Generator, km: float = 5) -> np.ndarray:
    """Draw a smooth random surface over the city, at each of the D districts.

    A sum of cosine waves with lengths about `km`, standardised: mean 0, standard deviation 1.
    """
    x = districts["lon"].to_numpy() * KM_PER_DEGREE * np.cos(np.radians(34))
    y = districts["lat"].to_numpy() * KM_PER_DEGREE
    waves = rng.normal(0, 1 / km, (60, 2))
    phases = rng.uniform(0, 2 * np.pi, 60)
    field = np.cos(np.outer(x, waves[:, 0]) + np.outer(y, waves[:, 1]) + phases).sum(axis=1)
    return (field - field.mean()) / field.std()


def district_volumes(
    districts: pd.DataFrame, counts: pd.DataFrame, busyness: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Crimes that each district expects in an average year, and which are planted as high.

    Skewed within an area like a lognormal, up to a ceiling; the planted ones, spread over the areas
    by their volume, lie above that ceiling, and the empty ones (large parks) near nothing.
    Returns (D,) floats that sum to the city's mean year, and (D,) booleans.
    """
    area = districts["area_id"].to_numpy()
    area_volume = counts.drop(columns=2024).mean(axis=1)
    city_mean = area_volume.sum() / len(districts)
    ceiling = 2.9 * city_mean

    is_empty = np.zeros(len(districts), dtype=bool)
    n_empty = round(shares.EMPTY_SHARE * len(districts))
    land = districts["area_km2"].to_numpy()
    is_empty[rng.choice(len(districts), n_empty, replace=False, p=land / land.sum())] = True

    log_volume = shares.LOG_VOLUME_SD * (0.6 * busyness + 0.8 * rng.normal(size=len(districts)))
    is_high = np.zeros(len(districts), dtype=bool)
    quotas = largest_remainder(area_volume, round(shares.HIGH_VOLUME_SHARE * len(districts)))
    for area_id, quota in quotas.items():
        candidates = np.flatnonzero((area == area_id) & ~is_empty)
        is_high[candidates[np.argsort(-log_volume[candidates], kind="stable")[:quota]]] = True

    volumes = np.exp(log_volume)
    volumes[is_empty] = city_mean * rng.uniform(0.002, 0.02, n_empty)
    volumes[is_high] = ceiling * rng.uniform(1.25, 1.95, is_high.sum())
    for area_id, total in area_volume.items():
        fixed = (area == area_id) & (is_empty | is_high)
        free = (area == area_id) & ~fixed
        volumes[free] = fill_below(volumes[free], total - volumes[fixed].sum(), ceiling)
    return volumes, is_high


def largest_remainder(weights: pd.Series, seats: int) -> pd.Series:
    """Share whole seats out in proportion to weights."""
    exact = weights / weights.sum() * seats
    whole = np.floor(exact).astype(int)
    whole[(exact - whole).nlargest(seats - whole.sum()).index] += 1
    return whole


def fill_below(weights: np.ndarray, total: float, ceiling: float) -> np.ndarray:
    """Scale weights to a total, none above the ceiling (the excess goes to the others)."""
    filled = weights * total / weights.sum()
    for _ in range(50):
        filled = np.minimum(filled, ceiling)
        open_ = filled < ceiling
        filled[open_] *= (total - filled[~open_].sum()) / filled[open_].sum()
    return filled


def assign_archetypes(districts: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Give each district one of the crime mixes: neighbours alike, shares as planned.

    Small districts are dense, and lean to retail and street crime; large ones to residential crime.
    Returns (D,) positions in `shares.ARCHETYPES`.
    """
    n_districts = len(districts)
    log_land = np.log(districts["area_km2"].to_numpy())
    largeness = (log_land - log_land.mean()) / log_land.std()
    leaning = np.outer(largeness, [0.1, -0.6, -0.4, 0.8])
    scores = leaning + np.column_stack(
        [
            spatial_field(districts, rng, km=3) + 0.8 * rng.normal(size=n_districts)
            for _ in shares.ARCHETYPES
        ]
    )
    quotas = largest_remainder(pd.Series(shares.ARCHETYPE_SHARES), n_districts).to_numpy().copy()
    chosen = np.full(n_districts, -1)
    for position in np.argsort(-scores, axis=None, kind="stable"):
        district, archetype = divmod(int(position), len(quotas))
        if chosen[district] < 0 and quotas[archetype] > 0:
            chosen[district] = archetype
            quotas[archetype] -= 1
    return chosen


def yearly_volumes(
    districts: pd.DataFrame,
    volumes: np.ndarray,
    is_high: np.ndarray,
    counts: pd.DataFrame,
    rng: np.random.Generator,
) -> np.ndarray:
    """Expected crimes by year and district, (Y, D): a trend for some, a random walk for all.

    The walks are of the districts' logarithms, and each has its mean at 0, so that no district
    leaves its tier. Within each area and year crimes sum to the area's count.
    """
    n_districts = len(districts)
    drifts = rng.random(n_districts) < shares.DRIFTING_SHARE
    slope = np.where(drifts & ~is_high, rng.choice([-1, 1], n_districts) * 0.5, 0.0)  # per decade
    decades = (np.array(CRIME_YEARS) - 2017) / 10
    steps = rng.normal(0, shares.YEARLY_DRIFT, (len(CRIME_YEARS), n_districts))
    walk = np.cumsum(steps, axis=0)
    yearly = volumes * np.exp(np.outer(decades, slope) + walk - walk.mean(axis=0))
    area = districts["area_id"].to_numpy()
    for area_id, totals in counts.iterrows():
        inside = area == area_id
        yearly[:, inside] *= (totals.to_numpy() / yearly[:, inside].sum(axis=1))[:, None]
    return yearly


def steady_volumes(volumes: np.ndarray, counts: pd.DataFrame) -> np.ndarray:
    """Expected crimes by year and district, (Y, D): each year's total, always shared the same."""
    return np.outer(counts.sum(), volumes / volumes.sum())


def changed_volumes(before: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Lead (Y, D) volumes over to `factors` (D,) times as much; each year's total stays."""
    after = before * (1 + np.outer(progress(CRIME_YEARS), factors - 1))
    return after * (before.sum(axis=1) / after.sum(axis=1))[:, None]


def crime_mixes(
    archetypes: np.ndarray,
    yearly: np.ndarray,
    codes: pd.DataFrame,
    group_trends: dict[str, float],
    mix_shift: np.ndarray | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Weight of each crime group by year and district, (Y, D, G).

    The city's mix times the archetype's factors, a trend and noise; raked so that the whole city
    over all years keeps the published mix.

    group_trends: change of a group's share per decade (log scale). mix_shift: (Y, D) from 0 to 1,
    how far factors have moved (on the log scale) to those of the archetype `MIX_AFTER`.
    """
    groups = list(shares.CRIME_SHAPES)
    published = codes.groupby("crime_group")["rows_2010_2023"].sum().reindex(groups).to_numpy()
    published = published / published.sum()
    factors = np.array([[f.get(g, 1.0) for g in groups] for f in shares.ARCHETYPES.values()])
    slopes = np.array([group_trends.get(g, 0.0) for g in groups])
    trends = np.exp(np.outer((np.array(CRIME_YEARS) - 2017) / 10, slopes))
    noise = np.exp(rng.normal(0, 0.14, (len(archetypes), len(groups))))
    strength = rng.uniform(0.85, 1.15, len(archetypes))[:, None]  # some districts are less typical
    leaning = trends[:, None, :] * (factors[archetypes] ** strength * noise)[None]
    if mix_shift is not None:
        towards = factors[list(shares.ARCHETYPES).index(MIX_AFTER)] / factors[archetypes]
        leaning *= (towards**strength)[None] ** mix_shift[..., None]
    base = published.copy()
    for _ in range(30):
        mix = base * leaning
        mix /= mix.sum(axis=2, keepdims=True)
        base *= published / ((yearly[..., None] * mix).sum(axis=(0, 1)) / yearly.sum())
    return mix


def arrest_volumes(
    districts: pd.DataFrame, yearly: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Weight of each district for arrests, (D,): half crime volume, half a geography of its own."""
    crimes = yearly.mean(axis=0)
    own = np.exp(0.6 * spatial_field(districts, rng) + 0.7 * rng.normal(size=len(districts)))
    own *= np.sqrt(crimes)  # parks stay empty
    return 0.5 * crimes / crimes.sum() + 0.5 * own / own.sum()


def charge_mixes(archetypes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Weight of each charge group by district, (D, C)."""
    codes = list(shares.CHARGE_SHAPES)
    base = np.array([shape.weight for shape in shares.CHARGE_SHAPES.values()])
    factors = np.array(
        [[shares.CHARGE_FACTORS[a].get(c, 1.0) for c in codes] for a in shares.ARCHETYPES]
    )
    noise = np.exp(rng.normal(0, 0.15, (len(archetypes), len(codes))))
    return base * factors[archetypes] * noise


def off_layer_codes(districts: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """District codes in the areas' ranges that the boundary layer does not have, sorted."""
    possible = np.concatenate([np.arange(100 * a + 1, 100 * a + 100) for a in range(1, 22)])
    unused = np.setdiff1d(possible, districts["small_area"])
    return np.sort(rng.choice(unused, shares.OFF_LAYER_CODES, replace=False))


def address_blocks(districts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lay 24 hundred-blocks over each district, with an invented address and a point each.

    Every fifth is a crossing, given by two street names and no number. Columns district (position),
    block, address, cross_street (None if not a crossing), lat, lon (degrees).
    """
    n_districts = len(districts)
    district = np.repeat(np.arange(n_districts), BLOCKS_PER_DISTRICT)
    block = np.tile(np.arange(BLOCKS_PER_DISTRICT), n_districts)
    place = districts.iloc[district]
    radius_km = 0.45 * np.sqrt(place["area_km2"].to_numpy() * (block + 0.5) / BLOCKS_PER_DISTRICT)
    angle = GOLDEN_ANGLE * block + district
    lat = place["lat"].to_numpy() + radius_km * np.sin(angle) / KM_PER_DEGREE
    lon = place["lon"].to_numpy() + radius_km * np.cos(angle) / (KM_PER_DEGREE * 0.829)

    numbers = 100 * rng.integers(1, 180, len(block))
    streets, crossings = rng.integers(0, len(shares.STREET_NAMES), (2, len(block)))
    suffixes = rng.integers(0, len(shares.STREET_SUFFIXES), len(block))
    sides = rng.integers(0, 5, len(block))
    is_crossing = block % 5 == 4
    addresses = [
        shares.STREET_NAMES[street]
        if crossing
        else f"{number} {' NSEW'[side]}  {shares.STREET_NAMES[street]:<29}"
        f"{shares.STREET_SUFFIXES[suffix]}"
        for crossing, number, side, street, suffix in zip(
            is_crossing, numbers, sides, streets, suffixes, strict=True
        )
    ]
    return pd.DataFrame(
        {
            "district": district.astype(np.int32),
            "block": block.astype(np.int32),
            "address": addresses,
            "cross_street": [
                shares.STREET_NAMES[c] if crossing else None
                for crossing, c in zip(is_crossing, crossings, strict=True)
            ],
            "lat": lat.round(4),
            "lon": lon.round(4),
        }
    )
