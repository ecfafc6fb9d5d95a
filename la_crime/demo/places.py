"""The planted city's neighbourhoods, which cut across districts, and its tracts' residents."""

import json

import numpy as np
import pandas as pd
import shapely

from la_crime.demo import shares
from la_crime.demo.city import KM_PER_DEGREE

NEIGHBOURHOODS = 40
TRACTS = 400
RESIDENTS = 3_800_000
JOBS = 1_900_000
# a tract in so many is all work and no homes, as an airport or a harbour is
TRACTS_PER_WORKPLACE = 40
COORDINATE_DECIMALS = 5  # about a metre
SURNAMES = ("Heights", "Park", "Village", "Hills", "Grove")


def neighbourhoods(districts: pd.DataFrame, seed: int) -> list[dict]:
    """GeoJSON features of `NEIGHBOURHOODS` places that share the city out, each with a `name`."""
    rng = np.random.default_rng([seed, 6])
    words = rng.permutation(shares.STREET_NAMES)[:NEIGHBOURHOODS]
    return [
        feature(shape, name=f"{word.title()} {SURNAMES[i % len(SURNAMES)]}")
        for i, (word, shape) in enumerate(
            zip(words, cells(districts, len(words), rng), strict=True)
        )
    ]


def tracts(districts: pd.DataFrame, seed: int) -> list[dict]:
    """GeoJSON features of `TRACTS` small places with their `residents` and `jobs`.

    Residents are spread unevenly, jobs more so and apart from them.
    """
    rng = np.random.default_rng([seed, 7])
    shapes = cells(districts, TRACTS, rng)
    homes, work = (rng.lognormal(0, sd, TRACTS) for sd in (0.5, 1.2))
    homes[::TRACTS_PER_WORKPLACE] *= 0.001
    work[::TRACTS_PER_WORKPLACE] *= 10
    counts = (
        np.rint(weights / weights.sum() * total).astype(int).tolist()
        for weights, total in ((homes, RESIDENTS), (work, JOBS))
    )
    return [
        feature(shape, tract=f"{i + 1:04}", residents=residents, jobs=jobs)
        for i, (shape, residents, jobs) in enumerate(zip(shapes, *counts, strict=True))
    ]


def cells(districts: pd.DataFrame, n: int, rng: np.random.Generator) -> list:
    """`n` shapes in degrees that share the city out: what lies nearest to each of `n` districts.

    The city is a disc of each district's size around its point.
    """
    squeeze = np.cos(np.radians(districts["lat"].mean()))
    points = districts[["lon", "lat"]].to_numpy() * (squeeze, 1)
    radius = np.sqrt(districts["area_km2"].to_numpy() / np.pi) / KM_PER_DEGREE
    city = shapely.union_all(shapely.buffer(shapely.points(points), radius, quad_segs=4))
    chosen = points[np.sort(rng.choice(len(points), n, replace=False))]
    nearest = shapely.voronoi_polygons(shapely.MultiPoint(chosen), extend_to=city, ordered=True)
    found = shapely.intersection(shapely.get_parts(nearest), city)
    return [shapely.transform(shape, lambda at: at / (squeeze, 1)) for shape in found]


def feature(shape, **properties: object) -> dict:
    """A GeoJSON feature, its coordinates to about a metre."""
    rounded = shapely.transform(shape, lambda at: np.round(at, COORDINATE_DECIMALS))
    geometry = json.loads(shapely.to_geojson(rounded))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(features: list[dict]) -> str:
    """A GeoJSON file, a feature a line."""
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
