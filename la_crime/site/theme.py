"""Colours and chart settings that the whole site shares; all colours survive colour blindness."""

from typing import Any

import altair as alt

# ColorBrewer YlGnBu: one hue family that darkens, so that it can be read in grey and in print too.
TIER_COLOURS = {
    "high": "#0c2c84",
    "medium-high": "#1d91c0",
    "medium-low": "#7fcdbb",
    "low": "#edf8b1",
}
SEQUENTIAL = ["#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"]
DIVERGING = ["#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788"]

# Okabe and Ito
CATEGORICAL = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
CRIMES, ARRESTS = CATEGORICAL[0], CATEGORICAL[1]
HIGHLIGHT = CATEGORICAL[1]
MUTED = "#8c959f"
NOT_SHOWN = "#d9d9d9"

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK = "#1f2933"
CHART_HEIGHT = 320


def tier_scale() -> alt.Scale:
    """The scale of a tier's colour, with the tiers from high to low."""
    return colour_scale(TIER_COLOURS)


def colour_scale(colours: dict[str, str]) -> alt.Scale:
    """A scale of names, in their order, to colours."""
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def config() -> dict[str, Any]:
    """The Vega-Lite configuration that the renderer gives to every chart."""
    label = {"font": FONT, "labelFont": FONT, "titleFont": FONT}
    return {
        "background": "white",
        "font": FONT,
        "view": {"stroke": None, "continuousHeight": CHART_HEIGHT},
        "axis": {
            "labelColor": INK,
            "titleColor": INK,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gridColor": "#e4e7eb",
            "domainColor": "#9aa5b1",
            "tickColor": "#9aa5b1",
            "labelLimit": 160,
        },
        # flat; what would overlap is left out
        "axisXDiscrete": {"labelAngle": 0, "labelOverlap": True},
        "legend": {
            **{k: v for k, v in label.items() if k != "font"},
            "orient": "top",
            "direction": "horizontal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            # in one row, or in two columns on a phone
            "columns": {"expr": "width > 500 ? 5 : 2"},
            "labelColor": INK,
            "titleColor": INK,
        },
        "header": {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK},
        "bar": {"color": CRIMES},
        "line": {"color": CRIMES, "strokeWidth": 2},
        "point": {"color": CRIMES, "filled": True, "size": 50},
        "rule": {"color": INK},
    }
