"""Whether the project's verdicts, intervals and probabilities hold in cities whose truth is known.

Every row of the table asks one question of many simulated cities: how often does a statement hold,
and how often should it? The statements are made by the functions that the models call, with the
noise that is estimated from the city itself, never with the noise that it truly has.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from la_crime.calibration import recent
from la_crime.calibration.cities import KINDS, POISSON, Found, Kind, levels, months
from la_crime.stats.agreement import (
    adjusted_rand_index,
    contingency,
    is_change,
    noise_band,
    share_changes,
    weighted_kappa,
)
from la_crime.stats.arrays import Floats
from la_crime.stats.effects import ratio_interval
from la_crime.stats.noise import CountNoise, estimate_noise, pooled_levels
from la_crime.stats.resampling import generator
from la_crime.stats.tiers import rank_intervals, recounts, tier_shares, volume_tiers
from la_crime.stats.trends import share_trends

YEARS = 12
K = 4
# Yearly crimes of a city, and its places: those of the 21 areas, and of districts.
SCOPES = {"areas": (21, 200_000.0), "districts": (300, 60_000.0)}
DRIFT = 0.045
DRAWS = 200

COLUMNS = ["statement", "places", "city", "nominal", "found", "error", "trials"]


class City(NamedTuple):
    """A simulated city: what is known of it, and what would be seen."""

    scope: str
    kind: Kind
    drift: float
    level: Floats
    counts: Floats
    noise: CountNoise
    estimated: CountNoise
    drawn: CountNoise

    @property
    def yearly(self) -> Floats:
        """(n, years) counts."""
        return self.counts.sum(axis=2)


def simulate(
    rng: np.random.Generator,
    scope: str,
    kind: Kind,
    drift: float,
    change: Callable[[np.random.Generator, int], Floats] | None = None,
) -> City:
    """One city with the noise that is estimated from it."""
    n, total = SCOPES[scope]
    level = levels(rng, n, total)
    counts = months(rng, level, YEARS, kind, drift, None if change is None else change(rng, n))
    found = estimate_noise(counts, counts.sum(axis=2), np.arange(YEARS * 1.0), DRAWS, rng)
    truth = kind.noise._replace(drift=drift)
    return City(scope, kind, drift, level, counts, truth, found.noise, found.draws)


def _noise_is_held(city: City) -> Iterator[Found]:
    """The intervals of dispersion and drift hold the truth."""
    typical = float(np.median(city.level))
    drawn = city.drawn.dispersion(typical)
    low, high = np.percentile(drawn, [2.5, 97.5])
    # the grid of the fit has steps of a twentieth
    held = low * 0.99 <= city.noise.dispersion(typical) <= high * 1.01
    yield "interval of a year's dispersion holds it", 0.95, np.array([held])
    if city.drift:
        low, high = np.percentile(city.drawn.drift, [2.5, 97.5])
        yield "interval of a year's drift holds it", 0.95, np.array([low <= city.drift <= high])


def _levels_are_held(city: City, rng: np.random.Generator) -> Iterator[Found]:
    """Intervals of levels and ranks hold the truth, where levels do not move."""
    if city.drift:
        return
    year = city.yearly[:, 0]
    pooled = pooled_levels(year, city.estimated)
    truth = np.log(city.level)
    held = np.abs(truth - pooled.mean) <= 1.96 * pooled.sd
    yield "interval of a place's level holds it", 0.95, held
    low, high = rank_intervals(pooled.draw(rng, DRAWS))
    rank = (-city.level).argsort().argsort() + 1
    yield "interval of a place's rank holds it", 0.95, (low <= rank) & (rank <= high)


def chances(city: City, rng: np.random.Generator) -> pd.DataFrame:
    """What is said of each place's tier in the last year but one, and what came of it.

    `said` and `came`, whether the tier of the last year is the same, by `way`: `other_year`, drawn
    around pooled levels with the noise and drift of the city; `around the count`, the same noise
    around the count itself; `poisson`.
    """
    before, after = city.yearly[:, -2], city.yearly[:, -1]
    tiers, later = volume_tiers(np.stack([before, after]), K)
    drawn = dict(recounts(before, city.estimated, 12, DRAWS, rng))
    moved = city.estimated.drifted(rng, before, DRAWS)
    drawn["around the count"] = city.estimated.recount(rng, moved, DRAWS)
    place = np.arange(len(tiers))
    return pd.concat(
        pd.DataFrame(
            {
                "way": way,
                "said": tier_shares(volume_tiers(drawn[way], K), K)[place, tiers - 1],
                "came": tiers == later,
            }
        )
        for way in ("other_year", "around the count", "poisson")
    )


def _pair(city: City, rng: np.random.Generator, right: Floats | None = None) -> tuple[bool, bool]:
    """Whether the tiers and the shares show a change between the first and the last year."""
    left = city.yearly[:, 0]
    right = city.yearly[:, -1] if right is None else right
    share = (left + right) / (left + right).sum()
    drawn = [city.estimated.recount(rng, share * n.sum(), DRAWS) for n in (left, right)]
    band = noise_band(volume_tiers(drawn[0], K), volume_tiers(drawn[1], K), K)
    table = contingency(*volume_tiers(np.stack([left, right]), K), K)
    tiers_show = is_change(adjusted_rand_index(table)[0], weighted_kappa(table)[0], band)
    of_left, of_right = (city.estimated.dispersion(n) for n in (left, right))
    found = share_changes(left, right, of_left, of_right).statistic
    simulated = share_changes(*drawn, of_left, of_right).statistic
    return bool(tiers_show), (1 + (simulated >= found).sum()) / (1 + DRAWS) <= 0.05


def _alarms(city: City, rng: np.random.Generator) -> Iterator[Found]:
    """Verdicts of change where nothing changed."""
    if city.drift:
        return
    tiers_show, shares_show = _pair(city, rng)
    yield "tiers show a change where there is none", 0.05, np.array([tiers_show])
    yield "shares show a change where there is none", 0.05, np.array([shares_show])


def _share_trends(city: City) -> dict[str, Floats]:
    """`share_trends` of the city's places, with the noise that is estimated from it."""
    usual = city.yearly.mean(axis=1, keepdims=True)
    years = np.arange(YEARS * 1.0)
    return share_trends(city.yearly, years, city.estimated.dispersion(usual), city.estimated.drift)


