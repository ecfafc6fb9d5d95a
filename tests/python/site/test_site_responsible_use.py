"""The site says nothing of persons, and blames no place."""

import json
import re
from pathlib import Path

import numpy as np

BANNED = re.compile(
    r"danger(?!ous or evasive driving)|unsafe|safer?\s+(area|place|district|neighbou?rhood)"
    r"|\bbad (area|place|part|neighbou?rhood)|no-go|crime-ridden|hot[- ]?spot|\bcriminals\b"
    r"|high-crime|predictive polic|offenders\b"
)


def data_files(built: Path) -> list[Path]:
    """All that the project writes itself; the script of the charts' library is not."""
    return [
        p for p in built.rglob("*") if p.suffix in (".html", ".js", ".csv") and p.name != "vega.js"
    ]


def test_no_text_blames_a_place_or_its_people(built):
    # the method page lists the words that do not fit
    files = [path for path in data_files(built) if path.name != "method.html"]
    found = {path.name: BANNED.findall(path.read_text().lower()) for path in files}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_report_number_and_no_coordinate_but_of_places(built, marts):
    # a size of some 34 km² is written as a latitude is
    of_places = marts.sql(
        "select lat, lon, area_km2 from marts.dim_places where lat is not null"
    ).fetchnumpy()
    known = np.concatenate(list(of_places.values()))
    for path in data_files(built):
        text = path.read_text()
        assert re.findall(r"(?<![\w.])\d{9}(?!\w)", text) == [], path.name
        found = re.findall(r"-118\.\d{4,}|(?<![\w.])3[34]\.\d{4,}", text)
        off = [at for at in set(found) if np.abs(known - float(at)).min() > 6e-5]
        assert off == [], path.name


def places_of(built: Path) -> dict[str, dict]:
    """The data of all places' pages."""
    found = {}
    for path in (built / "assets" / "places").iterdir():
        found |= json.loads(path.read_text().split(" = ", 1)[1].removesuffix(";\n"))
    return found


def test_no_sensitive_group_in_a_district(built, marts):
    names = {
        name
        for (name,) in marts.sql(
            "select crime_group_name from marts.dim_crime_groups where is_sensitive_crime_group"
            " union all"
            " select charge_group_name from marts.dim_charge_groups where is_sensitive_charge_group"
        ).fetchall()
    }
    assert names
    for key, facts in places_of(built).items():
        if key.startswith("district"):
            assert not {name for name in names if name in json.dumps(facts)}, key


def test_hidden_cells_stay_hidden(built, marts):
    places = places_of(built)
    cells = marts.sql(
        "select scope || '-' || place_id, source, period_id, characteristic, count(n), sum(n)"
        " from marts.place_profiles group by all"
    ).fetchall()
    shown = 0
    for place, source, period, characteristic, n, total in cells:
        found = places.get(place, {}).get("profiles", {}).get(source, {}).get(period, {})
        visible = [cell for cell in found.get(characteristic, []) if len(cell) > 1]
        if characteristic in found:
            assert len(visible) == n
            assert sum(cell[1] for cell in visible) == (total or 0)
            shown += n
    assert shown > 1000


def test_small_counts_of_places_are_not_shown(built):
    text = (built / "assets" / "map-data.js").read_text()
    runs = json.loads(text.split(" = ", 1)[1].removesuffix(";\n"))["runs"]
    volumes = [n for run in runs if run["isRun"] for n in run["volume"] if n is not None]
    assert min(volumes) >= 10
