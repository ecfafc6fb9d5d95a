"""The same 200 incidents in every form that files have are the same rows, or the build stops."""

import itertools
from collections import Counter
from datetime import date
from itertools import zip_longest
from types import SimpleNamespace

import duckdb
import helpers as h
import incidents as i
import pytest
from inspecting import inspect

STAGED = ["crimes", "arrests", "nibrs_offenses"]
BUILD = ["build", *h.WITHOUT_TESTS, "--select"]
# what is about the file, or repeats a value as it was written
ABOUT_THE_FILE = "file_name, landing_key, unread_time, unread_date_reported, rejected_value"


def file_name(number: int, form: i.Combination) -> str:
    return f"{i.HEADERS[form['layout']][0]}/{number:03}{form['format']}"


# Years, months and days from 10 to 12, so that every order makes days of them, all in the series.
ALIKE = itertools.cycle(
    date(2000 + y, m, d) for y, m, d in itertools.product((10, 11, 12), repeat=3)
)
DOUBTFUL = [x._replace(occurred=next(ALIKE), reported=None) for x in i.incidents()]
WITH_ORDER = {name: order for name, (_, order) in i.DATE_FORMS.items() if order}
DOUBTFUL_FORMS = {
    f"crimes/doubtful {n:02}.csv": {**i.PLAIN, "date": form, "tail": tail}
    for n, (form, tail) in enumerate(itertools.product(WITH_ORDER, i.TIME_TAILS))
}


def orders_that_fit(form: str) -> list[str]:
    """The orders in which dates of a form can be read."""
    if "Nov" in form:
        return ["day first", "year first"]
    return ["month first", "day first", *([] if "2022" in form else ["year first"])]


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """Every combination staged: its name in the folder, and its rows by source and file."""
    folder = tmp_path_factory.mktemp("forms")
    found = i.incidents()
    plain = [{**i.PLAIN, "layout": layout} for layout in i.HEADERS]
    named = {file_name(n, form): form for n, form in enumerate([*plain, *i.combinations()])}
    for name, form in named.items():
        h.put(folder / "data" / name, i.content(found, form))
    lines = ["file,column,order"]
    for name, form in DOUBTFUL_FORMS.items():
        h.put(folder / "data" / name, i.content(DOUBTFUL, form))
        lines.append(f"{name},DATE OCC,{WITH_ORDER[form['date']]}")
    (folder / "data/formats.csv").write_text("\n".join(lines))
    db = folder / h.WAREHOUSE
    ran = h.run_dbt([*BUILD, *(f"+stg_{source}" for source in STAGED)], folder / "data", db)
    assert ran.returncode == 0, ran.stdout[-3000:]
    with duckdb.connect(str(db), read_only=True) as con:
        yield SimpleNamespace(con=con, named=named, incidents=found)


def rows_by_file(con, source: str, columns: str) -> dict[str, list[tuple]]:
    """The staged rows of each file that are no blank rows, in order."""
    rows = con.sql(
        f"select file_name, {columns} from staging.stg_{source}"
        " where reject_reason is distinct from 'blank row' order by all"
    ).fetchall()
    return {name: list(own) for name, own in itertools.groupby(rows, key=lambda row: row[0])}


def test_the_plain_form_is_read_as_it_was_meant(forms):
    """Against values that come from no file and no SQL."""
    staged = forms.con.sql(
        "select report_id, date_occurred, date_reported, hour_occurred, is_default_time, area_id,"
        " small_area, crime_code, victim_age, victim_sex_code, victim_descent_code,"
        " premise_code, weapon_code, round(lat, 4), round(lon, 4), reject_reason"
        " from staging.stg_crimes where file_name = 'crimes/000.csv' order by all"
    ).fetchall()
    assert staged == [
        (
            str(x.report_id),
            x.occurred,
            x.reported,
            None if x.hhmm is None else x.hhmm // 100,
            x.hhmm in (1, 1200),
            x.area,
            x.district,
            str(x.code),
            x.age,
            x.sex,
            x.descent,
            x.premise,
            x.weapon,
            *([round(degrees, 4) for degrees in x.place] if x.place else [None, None]),
            None,
        )
        for x in forms.incidents
    ]


def test_every_form_gives_the_plain_forms_rows(forms):
    """The table of the combinations: every one is equal."""
    table, different = Counter(), []
    for source in STAGED:
        staged = rows_by_file(forms.con, source, f"* exclude ({ABOUT_THE_FILE})")
        plain = next(iter(staged.values()))
        for name, form in forms.named.items():
            if name.startswith(f"{source}/"):
                is_equal = [row[1:] for row in staged.get(name, [])] == [row[1:] for row in plain]
                table[form["layout"], is_equal] += 1
                if not is_equal:
                    pairs = zip_longest(staged.get(name, []), plain)
                    example = next((a, b) for a, b in pairs if not a or not b or a[1:] != b[1:])
                    different.append((form, *example))
    print({f"{layout}: {'equal' if equal else 'NOT'}": n for (layout, equal), n in table.items()})
    assert different == []
    assert table.total() == len(forms.named)


def test_blank_rows_are_counted_apart(forms):
    blank = dict(
        forms.con.sql(
            " union all ".join(
                f"select file_name, count(*) filter (reject_reason = 'blank row')"
                f" from staging.stg_{source} group by all"
                for source in STAGED
            )
        ).fetchall()
    )
    assert blank == {
        **{name: 30 if form["blank rows"] == "30" else 0 for name, form in forms.named.items()},
        **dict.fromkeys(DOUBTFUL_FORMS, 0),
    }


def test_the_combinations_have_every_two_levels_and_every_date_form_with_every_tail(forms):
    every = list(forms.named.values())
    assert i.possible_pairs() <= set().union(*map(i.pairs, every))
    dates = {(form["date"], form["tail"]) for form in every}
    assert len(dates) == 6 * (len(i.DATE_FORMS) - len(i.IN_ONE_PIECE)) + len(i.IN_ONE_PIECE)


def test_dates_that_nothing_decides_stop_the_build(tmp_path):
    for name, form in DOUBTFUL_FORMS.items():
        h.put(tmp_path / name, i.content(DOUBTFUL, form))
    found = inspect(tmp_path)
    assert found["files"] == []
    for (name, form), sentence in zip(DOUBTFUL_FORMS.items(), found["problems"], strict=True):
        possible = " or the ".join(orders_that_fit(form["date"]))
        assert sentence.startswith(
            f"{tmp_path / name}: column 'DATE OCC' has dates that can be read with the {possible}, "
            "and no value tells which: '"
        )
        assert "Say which order it has in formats.csv of the data folder" in sentence


def test_the_users_word_reads_what_nothing_decides(forms):
    expected = [(str(x.report_id), x.occurred) for x in DOUBTFUL]
    staged = rows_by_file(forms.con, "crimes", "report_id, date_occurred")
    for name in DOUBTFUL_FORMS:
        assert [row[1:] for row in staged[name]] == expected, DOUBTFUL_FORMS[name]
