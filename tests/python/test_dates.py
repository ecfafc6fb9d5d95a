"""Which day a text means, and which order a column has, against days told by hand."""

from collections import Counter
from datetime import date

import helpers as h
import pytest

from la_crime.inputs import dates

FORMS = dates.read_forms(h.SEEDS / "date_forms.csv")
FIRST, LAST = date(2010, 1, 1), date(2026, 6, 30)
DAY = date(2022, 11, 6)
TAILS = ["", " 00:00:00", " 12:00:00 AM", " 0:00", "T00:00:00.000", "T00:00:00Z"]


def decided(*pairs, given=(None, None)):
    """The orders of these pairs of occurrence and report; a lone text is an occurrence."""
    pairs = [pair if isinstance(pair, tuple) else (pair, None) for pair in pairs]
    return dates.decide(Counter(pairs), FORMS, FIRST, LAST, given)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize(
    "text",
    [
        "2022-11-06",
        "2022/11/06",
        "2022.11.06",
        "2022-11-6",
        " 2022-11-06",
        "'2022-11-06",
        "2022 Nov 06",
        "2022 NOV 6",
        "2022-nov-06",
        "06-Nov-2022",
        "6 November 2022",
        "Nov 6, 2022",
        "Nov. 6, 2022",
        "November 6, 2022",
        "Sunday, November 6, 2022",
        "Sun, 6 Nov 2022",
        "Nov 6 22",
    ],
)
def test_what_can_be_read_in_one_way_needs_no_order(text, tail):
    assert dates.to_date(text + tail, "", FORMS) == DAY
    assert dates.orders_of(text + tail, FORMS) == {}


@pytest.mark.parametrize("text", ["20221106", "44871", "44871.0", "44871.75", " 44871"])
def test_days_as_a_number(text):
    assert dates.to_date(text, "", FORMS) == DAY


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("11/06/2022", "month first"),
        ("11-6-2022", "month first"),
        ("11.06.2022", "month first"),
        ("06/11/2022", "day first"),
        ("6.11.22", "day first"),
        ("11/6/22", "month first"),
        ("22/11/6", "year first"),
        ("22-11-06", "year first"),
        ("06-Nov-22", "day first"),
        ("22-Nov-06", "year first"),
    ],
)
def test_what_can_be_read_in_several_ways_needs_one(text, order, tail):
    assert dates.to_date(text + tail, order, FORMS) == DAY
    assert dates.to_date(text + tail, "", FORMS) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UNKNOWN",
        "2022-02-30",
        "2022-13-01",
        "32 Nov 2022",
        "6 Nev 2022",
        "2230",
        "2022-11",
        "1",
    ],
)
def test_what_is_no_date(text):
    for order in ("", *dates.ORDERS):
        assert dates.to_date(text, order, FORMS) is None


@pytest.mark.parametrize("row", h.seed_rows("date_forms"), ids=lambda row: row["form"])
def test_every_form_reads_its_example(row):
    assert dates.to_date(row["example"], row["date_order"], FORMS) == DAY


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["11/06/2022", "11/13/2022"], "month first"),
        (["06/11/2022", "13/11/2022"], "day first"),
        (["22-11-06", "22-11-13"], "year first"),
        (["13-Nov-32", "06-Nov-22"], "day first"),
        (["2022-11-06", "2022 Nov 06", ""], ""),
        (["11/13/2022", "2022-11-06", "UNKNOWN", "13/13/2022"], "month first"),
        (["11/11/2022"], "month first"),  # the same day in both, so that either will do
        # as year and day after the series, or before it
        (["11/06/09", "11/06/08"], "year first"),
    ],
)
def test_the_order_is_found_by_the_values(texts, order):
    assert decided(*texts) == (order, "")


def test_an_occurrence_cannot_come_after_its_report():
    """All days are below 13; with the day first, 3 August would be reported on 5 March."""
    assert decided(("03/08/2020", "2020-03-09"), ("01/02/2020", "2020-03-09"))[0] == "month first"
    assert decided(("08/03/2020", "2020-03-09"), ("02/01/2020", "2020-03-09"))[0] == "day first"


def test_both_columns_can_decide_each_other():
    pairs = [
        ("03/08/2020", "03/09/2020"),
        ("11/12/2020", "12/01/2020"),
        ("01/02/2020", "02/01/2020"),
    ]
    assert decided(*pairs) == ("month first", "month first")


def test_days_in_the_future_decide():
    assert decided("03/12/2026", "02/05/2026")[0] == "month first"
    assert decided("12/03/2026", "05/02/2026")[0] == "day first"


def test_a_few_faults_among_many_do_not_decide_against_an_order():
    """Each file has some; an order is out with ten times those of another."""
    texts = {"03/12/2026": 2, "12/03/2026": 19, "01/02/2020": 1000}
    pairs = Counter({(text, None): n for text, n in texts.items()})
    with pytest.raises(dates.UndecidedOrderError):
        dates.decide(pairs, FORMS, FIRST, LAST)
    pairs[("12/03/2026", None)] = 20
    assert dates.decide(pairs, FORMS, FIRST, LAST)[0] == "day first"


@pytest.mark.parametrize("order", ["month first", "day first"])
def test_the_users_word_holds(order):
    assert decided("11/06/2022", given=(order, None)) == (order, "")
    # even where values contradict it: they are then none
    assert decided("13/11/2022", "11/13/2022", given=(order, None)) == (order, "")


@pytest.mark.parametrize(
    ("pairs", "column", "fault"),
    [
        (
            ["11/06/2022", "01/02/2022"],
            0,
            "has dates that can be read with the month first or the day first, and no value tells "
            "which: '01/02/2022' is 2 January 2022 or 1 February 2022; '11/06/2022' is "
            "6 November 2022 or 11 June 2022",
        ),
        (
            [("2022-01-06", "11/07/2022")],
            1,
            "has dates that can be read with the month first or the day first, and no value tells "
            "which: '11/07/2022' is 7 November 2022 or 11 July 2022",
        ),
        (
            ["10/11/12"],
            0,
            "has dates that can be read with the month first or the day first or the year first, "
            "and no value tells which: '10/11/12' is 11 October 2012 or 10 November 2012 or "
            "12 November 2010",
        ),
        (
            ["13/11/2022", "11/13/2022", "11/06/2022"],
            0,
            "mixes dates with the day first ('13/11/2022') and with the month first "
            "('11/13/2022'), so that none of its dates can be trusted",
        ),
        (
            ["10-Nov-12", "11-Nov-12"],
            0,
            "has dates that can be read with the day first or the year first, and no value tells "
            "which: '10-Nov-12' is 10 November 2012 or 12 November 2010; '11-Nov-12' is "
            "11 November 2012 or 12 November 2011",
        ),
    ],
)
def test_an_order_that_nothing_decides(pairs, column, fault):
    with pytest.raises(dates.UndecidedOrderError) as raised:
        decided(*pairs)
    assert raised.value.column == column
    assert str(raised.value) == fault
