"""The calibration, at a small size: what is said of tiers and changes holds as often as it says."""

import numpy as np
import pandas as pd
import pytest

from la_crime import __main__, calibration

CITIES = 3


@pytest.fixture(scope="module")
def calibrated():
    return calibration.calibrate(CITIES)


def test_intervals_hold_and_verdicts_alarm_about_as_often_as_they_say(calibrated):
    table, _ = calibrated
    pooled = table[table["nominal"].notna()].groupby(["statement", "nominal"], as_index=False)
    for row in pooled.agg(found=("found", "mean"), trials=("trials", "sum")).itertuples():
        # statements of one city each are few here: three standard errors of that many coins
        error = 3 * np.sqrt(row.nominal * (1 - row.nominal) / row.trials) + 0.03
        if row.nominal < 0.5:
            assert row.found <= row.nominal + error, row
        elif "drift" not in row.statement:
            assert row.found >= row.nominal - error, row


def test_what_is_said_of_tiers_comes_so_and_around_the_count_does_not(calibrated):
    _, tenths = calibrated
    districts = tenths[(tenths["places"] == "districts") & (tenths["n"] >= 200)]
    gap = (districts["said"] - districts["came"]).groupby(districts["way"]).mean()
    assert abs(gap["other_year"]) < 0.04
    assert gap["around the count"] > 0.04


def test_planted_changes_are_seen(calibrated):
    table, _ = calibrated
    powers = table[table["nominal"].isna()].groupby("statement")["found"].mean()
    assert powers["shares show it: 10% of places change by two thirds"] == 1
    assert powers["tiers show it: 30% of places change by two thirds"] > 0.5
    assert powers["a place that gains a tenth a year rises"] > 0.5
    assert powers["a month that doubles is unusual: 200 or more"] > 0.9
    assert powers["a month that doubles is unusual: 20 to 50"] > 0.2
    assert powers["a year that doubles is said to change: 200 or more"] > 0.9


def test_the_command_prints_the_table_and_draws_the_picture(
    monkeypatch, calibrated, capsys, tmp_path
):
    monkeypatch.setattr(calibration, "calibrate", lambda *_: calibrated)
    args = __main__.parser().parse_args(["calibrate", "--picture", str(tmp_path / "tenths.svg")])
    assert args.run(args) == 0
    told = capsys.readouterr().out
    assert "interval of a place's level holds it" in told
    assert "power" in told
    assert "<svg" in (tmp_path / "tenths.svg").read_text()


def test_deciles_by_hand():
    said = pd.DataFrame({"way": "w", "places": "p", "said": [0.05, 0.07, 1.0], "came": [0, 1, 1]})
    assert calibration.deciles(said).to_numpy().tolist() == [
        ["w", "p", 0.0, pytest.approx(0.06), 0.5, 2],
        ["w", "p", 0.9, 1.0, 1.0, 1],
    ]
