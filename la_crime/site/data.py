"""What the map and the place pages read in the browser, from the marts, as plain dictionaries."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from la_crime.site.geometry import outlines
from la_crime.site.recent import FILE
from la_crime.site.theme import SEQUENTIAL
from la_crime.spatial.neighbourhoods import weights

RUN_OF_VOLUME = "feature_set = 'volume' and algorithm = 'kmeans'"

# Ages, sexes and descents are left to the marts, where they stand beside what is unknown.
CHARACTERISTICS = {
    "crime_group": "Crime group",
    "hour_band": "Hour",
    "weekday": "Weekday",
    "premise_type": "Premises",
    "weapon_kind": "Weapon",
    "charge_group": "Charge group",
    "arrest_type": "Kind of arrest",
    "arrest_hour_band": "Hour of arrest",
    "arrest_weekday": "Weekday of arrest",
}

Marts = duckdb.DuckDBPyConnection


def built_with(marts: Marts, setting: str) -> Any:
    """A setting of the build that made the marts; None if `build_info` has no row."""
    return marts.sql(f"select max({setting}) from marts.build_info").fetchall()[0][0]


def fewest_shown(marts: Marts) -> int:
    """The smallest count that the site shows: profiles have none, and it hides those of places."""
    return built_with(marts, "rounding_base")


def places(marts: Marts) -> pd.DataFrame:
    """The places on the map, by scope and number, each with the name of its page's `file`."""
    return marts.sql(
        f"select *, {FILE} as file"
        " from marts.dim_places where is_on_boundary_layer"
        " order by scope, length(place_id), place_id"
    ).df()


def tier_colours(k: int) -> list[str]:
    """A colour for each of k tiers, the highest first, evenly along the sequential palette."""
    palette = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in SEQUENTIAL])
    at = np.linspace(len(SEQUENTIAL) - 1, 0, k)
    mixed = [np.interp(at, range(len(SEQUENTIAL)), channel) for channel in palette.T]
    return ["#" + bytes(colour).hex() for colour in np.rint(mixed).astype(int).T.tolist()]


def map_data(marts: Marts, data_folder: Path) -> dict[str, Any]:
    """Places with their outlines, periods, and each K-means run by volume.

    Lists of a run are in the order of its scope's places; rank 0 is no tier, a null volume one
    under `fewest_shown`.
    """
    on_layer = places(marts)
    drawn = outlines(on_layer, data_folder)
    fewest = fewest_shown(marts)
    scopes = {}
    for scope, title, noun, is_layer in marts.sql(
        "select scope, title, noun, is_layer from marts.dim_scopes order by is_layer, scope"
    ).fetchall():
        rows = on_layer[on_layer["scope"] == scope]
        scopes[scope] = {
            "title": title,
            "noun": noun,
            "isLayer": is_layer,
            "ids": rows["place_id"].tolist(),
            "names": rows["place_name"].tolist(),
            "areas": None if is_layer else rows["area_id"].astype(int).astype(str).tolist(),
            "files": rows["file"].tolist(),
            "km2": rows["area_km2"].tolist(),
            "paths": [drawn.paths[scope][place] for place in rows["place_id"]],
        }
    periods = marts.sql(
        "select period_id, period_name, is_complete, is_single_year, record_system_of_period"
        " from marts.dim_periods order by is_single_year, start_date, end_date desc"
    ).df()
    return {
        "width": drawn.width,
        "height": drawn.height,
        "areBoundaries": drawn.are_boundaries,
        "fewestShown": fewest,
        "bureaus": on_layer[on_layer["scope"] == "area"].set_index("place_id")["bureau"].to_dict(),
        "characteristics": CHARACTERISTICS,
        "scopes": scopes,
        "denominators": [
            {"id": denominator, "title": title}
            for denominator, title in marts.sql(
                "select denominator, denominator_title from marts.dim_denominators order by all"
            ).fetchall()
        ],
        "periods": [
            {
                "id": row.period_id,
                "name": row.period_name,
                "isComplete": row.is_complete,
                "isYear": row.is_single_year,
                "hasCases": row.record_system_of_period in ("nibrs", "both"),
            }
            for row in periods.itertuples()
        ],
        "runs": _runs(marts, on_layer, fewest),
    }


