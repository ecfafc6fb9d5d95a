"""No figure hangs on a seed: everything random drawn anew, figures stay within their error."""

import numpy as np
import pandas as pd
import pytest
from helpers import SEEDS

from la_crime.measures import concentration, noise, stability
from la_crime.stats import tiers as tiering
from la_crime.stats.resampling import generator

NOISE = pd.DataFrame(
    {
        "scope": ["area"],
        "source": "crimes",
        "category": "all",
        "a": 1.4,
        "power": 0.0,
        "correlation": 0.1,
        "drift": 0.045,
    }
)
RUN = {"scope": "area", "source": "crimes", "k": 4, "transform": "log1p", "min_incidents": 10}


@pytest.fixture(scope="module")
def totals():
    """The published totals of the 21 areas by year."""
    rows = pd.read_csv(SEEDS / "crimes_by_area_year.csv").assign(scope="area")
    names = {"area_id": "place_id", "year": "period_id", "crimes": "volume"}
    return rows.rename(columns=names).astype({"place_id": str, "period_id": str})


def both(monkeypatch, function, *frames):
    """The measure by the project's own streams of random numbers, and by others."""
    own = function(*frames)
    for module in (stability, noise, concentration):
        monkeypatch.setattr(module, "generator", lambda *names: generator("another", *names))
    return own, function(*frames)


def test_the_confidence_of_tiers(totals, monkeypatch):
    of_2017 = totals[totals["period_id"] == "2017"].assign(run_id="a")
    ranks = tiering.volume_tiers(of_2017["volume"].to_numpy()[None], 4)[0]
    runs = pd.DataFrame([{"run_id": "a", "months": 12, **RUN}])
    own, other = both(
        monkeypatch,
        stability.run_tier_confidence,
        runs,
        of_2017.assign(cluster_rank=ranks),
        NOISE,
    )
    p, q = own["probability"], other["probability"]
    # of 500 draws on each side, four standard errors of the widest difference
    assert (p - q).abs().max() <= 4 * np.sqrt(2 * 0.25 / tiering.CONFIDENCE_DRAWS)
    assert (p != q).any()
    judged = own["is_own_tier"] & (own["noise"] == stability.JUDGED_BY)
    clear = judged & ((p - stability.BORDERLINE_BELOW).abs() > 0.06)
    assert (own["is_borderline"] == other["is_borderline"])[clear].all()
    assert clear.sum() >= 12


def test_the_agreement_of_periods(totals, monkeypatch):
    years = sorted(totals["period_id"].unique())
    periods = pd.DataFrame({"period_id": years, "year_id": years})
    own, other = both(
        monkeypatch,
        stability.period_agreement,
        totals,
        periods,
        pd.DataFrame([RUN]),
        NOISE,
    )
    for name in ("noise_ari_median", "noise_ari_p05", "noise_kappa_median"):
        assert (own[name] - other[name]).abs().max() < 0.15, name
    assert (own["shares_p_value"] - other["shares_p_value"]).abs().max() < 0.05
    # a verdict may turn only where the agreement lies in the error of the percentile it is held to
    turned = own["verdict"] != other["verdict"]
    near = (own["ari"] - own["noise_ari_p025"]).abs().lt(0.08) | (
        own["weighted_kappa"] - own["noise_kappa_p025"]
    ).abs().lt(0.08)
    assert not (turned & ~near).any()
    assert turned.mean() < 0.05


def test_noise_itself_draws_only_its_intervals(monkeypatch):
    rng = np.random.default_rng(0)
    counts = rng.poisson(40 * rng.gamma(20, 1 / 20, (30 * 6, 12)))
    series = pd.DataFrame(counts, columns=noise.MONTHS).assign(
        scope="area",
        source="crimes",
        record_system="legacy",
        category="all",
        place_id=np.repeat(np.arange(30), 6).astype(str),
        year=np.tile(np.arange(2010, 2016), 30),
    )
    own, other = both(monkeypatch, noise.count_noise, series)
    drawn = [name for name in own if name.endswith(("_low", "_high"))]
    pd.testing.assert_frame_equal(own.drop(columns=drawn), other.drop(columns=drawn))
    assert np.allclose(own[drawn], other[drawn], rtol=0.15, atol=0.02)
    assert not np.array_equal(own[drawn], other[drawn])
