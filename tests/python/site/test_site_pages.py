"""The pages of the site that show the build's measures: their numbers, charts and empty cases."""

import datetime as dt
import importlib
import json
import re
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import vl_convert
from sites import copy_of_marts

from la_crime.site import theme
from la_crime.site.page import Page, Section
from la_crime.site.pages import arrests, concentration, grouping, trust

PAGES = ["lately", "grouping", "stability", "differences", "arrests", "concentration", "trust"]
HEADLINE_AREAS = "area__all__crimes__volume__kmeans"
LARGEST_PAGE = 1_500_000  # bytes of specifications


@pytest.fixture(scope="module")
def pages(marts) -> dict[str, Page]:
    """Each page, made from the demo warehouse."""
    return {name: module(name).page(marts) for name in PAGES}


def module(name: str) -> ModuleType:
    """The module of a page."""
    return importlib.import_module(f"la_crime.site.pages.{name}")


def section(page: Page, name: str) -> Section:
    """The section of that name."""
    return next(found for found in page.sections if found.name == name)


# --- Every page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_charts_are_valid_can_be_drawn_and_have_words(pages, name):
    drawn = [found for found in pages[name].sections if found.chart is not None]
    assert drawn
    size = 0
    for found in drawn:
        spec = found.chart.to_dict()
        assert spec["width"] == "container"
        assert len(found.alt_text) > 20, found.name
        size += len(json.dumps(spec))
        svg = vl_convert.vegalite_to_svg(spec | {"width": 600, "config": theme.config()})
        assert svg.count("<path") > 3, found.name
    assert size < LARGEST_PAGE


@pytest.mark.parametrize("name", PAGES)
def test_words_are_whole_and_fair(pages, name):
    page = pages[name]
    names = [found.name for found in page.sections]
    assert len(set(names)) == len(names)
    for text in [page.answer, *(found.text for found in page.sections)]:
        assert text.endswith("."), text
        assert not re.search(r"\bnan\b|None|<NA>|[{}]|inf\b", text), text
        assert not re.search("danger|unsafe|crime-ridden|hot ?spot", text, re.IGNORECASE), text
    for found in page.sections:
        assert re.fullmatch(r"\w[\w-]*", found.name)
        assert len(found.data), found.name


@pytest.mark.parametrize("name", PAGES)
def test_a_warehouse_without_rows_gives_words_and_no_chart(demo_warehouse, name):
    with copy_of_marts(demo_warehouse.db, "from {} where false".format) as empty:
        page = module(name).page(empty)
    assert page.answer.startswith(("No ", "These files"))
    for found in page.sections:
        assert found.text and found.data.empty, found.name
        assert found.chart is None, found.name


@pytest.mark.parametrize("name", PAGES)
def test_what_lies_one_over_the_other_is_chosen_from_a_list(pages, name):
    for found in pages[name].sections:
        if found.chart is None:
            continue
        spec = found.chart.to_dict()
        params = {param["name"]: param for param in spec.get("params", [])}
        for field in {"run", "scope", "crime_group", "measure", "typology"} & {*found.data}:
            param = params[f"chosen_{field}"]
            assert param["bind"]["options"] == found.data[field].drop_duplicates().tolist()
            assert param["value"] == param["bind"]["options"][0]
            assert f"(datum['{field}'] === chosen_{field})" in json.dumps(spec)
        shown = found.data
        for field in {param.removeprefix("chosen_") for param in params} & {*shown}:
            shown = shown[shown[field] == params[f"chosen_{field}"]["value"]]
        assert len(shown), found.name


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_the_same_each_time(pages, marts, name):
    again = module(name).page(marts)
    for first, second in zip(pages[name].sections, again.sections, strict=True):
        assert first.text == second.text
        if first.chart is not None:
            assert first.chart.to_json() == second.chart.to_json(), first.name


# --- Grouping ------------------------------------------------------------------------------------


def test_votes_are_those_of_the_headline_runs(pages, marts):
    expected = marts.sql(
        "select distinct run_id, k_used, recommended_k from marts.cluster_k_selection"
        " where run_id in (select run_id from marts.cluster_runs where is_headline)"
    ).fetchall()
    shown = section(pages["grouping"], "votes").data
    assert sorted(shown[["k_used", "recommended_k"]].itertuples(index=False, name=None)) == sorted(
        (used, recommended) for _, used, recommended in expected
    )
    borne_out = sum(used == recommended for _, used, recommended in expected)
    assert f"in {borne_out} of {len(expected)} headline runs" in pages["grouping"].answer


