"""Whether files look whole: yearly totals beside those published, in words."""

from datetime import date

import pytest

from la_crime.warehouse.totals import Year, judge, spans

NEWEST = date(2024, 12, 30)
PUBLISHED = {2015: 215_129, 2016: 225_169, 2017: 230_860, 2018: 228_927, 2019: 218_018}


def years(**kept):
    """Totals of the published years: the same as published, or as said by `y2016=...`."""
    return [Year(y, kept.get(f"y{y}", n), n) for y, n in PUBLISHED.items()]


def test_whole_files_are_said_to_be_so():
    assert judge(years(y2016=227_000), False, NEWEST) == ["2015 to 2019: as published, within 5%."]


def test_a_year_that_was_cut_is_named():
    assert judge(years(y2016=118_004), False, NEWEST) == [
        "2015, 2017 to 2019: as published, within 5%.",
        "2016: 118,004 of about 225,000: this file looks cut, or one is missing.",
    ]


def test_years_that_are_not_there_are_no_cut():
    assert judge(years(y2018=0, y2019=0), False, NEWEST) == [
        "2015 to 2017: as published, within 5%.",
        "2018 to 2019: no crimes in these files.",
    ]


def test_a_year_counted_twice():
    (_, twice) = judge(years(y2017=461_000), False, NEWEST)
    assert twice.startswith("2017: 461,000 of about 231,000: more than published;")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (104_000, "2019: 104,000 of about 218,000: the files end on 22 June."),
        (60_000, "2019: 60,000 of about 218,000: this file looks cut, or one is missing."),
    ],
)
def test_the_newest_year_need_not_be_whole(kept, said):
    assert judge(years(y2019=kept), False, date(2019, 6, 22))[-1] == said


def test_an_extract_is_an_extract():
    few = [Year(y, n // 100, n) for y, n in PUBLISHED.items()]
    (said,) = judge(few, False, NEWEST)
    assert said == (
        "2015 to 2019: about 1% of the published totals in every year: these files look like an "
        "extract or a sample."
    )


@pytest.mark.parametrize("scale", [0.02, 0.1, 1])
def test_demo_data_is_not_called_cut(scale):
    made = [Year(y, round(n * scale), n) for y, n in PUBLISHED.items()]
    (said,) = judge(made, True, NEWEST)
    assert f"it has about {scale:g} times their crimes" in said


def test_nothing_held_and_nothing_known():
    assert judge([], False, None) == []
    none = [Year(y, 0, n) for y, n in PUBLISHED.items()]
    assert judge(none, False, None) == ["No crimes in any year with a published total."]


def test_spans():
    assert spans([Year(y, 1, 1) for y in (2010, 2011, 2013, 2015, 2016)]) == (
        "2010 to 2011, 2013, 2015 to 2016"
    )
