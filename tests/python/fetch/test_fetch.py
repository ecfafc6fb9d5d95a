"""A fetch lands what the portal has, and never asks for what it must not."""

import json

import helpers
import portal as city
import pytest
from fetching import CRIMES, NIBRS, TOKEN, assert_same_as_portal, fetch_small, manifest

from la_crime.inputs import inspection
from la_crime.portal import fetch
from la_crime.portal.datasets import choose_columns, published

FORBIDDEN = {
    "location", "location_1", "cross_street", "crsst", "mocodes", "totalvictimcount", "victim_shot",
    "domestic_violence_crime", "hate_crime", "gang_related_crime", "transit_related_crime",
    "homeless_victim_crime", "homeless_suspect_crime", "homeless_arrestee_crime", "bkg_date",
    "bkg_time", "bkg_location", "bkg_loc_cd", "dispo_desc", "charge", "chrg_desc",
    ":@computed_region_x",
}  # fmt: skip


def test_everything_is_fetched_as_it_is(whole, tmp_path, capsys):
    fetch.fetch(tmp_path, page_rows=100, pages_per_file=4)
    for name in city.IDS:
        assert_same_as_portal(whole, tmp_path, name)
        assert manifest(tmp_path)[name]["id"] == city.IDS[name]
        assert manifest(tmp_path)[name]["rowsUpdatedAt"] == city.EPOCH
    assert len(list(tmp_path.glob("crimes/crimes_2010_2019-*.parquet"))) == 4
    for layer, path in {
        "reporting_districts": city.DISTRICTS,
        "divisions": city.DIVISIONS,
        "council_districts": city.COUNCILS,
        "neighborhoods": city.NEIGHBOURHOODS,
    }.items():
        shapes = json.loads((tmp_path / "boundaries" / f"{layer}.geojson").read_text())["features"]
        wanted = {"REPDIST", "PREC", "APREC", "BUREAU", "District", "name"}
        for shape in whole.shapes[path]:
            kept = {k: v for k, v in shape["properties"].items() if k in wanted}
            assert {**shape, "properties": kept} in shapes
        assert len(shapes) == len(whole.shapes[path]) == manifest(tmp_path)[layer]["rows"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == published().names
    assert f"{CRIMES}      1,333 rows fetched; 1,333 rows in 4 files" in lines[0]


@pytest.mark.usefixtures("whole")
def test_the_files_are_of_known_layouts(tmp_path):
    fetch.fetch(tmp_path)
    found = inspection.inspect(tmp_path, helpers.SEEDS)
    assert found["problems"] == []
    assert {file["layout"] for file in found["files"]} == {
        "crimes 28 columns (portal and API)",
        "arrests API",
        "NIBRS offences API",
    }
    assert not any(file["is_synthetic"] for file in found["files"])


def test_what_responsible_use_forbids_is_never_asked_for(whole, tmp_path):
    fetch.fetch(tmp_path)
    asked = whole.columns_asked()
    assert {"dr_no", "rpt_id", "group", "hndrdth_lat", ":id"} <= asked
    assert not asked & FORBIDDEN
    there = {name for dataset in whole.datasets.values() for name in dataset.fields}
    assert there >= FORBIDDEN
    entries = [manifest(tmp_path)[name] for name in city.IDS]
    told = {name for entry in entries for name in entry["withheld_columns"]}
    assert told >= FORBIDDEN
    assert not whole.paths("gqf2-vm2j")


def test_of_new_york_nobody_is_asked_for_who_is_not_in_a_profile(monkeypatch):
    monkeypatch.setenv("CITY", "new_york")
    complaints = helpers.names(
        "cmplnt_num,cmplnt_fr_dt,cmplnt_fr_tm,cmplnt_to_dt,cmplnt_to_tm,addr_pct_cd,rpt_dt,ky_cd,"
        "ofns_desc,pd_cd,pd_desc,crm_atpt_cptd_cd,law_cat_cd,boro_nm,loc_of_occur_desc,"
        "prem_typ_desc,juris_desc,jurisdiction_code,parks_nm,hadevelopt,housing_psa,x_coord_cd,"
        "y_coord_cd,susp_age_group,susp_race,susp_sex,transit_district,latitude,longitude,lat_lon,"
        "patrol_boro,station_name,vic_age_group,vic_race,vic_sex"
    )
    arrests = helpers.names(
        "arrest_key,arrest_date,pd_cd,pd_desc,ky_cd,ofns_desc,law_code,law_cat_cd,arrest_boro,"
        "arrest_precinct,jurisdiction_code,age_group,perp_sex,perp_race,x_coord_cd,y_coord_cd,"
        "latitude,longitude,lon_lat"
    )
    there = {"crimes": complaints, "arrests": arrests}
    tables = published().tables
    assert [table.folder for table in tables] == ["crimes", "crimes", "arrests", "arrests"]
    for table in tables:
        columns = choose_columns(table, [{"fieldName": name} for name in there[table.folder]])
        assert columns.new == []
        assert set(columns.withheld) == set(there[table.folder]) & {
            *("susp_age_group", "susp_race", "susp_sex", "transit_district", "station_name"),
            *("x_coord_cd", "y_coord_cd", "lat_lon", "lon_lat"),
        }


def test_the_token_goes_to_the_portal_alone_and_into_no_file(whole, tmp_path, capfd):
    whole.fail(city.status(400, f"you sent {TOKEN}"), at=city.IDS[NIBRS])
    with pytest.raises(OSError, match=r"It says: you sent \*\*\*") as error:
        fetch.fetch(tmp_path)
    fetch.fetch(tmp_path)
    for path, params, headers in whole.requests:
        assert headers["Accept-Encoding"] == "gzip"
        sent = headers.get("X-App-Token")
        assert sent == (None if "arcgis" in path else TOKEN)
        assert TOKEN not in str(params)
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert TOKEN.encode() not in written
    printed = capfd.readouterr()
    assert TOKEN not in printed.out + printed.err + str(error.value)


def test_a_token_that_cannot_be_sent_is_not_shown(small, tmp_path, monkeypatch):
    monkeypatch.setenv("LA_CRIME_APP_TOKEN", f"{TOKEN}\r\nX-Other: 1")
    with pytest.raises(ValueError, match="LA_CRIME_APP_TOKEN is no app token") as error:
        fetch_small(tmp_path)
    assert TOKEN not in str(error.value)
    assert not small.requests