def test_four_leaves_hang_where_their_merges_say():
    linkage = np.array([[0, 1, 1, 2], [2, 3, 2, 2], [4, 5, 4, 4]], dtype=float)
    leaves = pd.DataFrame(
        {"place": list("abcd"), "tier": ["low", "low", "high", "high"], "volume": [1, 2, 8, 9]}
    )
    lines, ends = grouping.drawing(linkage, leaves, 30)
    assert ends["leaf"].tolist() == ["d", "c", "b", "a"]  # busiest first
    assert ends["position"].tolist() == [5, 15, 25, 35]
    links = {
        tuple(zip(link["position"], link["height"], strict=True))
        for _, link in lines.groupby("merge")
    }
    assert links == {
        ((5, 0), (5, 2), (15, 2), (15, 0)),
        ((25, 0), (25, 1), (35, 1), (35, 0)),
        ((10, 2), (10, 4), (30, 4), (30, 1)),
    }
    assert grouping.cut_height(linkage, 2) == 3
    assert grouping.cut_height(linkage, 4) == 0.5


def test_a_long_dendrogram_ends_in_branches():
    linkage = np.array([[0, 1, 1, 2], [2, 3, 2, 2], [4, 5, 4, 4]], dtype=float)
    leaves = pd.DataFrame(
        {"place": list("abcd"), "tier": ["low", "low", "high", "high"], "volume": [1, 2, 8, 9]}
    )
    lines, ends = grouping.drawing(linkage, leaves, 2)
    assert ends["leaf"].tolist() == ["2 places of 8 to 9", "2 places of 1 to 2"]
    assert ends["tier"].tolist() == ["high", "low"]
    assert lines["height"].tolist() == [0, 4, 4, 0]


def test_dendrograms_hold_every_place_and_are_cut_into_their_tiers(marts):
    runs = [
        run_id.replace("kmeans", "ward")
        for (run_id,) in marts.sql(
            "select run_id from marts.cluster_runs where is_headline"
        ).fetchall()
    ]
    for run_id in runs:
        found = grouping.dendrogram_section(marts, run_id, "run")
        places, k = marts.execute(
            "select n_places, k from marts.cluster_runs where run_id = ?", [run_id]
        ).fetchall()[0]
        assert found.data["places"].sum() == places
        assert len(found.data) == min(places, grouping.BRANCHES)
        layers = found.chart.to_dict()
        lines = pd.DataFrame(layers["datasets"][layers["layer"][0]["data"]["name"]])
        cut = layers["layer"][1]["encoding"]["x"]["datum"]
        corners = lines.pivot_table(index="merge", columns="corner", values="height")
        crossed = sum(
            ((corners[end] < cut) & (corners[top] > cut)).sum() for end, top in [(0, 1), (3, 2)]
        )
        assert crossed == k


def test_silhouettes_and_the_second_algorithm_are_those_of_the_marts(pages, marts):
    mean = marts.execute(
        "select avg(silhouette) from marts.cluster_assignments where run_id = ?", [HEADLINE_AREAS]
    ).fetchall()[0][0]
    shown = section(pages["grouping"], "silhouettes").data.groupby("run")["silhouette"].mean()
    assert shown["Areas (2010 to present)"] == pytest.approx(mean, abs=1e-3)
    same = marts.execute(
        "select count(*) from marts.cluster_assignments as l"
        " join marts.cluster_assignments as r using (place_id, tier)"
        " where l.run_id = ? and r.run_id = ?",
        [HEADLINE_AREAS, HEADLINE_AREAS.replace("kmeans", "ward")],
    ).fetchall()[0][0]
    crossed = section(pages["grouping"], "kmeans_against_ward")
    assert f"{same} of 21 areas (2010 to present)" in crossed.text


# --- Stability -----------------------------------------------------------------------------------


def test_agreement_shows_every_pair_once(pages, marts):
    shown = section(pages["stability"], "agreement").data
    expected = marts.sql(
        "select title, verdict, count(*) from marts.tier_agreement"
        " inner join marts.dim_scopes using (scope)"
        " where compared = 'period' and left_id != right_id group by all"
    ).fetchall()
    of_one = shown[shown["measure"] == "weighted kappa"]
    counts = of_one.groupby(["scope", "verdict"]).size().to_dict()
    assert counts == {(title, verdict): n for title, verdict, n in expected}
    kappa = marts.sql(
        "select weighted_kappa from marts.tier_agreement"
        " where scope = 'area' and left_id = '2011' and right_id = '2014'"
    ).fetchall()[0][0]
    cell = of_one[(of_one["earlier"] == "2011") & (of_one["later"] == "2014")]
    assert cell.set_index("scope").loc["Areas", "agreement"] == pytest.approx(kappa, abs=1e-3)
    # the whole period goes on, but what is compared of it does not
    assert of_one["later"].iloc[-1] == "2010\N{EN DASH}2023 of 2010 to present"