def _runs(marts: Marts, on_layer: pd.DataFrame, fewest: int) -> list[dict[str, Any]]:
    """The K-means runs by volume, with what came of those that were run."""
    assigned = marts.sql(
        "select run_id, place_id, cluster_rank, tier, volume, p_tier, is_borderline"
        f" from (select run_id from marts.cluster_runs where {RUN_OF_VOLUME})"
        " inner join ("
        "   select run_id, place_id, cluster_rank, tier, volume from marts.cluster_assignments"
        "   union all"
        "   select run_id, place_id, 0, null, volume from marts.cluster_exclusions"
        " ) using (run_id)"
        " left join marts.place_tier_confidence"
        "   using (run_id, place_id, cluster_rank, tier, volume)"
    ).df()
    of_run = dict(list(assigned.groupby("run_id")))
    rates = marts.execute(
        "select scope, period_id, source, denominator, place_id, rate, rate_low, rate_high, caution"
        " from marts.place_rates where incident_group = 'all' and n >= $fewest"
        " order by denominator",
        {"fewest": fewest},
    ).df()
    rates_of = dict(list(rates.groupby(["scope", "period_id", "source"])))
    listed = marts.sql(f"select * from marts.cluster_runs where {RUN_OF_VOLUME} order by run_id")
    runs = []
    for run in listed.df().itertuples():
        made = {
            "id": run.run_id,
            "scope": run.scope,
            "source": run.source,
            "period": run.period_id,
            "isMain": run.is_main,
            "isRun": run.status == "ok",
            "caution": None if pd.isna(run.caution) else run.caution,
        }
        if made["isRun"]:
            order = on_layer.loc[on_layer["scope"] == run.scope, "place_id"]
            rows = of_run[run.run_id].set_index("place_id").reindex(order)
            made |= _outcome(rows, run.k, fewest) | {"silhouette": round(run.silhouette, 3)}
            if (key := (run.scope, run.period_id, run.source)) in rates_of:
                made["rates"] = {
                    denominator: _rates_on_map(of_places.set_index("place_id").reindex(order))
                    for denominator, of_places in rates_of[key].groupby("denominator")
                }
        runs.append(made)
    return runs


def _outcome(rows: pd.DataFrame, k: int, fewest: int) -> dict[str, Any]:
    """The tiers of a run, and each place's rank, volume and confidence."""
    named = rows.dropna(subset="tier").groupby("cluster_rank")["tier"].first()
    made = {
        "tiers": [
            {"name": named.get(rank, f"tier {rank}"), "colour": colour}
            for rank, colour in enumerate(tier_colours(k), start=1)
        ],
        "rank": rows["cluster_rank"].fillna(0).astype(int).tolist(),
        "volume": [None if pd.isna(n) or n < fewest else int(n) for n in rows["volume"]],
        "confidence": None,
    }
    if rows["p_tier"].notna().any():
        made["confidence"] = [None if pd.isna(p) else round(p, 3) for p in rows["p_tier"]]
        made["isBorderline"] = rows["is_borderline"].fillna(False).astype(int).tolist()
    return made


def _rates_on_map(rows: pd.DataFrame) -> dict[str, Any]:
    """Each place's rate with its interval, and the cautions of those that have one."""
    cautions = rows["caution"].reset_index(drop=True).dropna()
    columns = {"rate": "rate", "low": "rate_low", "high": "rate_high"}
    return {
        name: [None if pd.isna(rate) else round(rate, 3) for rate in rows[column]]
        for name, column in columns.items()
    } | {"cautions": cautions.to_dict()}


