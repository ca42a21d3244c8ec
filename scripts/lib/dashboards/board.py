"""A Grafana dashboard as rows of panels, laid out from left to right.

Only plain panel types are used: stat, timeseries, heatmap, bargauge and table. The model is that of
Grafana 11 (schemaVersion 41), which later versions read.
"""

import json

from dashboards.options import AREAS, LINES, options

COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# These ask for one moment, the others for a time span.
INSTANT = {"stat", "bargauge", "table"}


def stacked():
    """Areas on top of each other."""
    return {"custom": AREAS}


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
        # It takes Grafana's default Prometheus at first.
        choice = {"type": "datasource", "name": "datasource", "query": "prometheus"}
        default = {"text": "default", "value": "default"}
        self.variables.append({**choice, "label": "Prometheus", "current": default})
        self.document = {
            "uid": uid,
            "title": title,
            "description": description,
            "tags": tags,
            "version": 1,
            "schemaVersion": 41,
            # A crosshair at the same time in all panels.
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "annotations": {"list": []},
            "templating": {"list": self.variables},
            "panels": self.panels,
        }

    def variable(self, name, label, query):
        """A choice of several values of a label, sorted, all of them at first. Read again with each time span."""
        everything = {"includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}
        head = {"type": "query", "name": name, "label": label, "datasource": DATASOURCE, "query": query}
        self.variables.append({**head, "multi": True, "sort": 1, "refresh": 2, **everything})

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

    def stat(self, title, query, unit, about, *thresholds):
        """One number. A threshold is a value, and the colour from there on."""
        self.panel(
            "stat", title, query, unit=unit, about=about, width=4, height=4,
            defaults=steps(*thresholds) if thresholds else None,
        )

    def panel(
        self, kind, title, *queries, unit="short", about, width=8, height=8, defaults=None, overrides=()
    ):
        """A panel of queries, each an expression or a pair of expression and legend."""
        field = {"unit": unit}
        if kind == "timeseries":
            field["custom"] = LINES
        content = {
            "description": about,
            "datasource": DATASOURCE,
            "targets": [target(kind, chr(ord("A") + n), query) for n, query in enumerate(queries)],
            "options": options(kind, unit),
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