def test_the_answer_counts_consecutive_years_that_show_a_change(pages, marts):
    changed, pairs = marts.sql(
        "select count(*) filter (where verdict != 'no change shown'), count(*)"
        " from marts.tier_agreement where scope = 'district' and compared = 'period'"
        " and try_cast(right_id as integer) = try_cast(left_id as integer) + 1"
    ).fetchall()[0]
    assert f"districts in {changed} of {pairs} pairs" in pages["stability"].answer


def test_the_noise_of_all_counts_is_the_marts(pages, marts):
    shown = section(pages["stability"], "noise").data
    expected = marts.sql(
        "select round(dispersion_year, 2), sentence from marts.count_noise"
        " where category = 'all' order by scope, source, record_system"
    ).fetchall()
    assert list(zip(shown["times_poisson"], shown["sentence"], strict=True)) == expected
    assert len(expected) == 9


def test_tiers_by_year_are_those_of_the_yearly_runs(pages, marts):
    shown = section(pages["stability"], "tiers_by_year").data
    expected = marts.sql(
        "select place_name, period_id, tier from marts.cluster_assignments"
        " join marts.cluster_runs using (run_id, scope)"
        " join marts.dim_places using (scope, place_id)"
        " where scope = 'area' and algorithm = 'kmeans' and feature_set = 'volume'"
        " and source = 'crimes' and period_id between '2010' and '2023' and len(period_id) = 4"
    ).fetchall()
    columns = ["area", "year", "tier"]
    assert sorted(shown[columns].itertuples(index=False, name=None)) == sorted(expected)
    first = shown.groupby("area")["crimes"].sum().idxmax()
    assert shown["area"].iloc[0] == first


def test_borderline_places_add_up(pages, marts):
    expected, places = marts.execute(
        "select count(*) filter (where p_tier < 0.8), count(*)"
        " from marts.place_tier_confidence where run_id = ?",
        [HEADLINE_AREAS.replace("area", "district")],
    ).fetchall()[0]
    histogram = section(pages["stability"], "confidence")
    assert f"{expected:,} of {places:,} districts (2010 to present)" in histogram.text
    counts = histogram.data.groupby("run")["places"].sum()
    assert counts["Districts (2010 to present)"] == places


def test_trajectories_are_those_of_the_mart(pages, marts):
    rising = marts.sql(
        "select place_name from marts.place_trajectories join marts.dim_places"
        " using (scope, place_id) where scope = 'area' and trajectory = 'rising'"
    ).fetchall()
    text = section(pages["stability"], "area_trends").text
    named = re.search(r"Rising: (.*?)\. Falling", text).group(1)
    assert sorted(re.split(", | and ", named)) == sorted(name for (name,) in rising)


# --- Differences ---------------------------------------------------------------------------------


def test_effects_are_those_of_the_headline_runs(pages, marts):
    run, value = marts.execute(
        "select characteristic, effect_size from marts.tier_effects where run_id = ?"
        " order by effect_size desc nulls last limit 1",
        [HEADLINE_AREAS],
    ).fetchall()[0]
    shown = section(pages["differences"], "effect_sizes")
    assert f"{run.replace('_', ' ')} ({value:.2f}" in shown.text
    assert (shown.data["low"] <= shown.data["high"]).all()
    untested = set(section(pages["differences"], "not_tested").data["verdict"])
    assert untested <= {"used in clustering", "not testable"}


def test_hidden_cells_stay_hidden(pages, marts):
    shown = section(pages["differences"], "location_quotients").data
    expected = marts.sql(
        "select count(*) from marts.cluster_profiles join marts.cluster_runs as runs using (run_id)"
        " where is_headline and not is_suppressed"
    ).fetchall()[0][0]
    assert len(shown) == expected
    assert shown["n"].min() >= 10
    districts = shown[shown["run"].str.startswith("Districts")]
    assert not districts["category"].str.contains("sexual|children").any()


def test_typology_counts_every_place(pages, marts):
    shown = section(pages["differences"], "typology").data
    expected = marts.sql(
        "select count(*) from marts.place_typology where scope = 'district' and period_id = 'all'"
    ).fetchall()[0][0]
    totals = shown.groupby("typology")["places"].sum()
    assert totals["Districts (2010 to present)"] == expected
    located = section(pages["differences"], "typology_map").data
    assert len(located) == expected