def place_data(marts: Marts, data_folder: Path) -> dict[str, dict[str, Any]]:
    """By file, then by place (`area-1`, `district-101`): what its page has that the map has not."""
    on_layer = places(marts)
    near = weights(on_layer, data_folder)
    facts: dict[tuple[str, str], dict[str, Any]] = {
        (row.scope, row.place_id): {"typology": [], "profiles": {}} for row in on_layer.itertuples()
    }
    for scope, found in near.items():
        for row, place in enumerate(found.place_ids):
            facts[scope, place]["neighbours"] = sorted(
                (found.place_ids[i] for i in found.matrix[[row]].indices),
                key=lambda place_id: (len(place_id), place_id),
            )
            facts[scope, place]["neighboursBy"] = found.neighbours
    for scope, place, since in marts.sql(
        "select scope, place_id, strftime(ground_since, '%-d %B %Y')"
        " from marts.dim_places where is_on_boundary_layer and ground_since is not null"
    ).fetchall():
        facts[scope, place]["groundSince"] = since
    for name, query in {
        "trajectory": "select scope, place_id, trajectory, n_years, slope_per_year, ci_low, ci_high"
        " from marts.place_trajectories",
        "robustness": "select scope, place_id, headline_tier, share_agreeing, n_specifications"
        " from marts.tier_robustness",
    }.items():
        for scope, place, *values in marts.sql(query).fetchall():
            if (scope, place) in facts:
                facts[scope, place][name] = [_short(value) for value in values]
    for scope, place, *values in marts.sql(
        "select scope, place_id, period_id, tier, mix_label, highest_location_quotients,"
        " mix_silhouette from marts.place_typology order by period_id desc"
    ).fetchall():
        if (scope, place) in facts:
            facts[scope, place]["typology"].append([_short(value) for value in values])
    for scope, place, period, source, characteristic, *cell in _profile_cells(marts):
        if (scope, place) in facts:
            of_period = (
                facts[scope, place]["profiles"].setdefault(source, {}).setdefault(period, {})
            )
            category, n, share, quotient = cell
            of_period.setdefault(characteristic, []).append(
                [category] if n is None else [category, n, _short(share), _short(quotient)]
            )
    for scope, place, *shares in marts.sql(
        "select scope, place_id, source, share_by_district from marts.place_assignment"
        " where rests_on_districts order by source"
    ).fetchall():
        if (scope, place) in facts:
            facts[scope, place].setdefault("byDistrict", []).append([_short(v) for v in shares])
    for scope, place, rate in _rates(marts):
        if (scope, place) in facts:
            facts[scope, place].setdefault("rates", []).append(rate)
    by_file: dict[str, dict[str, Any]] = {}
    for row in on_layer.itertuples():
        of_file = by_file.setdefault(row.file, {})
        of_file[f"{row.scope}-{row.place_id}"] = facts[row.scope, row.place_id]
    return by_file


def _rates(marts: Marts) -> list[tuple[str, str, dict[str, Any]]]:
    """Scope, place and rate of crimes over the main run's period, by denominator, if it is shown.

    Ranks are among so many `places`.
    """
    found = marts.execute(
        "select scope, place_id, denominator_title, denominator_year, period_id,"
        " round(rate, 2) as rate, round(rate_low, 2) as rate_low, round(rate_high, 2) as rate_high,"
        " round(city_rate, 2) as city_rate, rank_low, rank_high,"
        " count(*) over (partition by scope, denominator) as places, n,"
        " base, base_low, base_high, caution"
        " from marts.place_rates"
        " inner join (select scope, period_id from marts.cluster_runs where is_main)"
        "   using (scope, period_id)"
        " inner join marts.dim_denominators using (denominator)"
        " where source = 'crimes' and incident_group = 'all'"
        " order by denominator",
    ).df()
    found = found[found["n"] >= fewest_shown(marts)].astype(object).where(found.notna(), None)
    names = {
        "denominator_title": "title",
        "denominator_year": "year",
        "period_id": "period",
        "rate": "rate",
        "rate_low": "low",
        "rate_high": "high",
        "city_rate": "city",
        "rank_low": "rankLow",
        "rank_high": "rankHigh",
        "places": "places",
        "base": "base",
        "base_low": "baseLow",
        "base_high": "baseHigh",
        "caution": "caution",
    }
    return [
        (row["scope"], row["place_id"], {names[key]: _short(row[key]) for key in names})
        for row in found.to_dict("records")
    ]


def _profile_cells(marts: Marts) -> list[tuple]:
    """Cells of the profiles that the site shows, in their order; hidden ones have no n."""
    names = ", ".join(f"'{name}'" for name in CHARACTERISTICS)
    return marts.sql(
        "select scope, place_id, period_id, source, characteristic,"
        " coalesce(crime_group_name, charge_group_name, replace(category, '_', ' ')),"
        " if(is_suppressed, null, n), share, location_quotient"
        " from marts.place_profiles"
        " left join marts.dim_crime_groups"
        "   on characteristic = 'crime_group' and category = crime_group"
        " left join marts.dim_charge_groups"
        "   on characteristic = 'charge_group' and category = charge_group"
        f" where characteristic in ({names})"
        " order by scope, place_id, source, period_id, characteristic, is_suppressed,"
        " if(characteristic like '%weekday', list_position(['Monday', 'Tuesday', 'Wednesday',"
        " 'Thursday', 'Friday', 'Saturday', 'Sunday'], category), null),"
        " if(characteristic like '%hour_band', category, null), n desc, category"
    ).fetchall()


def _short(value: Any) -> Any:
    """A number with three decimals, or what else it is."""
    return round(value, 3) if isinstance(value, float) else value
