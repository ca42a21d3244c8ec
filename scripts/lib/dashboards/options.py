"""How panels look: what Grafana's schema requires of each type, with Grafana's defaults, and what differs here.

Options that are not required are left out where Grafana's default is right.
"""

LAST = {"calcs": ["lastNotNull"]}
NO_LEGEND = {"showLegend": False, "placement": "bottom", "displayMode": "list", "calcs": []}
REQUIRED = {
    "stat": dict.fromkeys(("orientation", "justifyMode", "textMode"), "auto")
    | {"graphMode": "area", "colorMode": "value", "wideLayout": True, "reduceOptions": LAST}
    | {"showPercentChange": False, "percentChangeColorMode": "standard"},
    "bargauge": dict.fromkeys(("orientation", "namePlacement", "sizing"), "auto")
    | {"displayMode": "gradient", "valueMode": "color", "showUnfilled": True, "reduceOptions": LAST}
    | {"minVizHeight": 16, "maxVizHeight": 300, "minVizWidth": 8, "legend": NO_LEGEND},
    "heatmap": {
        "legend": {"show": True},
        "tooltip": {"mode": "single"},
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
    },
    "table": {"showHeader": True, "frameIndex": 0},
    "timeseries": {},
}
HERE = {
    # There is one moment, and so no graph.
    "stat": {"graphMode": "none"},
    "bargauge": {"orientation": "horizontal", "displayMode": "basic"},
    # Few requests are visible beside many.
    "heatmap": {
        "showValue": "never",
        "color": {
            "mode": "scheme", "scheme": "YlOrRd", "fill": "dark-orange", "steps": 32, "exponent": 0.4,
            "reverse": False,
        },
    },
    "table": {},
    "timeseries": {
        "tooltip": {"mode": "multi", "sort": "desc"},
        "legend": {**NO_LEGEND, "showLegend": True},
    },
}  # fmt: skip
LINES = {"showPoints": "never", "fillOpacity": 10}
AREAS = {"showPoints": "never", "fillOpacity": 40, "stacking": {"group": "A", "mode": "normal"}}


def options(kind, unit):
    """Of a panel of a type; a heatmap has its unit here."""
    axis = {"yAxis": {"unit": unit}} if kind == "heatmap" else {}
    return {**REQUIRED[kind], **HERE[kind], **axis}