# --- Arrests -------------------------------------------------------------------------------------


def test_ratios_are_arrests_over_crimes(pages):
    shown = section(pages["arrests"], "arrests_per_100_crimes").data
    assert np.allclose(
        100 * shown["arrests"] / shown["crimes"], shown["arrests_per_100_crimes"], atol=0.051
    )
    assert shown[["crimes", "arrests"]].min().min() >= 10
    every = shown[shown["crime_group"] == "All crimes"]
    lowest = every.loc[every["arrests_per_100_crimes"].idxmin()]
    assert f"{lowest['arrests_per_100_crimes']:.0f} in {lowest['area']}" in pages["arrests"].answer
    # the years that have both, though the whole period goes on
    assert (
        "crimes of 2010\N{EN DASH}2023," in section(pages["arrests"], "arrests_per_100_crimes").text
    )


def test_patterns_and_shares_are_those_of_the_marts(pages, marts):
    expected = marts.sql(
        "select s_index from marts.pattern_similarity"
        " where scope = 'area' and left_id = 'crimes 2015' and right_id = 'arrests 2015'"
    ).fetchall()[0][0]
    shown = section(pages["arrests"], "pattern_similarity").data
    of_2015 = shown[(shown["scope"] == "Areas") & (shown["year"] == "2015")].set_index("compared")
    found = of_2015.loc["crimes and arrests of the year", "s_index"]
    assert found == pytest.approx(expected, abs=1e-3)
    before = marts.sql(
        "select s_index from marts.pattern_similarity"
        " where scope = 'area' and left_id = 'crimes 2014' and right_id = 'crimes 2015'"
    ).fetchall()[0][0]
    found = of_2015.loc["crimes of the year and of the year before", "s_index"]
    assert found == pytest.approx(before, abs=1e-3)
    both = section(pages["arrests"], "shares_of_both").data
    assert both["share_of_arrests"].sum() == pytest.approx(1, abs=1e-3)


def test_tiers_by_arrests_are_crossed_with_tiers_by_crimes(pages, marts):
    shown = section(pages["arrests"], "crime_tier_against_arrest_tier").data
    expected = marts.execute(
        "select count(*) from marts.cluster_assignments as l"
        " join marts.cluster_assignments as r using (place_id)"
        " where l.run_id = ? and r.run_id = ? and l.tier = 'high' and r.tier = 'low'",
        [HEADLINE_AREAS.replace("area", "district"), "district__all__arrests__volume__kmeans"],
    ).fetchall()[0][0]
    cell = shown[
        (shown["run"] == "Districts (2010 to present)")
        & (shown["left_tier"] == "high")
        & (shown["right_tier"] == "low")
    ]
    assert cell["places"].sum() == expected


# --- Concentration -------------------------------------------------------------------------------


def test_lorenz_curves_by_hand():
    equal = concentration.lorenz_curve(np.array([3, 3, 3, 3]))
    assert np.allclose(equal["share_of_crimes"], equal["share_of_places"])
    one = concentration.lorenz_curve(np.array([0, 8, 0, 0]))
    assert one["share_of_crimes"][concentration.GRID <= 0.75].max() == 0
    assert one["share_of_crimes"][-1] == 1


def test_lorenz_curves_have_the_gini_of_the_mart(pages, marts):
    curves = section(pages["concentration"], "lorenz").data
    ginis = dict(
        marts.sql(
            "select period_id, gini from marts.crime_concentration where crime_group = 'all'"
        ).fetchall()
    )
    for year, curve in curves.groupby("year"):
        under = np.trapezoid(curve["share_of_crimes"], curve["share_of_places"])
        assert 1 - 2 * under == pytest.approx(ginis[year], abs=0.003)


def test_concentration_is_that_of_the_mart(pages, marts):
    districts, land = marts.sql(
        "select district_share_for_50pct, km2_share_for_50pct from marts.crime_concentration"
        " where crime_group = 'all' and period_id = '2023'"
    ).fetchall()[0]
    answer = pages["concentration"].answer
    assert f"2023 lies in {districts:.0%}" in answer
    assert f"{land:.0%} of the land" in answer
    moran = marts.sql(
        "select morans_i from marts.spatial_autocorrelation where scope = 'district'"
        " and period_id = '2012' and crime_group = 'burglary'"
    ).fetchall()[0][0]
    shown = section(pages["concentration"], "morans_i").data.set_index(
        ["scope", "crime_group", "year"]
    )
    assert shown.loc[("Districts", "Burglary", "2012"), "morans_i"] == pytest.approx(
        moran, abs=1e-3
    )


