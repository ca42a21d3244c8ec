"""A Grafana dashboard as rows of panels, laid out from left to right.

Only plain panel types are used: stat, timeseries, heatmap, bargauge and table. The model is that of
Grafana 11 (schemaVersion 41), which later versions read.
"""

import json

COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
LAST_VALUE = {"calcs": ["lastNotNull"], "fields": "", "values": False}
LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}

OPTIONS = {
    "stat": {
        "reduceOptions": LAST_VALUE,
        "orientation": "auto",
        "textMode": "auto",
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    },
    "timeseries": {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "heatmap": {
        "calculate": False,
        "color": {
            "mode": "scheme",
            "scheme": "Blues",
            "fill": "dark-blue",
            "exponent": 0.5,
            "steps": 64,
            "reverse": False,
        },
        "cellGap": 1,
        "rowsFrame": {"layout": "auto"},
        "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False},
        "legend": {"show": True},
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "showValue": "never",
        "filterValues": {"le": 1e-9},
    },
    "bargauge": {
        "displayMode": "basic",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "orientation": "horizontal",
        "reduceOptions": LAST_VALUE,
        "legend": {**LEGEND, "showLegend": False},
    },
    "table": {"frameIndex": 0, "showHeader": True, "cellHeight": "sm"},
}
LINES = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 8, "showPoints": "never", "spanNulls": False}
# These ask for one moment, the others for a time span.
INSTANT = {"stat", "bargauge", "table"}


def stacked():
    """Areas on top of each other."""
    return {"custom": {**LINES, "fillOpacity": 30, "stacking": {"mode": "normal", "group": "A"}}}


def steps(*above):
    """Green, and another colour from each `(value, colour)` on."""
    first = [{"color": "green", "value": None}]
    return {
        "thresholds": {
            "mode": "absolute",
            "steps": first + [{"color": colour, "value": value} for value, colour in above],
        }
    }


def line_at(value):
    """A line where an alert's threshold is."""
    return {**steps((value, "red")), "custom": {**LINES, "thresholdsStyle": {"mode": "line"}}}


def columns(**titles):
    """Overrides that give the columns of a table a title and a unit, by the letter of their query."""
    # Grafana calls the column of a single query so, and adds the letter where there are several.
    return [
        {
            "matcher": {
                "id": "byName",
                "options": f"Value #{letter}" if len(titles) > 1 else "Value",
            },
            "properties": [{"id": "displayName", "value": title}, {"id": "unit", "value": unit}],
        }
        for letter, (title, unit) in titles.items()
    ]


class Dashboard:
    """Panels are added from left to right, and wrap at 24 columns."""

    def __init__(self, title, uid, tags, description):
        self.panels, self.variables = [], []
        self.x = self.y = self.row_height = 0
        self.document = {
            "title": title,
            "uid": uid,
            "description": description,
            "tags": tags,
            "timezone": "browser",
            "editable": True,
            "graphTooltip": 1,
            "time": {"from": "now-1h", "to": "now"},
            "refresh": "30s",
            "schemaVersion": 41,
            "version": 1,
            "templating": {"list": self.variables},
            "annotations": {"list": []},
            "links": [],
            "panels": self.panels,
        }
        self.variables.append(
            {
                "type": "datasource",
                "name": "datasource",
                "label": "Prometheus",
                "query": "prometheus",
                "current": {"text": "default", "value": "default"},
                "hide": 0,
                "refresh": 1,
                "options": [],
            }
        )

    def variable(self, name, label, query):
        """A choice of several values of a label, all of them at first."""
        self.variables.append(
            {
                "type": "query",
                "name": name,
                "label": label,
                "datasource": DATASOURCE,
                "query": query,
                "definition": query,
                "refresh": 2,
                "sort": 1,
                "multi": True,
                "includeAll": True,
                "allValue": ".*",
                "hide": 0,
                "current": {"text": "All", "value": "$__all"},
                "options": [],
            }
        )

    def row(self, title):
        self.wrap()
        self.add("row", title, {"collapsed": False, "panels": []}, COLUMNS, 1)
        self.wrap()

    def wrap(self):
        self.y += self.row_height
        self.x = self.row_height = 0

    def add(self, kind, title, content, width, height):
        if self.x + width > COLUMNS:
            self.wrap()
        place = {"x": self.x, "y": self.y, "w": width, "h": height}
        head = {"type": kind, "id": len(self.panels) + 1, "title": title, "gridPos": place}
        self.panels.append(head | content)
        self.x += width
        self.row_height = max(self.row_height, height)

    def panel(
        self, kind, title, *queries, unit="short", about, width=8, height=8, defaults=None, overrides=()
    ):
        """A panel of queries, each an expression or a pair of expression and legend."""
        field = {"unit": unit}
        if kind == "timeseries":
            field["custom"] = LINES
        options = OPTIONS[kind]
        if kind == "heatmap":
            options = {**options, "yAxis": {"unit": unit}}
        content = {
            "description": about,
            "datasource": DATASOURCE,
            "targets": [target(kind, chr(ord("A") + n), query) for n, query in enumerate(queries)],
            "options": options,
            "fieldConfig": {"defaults": {**field, **(defaults or {})}, "overrides": list(overrides)},
        }
        if kind == "table":
            hidden = {"excludeByName": {"Time": True}, "indexByName": {}, "renameByName": {}}
            content["transformations"] = [
                {"id": "merge", "options": {}},
                {"id": "organize", "options": hidden},
            ]
        self.add(kind, title, content, width, height)

    def json(self):
        return json.dumps(self.document, indent=1, ensure_ascii=False) + "\n"


def target(kind, letter, query):
    expression, legend = query if isinstance(query, tuple) else (query, "__auto")
    is_instant = kind in INSTANT
    made = {
        "refId": letter,
        "datasource": DATASOURCE,
        "expr": expression,
        "legendFormat": legend,
        "editorMode": "code",
        "instant": is_instant,
        "range": not is_instant,
    }
    if kind in ("heatmap", "table"):
        made["format"] = kind
    return made