def _trends(city: City) -> Iterator[Found]:
    """Trends of places that drift and have none."""
    found = _share_trends(city)
    held = (found["ci_low"] <= 0) & (found["ci_high"] >= 0)
    yield "interval of a trend holds none", 0.95, held
    q = np.sort(found["p_value"]) * len(held) / np.arange(1, len(held) + 1)
    yield "a city without trends has a place that rises or falls", 0.05, np.array([q.min() <= 0.05])


def _ratios(city: City, rng: np.random.Generator) -> Iterator[Found]:
    """Intervals of a ratio of two counts with noise."""
    year = city.yearly[:, 0]
    arrests = months(rng, 0.3 * city.level, 1, city.kind).sum(axis=(1, 2))
    _, low, high = ratio_interval(
        arrests, year, city.estimated.dispersion(arrests), city.estimated.dispersion(year)
    )
    if not city.drift:
        yield "interval of arrests per 100 crimes holds it", 0.95, (low <= 30) & (high >= 30)


def _powers(rng: np.random.Generator, scope: str, kind: Kind) -> Iterator[Found]:
    """What verdicts see of changes that were planted; no share of them is the right one."""

    def steady_growth(rng: np.random.Generator, n: int) -> Floats:
        change = np.ones((n, YEARS))
        change[rng.permutation(n)[: n // 10]] = 1.1 ** np.arange(YEARS)
        return change

    def sudden(share: float) -> Callable[[np.random.Generator, int], Floats]:
        def change(rng: np.random.Generator, n: int) -> Floats:
            factors = np.ones((n, YEARS))
            moved = rng.permutation(n)[: max(1, int(share * n))]
            factors[moved, YEARS // 2 :] = rng.choice([0.6, 1 / 0.6], (len(moved), 1))
            return factors

        return change

    for share in (0.1, 0.3):
        city = simulate(rng, scope, kind, 0.0, sudden(share))
        tiers_show, shares_show = _pair(city, rng)
        what = f"{share:.0%} of places change by two thirds"
        yield f"tiers show it: {what}", np.nan, np.array([tiers_show])
        yield f"shares show it: {what}", np.nan, np.array([shares_show])
    city = simulate(rng, scope, kind, DRIFT, steady_growth)
    found = _share_trends(city)
    growth = city.yearly[:, -1] / city.yearly[:, 0]
    rises = growth > np.quantile(growth, 0.9)
    q = found["p_value"] * len(growth) / (found["p_value"].argsort().argsort() + 1)
    yield "a place that gains a tenth a year rises", np.nan, q[rises] <= 0.05


def calibrate(
    n_cities: int = 100, progress: Callable[[str], None] = lambda _: None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table, `COLUMNS`, and the deciles of what is said of tiers: way, places, said, came, n.

    A row a statement, kind of place and kind of city, over `n_cities` cities of each: `nominal` is
    how often it should hold, NaN for a power, `found` how often it does, `error` the standard error
    of that by simulation, over cities.
    """
    rows: dict[tuple[str, str, str, float], list[Floats]] = {}
    said: list[pd.DataFrame] = []
    for scope in SCOPES:
        for kind in KINDS:
            for drift in (0.0, DRIFT):
                name = f"{kind.name}, {'drifting' if drift else 'steady'}"
                progress(f"{scope}: {name}")
                for i in range(n_cities):
                    rng = generator("calibrate", scope, name, str(i))
                    city = simulate(rng, scope, kind, drift)
                    found = [
                        *_noise_is_held(city),
                        *_levels_are_held(city, rng),
                        *_alarms(city, rng),
                        *_ratios(city, rng),
                        *(_trends(city) if drift else ()),
                        *recent.expectations(city.counts, city.estimated, kind, rng),
                        *(() if drift else recent.changes(city.counts, city.estimated, kind, rng)),
                        *(_powers(rng, scope, kind) if drift and kind is not POISSON else ()),
                    ]
                    for statement, nominal, holds in found:
                        key = (statement, scope, name, nominal)
                        rows.setdefault(key, []).append(np.mean(holds))
                    said.append(chances(city, rng).assign(places=scope, city=name))
    table = pd.DataFrame(
        [
            {
                "statement": statement,
                "places": scope,
                "city": name,
                "nominal": nominal,
                "found": np.mean(means),
                "error": np.std(means) / np.sqrt(len(means)),
                "trials": len(means),
            }
            for (statement, scope, name, nominal), means in rows.items()
        ],
        columns=COLUMNS,
    )
    return table, deciles(pd.concat(said))


def deciles(said: pd.DataFrame) -> pd.DataFrame:
    """What is said beside what came, by tenths of what is said, for each way and kind of place."""
    tenth = np.minimum((said["said"] * 10).astype(int), 9) / 10
    grouped = said.assign(tenth=tenth).groupby(["way", "places", "tenth"], as_index=False)
    return grouped.agg(said=("said", "mean"), came=("came", "mean"), n=("came", "size"))


def report(n_cities: int, picture: Path | None, progress: Callable[[str], None]) -> str:
    """The table and the deciles as text, and the picture, if one is asked for, as a file."""
    table, tenths = calibrate(n_cities, progress)
    if picture is not None:
        draw(tenths, picture)
    shown = table.sort_values(["statement", "places", "city"]).round(3)
    wide = tenths.pivot_table(index=["places", "way"], columns="tenth", values="came").round(2)
    return (
        f"{shown.to_string(index=False, na_rep='power')}\n\n"
        "Of places whose tier was said to be kept with a probability in each tenth, the share whose"
        f" tier was\n{wide.to_string(na_rep='')}"
    )


def draw(tenths: pd.DataFrame, picture: Path) -> None:
    """Draw, as SVG, what was said of places' tiers beside what came of them."""
    import altair as alt

    names = {
        "other_year": "level, noise and drift (used)",
        "around the count": "around the count itself",
        "poisson": "Poisson counts",
    }
    data = tenths[(tenths["places"] == "districts") & (tenths["n"] >= 100)].replace({"way": names})
    x = alt.X("said:Q", title="said: probability of keeping the tier", scale=alt.Scale(zero=False))
    y = alt.Y("came:Q", title="came: share that kept it", scale=alt.Scale(zero=False))
    lines = (
        alt.Chart(data)
        .mark_line(point=True)
        .encode(x=x, y=y, color=alt.Color("way:N", title=None, sort=list(names.values())))
    )
    ends = pd.DataFrame({"said": [data["said"].min(), 1.0], "came": [data["said"].min(), 1.0]})
    even = alt.Chart(ends).mark_line(color="grey", strokeDash=[4, 4]).encode(x="said:Q", y="came:Q")
    (even + lines).properties(width=420, height=320).save(str(picture))