# --- Trust ---------------------------------------------------------------------------------------


def test_rows_and_months_add_up_to_what_was_kept(pages, marts):
    read, kept = marts.sql(
        "select sum(rows_read), sum(rows_kept) from marts.row_reconciliation"
    ).fetchall()[0]
    assert f"Of {read:,} rows" in pages["trust"].answer
    assert f"{kept:,} count" in pages["trust"].answer
    assert "and 0 are unaccounted for" in pages["trust"].answer
    crimes = marts.sql("select sum(crimes) from marts.fct_crimes_monthly").fetchall()[0][0]
    months = section(pages["trust"], "by_month").data.groupby("series")["incidents"].sum()
    assert months[["crimes, reports", "crimes, NIBRS cases"]].sum() == crimes


def test_the_break_is_drawn_and_said(pages):
    found = section(pages["trust"], "by_month")
    assert "7 March 2024 (dashed)" in found.text
    rule = found.chart.to_dict()["layer"][1]["encoding"]["x"]["datum"]
    assert rule == {"year": 2024, "month": 3, "date": 7}


def test_what_the_break_did_is_computed():
    months = pd.date_range("2023-03-01", "2024-05-01", freq="MS")
    crimes = pd.Series([100] * 12 + [50, 30, 20], index=months)
    day = dt.date(2024, 3, 7)
    assert "from 100 in the year before it to 25 after it and 20" in trust.after_the_break(
        crimes, day
    )
    assert trust.after_the_break(crimes[:"2024-03-01"], day) == ""


def test_record_systems_are_told_apart(pages):
    found = section(pages["trust"], "by_month")
    series = ["crimes, reports", "crimes, NIBRS cases", "arrests"]
    assert set(found.data["series"]) == set(series)
    assert found.chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]["domain"] == series


def test_a_month_without_a_file_is_a_gap_in_the_line(demo_warehouse):
    with copy_of_marts(demo_warehouse.db) as con:
        con.execute("delete from marts.fct_crimes_monthly where month = '2015-05-01'")
        found = section(trust.page(con), "by_month")
    spec = found.chart.to_dict()["layer"][0] | {"datasets": found.chart.to_dict()["datasets"]}
    drawn = pd.DataFrame(spec["datasets"][spec["data"]["name"]]).set_index(["month", "series"])
    assert drawn.loc[("2015-04-01T00:00:00", "crimes, reports"), "incidents"] > 0
    assert np.isnan(drawn.loc[("2015-05-01T00:00:00", "crimes, reports"), "incidents"])


def test_rejects_of_every_source_are_drawn_in_a_colour_of_their_own(pages):
    found = section(pages["trust"], "rejects")
    scale = found.chart.to_dict()["encoding"]["color"]["scale"]
    assert scale["domain"] == ["crimes", "arrests", "NIBRS offences"]
    assert set(found.data["source"]) == set(scale["domain"])
    assert len(set(scale["range"])) == 3


def test_shares_that_read_alike_are_said_once():
    assert concentration.span(pd.Series({"min": 0.15, "max": 0.152})) == "15%"
    assert concentration.span(pd.Series({"min": 0.15, "max": 0.19})) == "15% to 19%"


def test_series_that_end_before_the_break_have_no_rule(demo_warehouse):
    with copy_of_marts(demo_warehouse.db) as marts:
        for table in ("fct_crimes_monthly", "fct_arrests_monthly"):
            marts.execute(f"delete from marts.{table} where month > '2020-12-01'")
        found = trust.by_month(marts)
    assert "end before" in found.text
    assert "layer" not in found.chart.to_dict()


def test_totals_are_compared_with_those_published(pages, marts):
    kept, published = marts.sql(
        "select sum(crimes_kept), sum(crimes_published) from marts.control_totals"
    ).fetchall()[0]
    text = section(pages["trust"], "control_totals").text
    assert f"{kept:,} crimes of the {published:,}" in text


def test_settings_are_those_that_the_marts_were_built_with(demo_warehouse):
    with copy_of_marts(demo_warehouse.db) as marts:
        marts.execute(
            "update marts.build_info set rounding_base = 5000, nibrs_break = '2022-06-05'"
        )
        broken = section(trust.page(marts), "by_month")
        ratios = section(arrests.page(marts), "arrests_per_100_crimes")
    assert "On 5 June 2022 (dashed)" in broken.text
    assert "fewer than 5000 of either" in ratios.text
    assert ratios.data[["crimes", "arrests"]].min().min() >= 5000
