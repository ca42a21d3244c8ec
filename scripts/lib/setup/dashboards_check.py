"""Checks the dashboards; scripts/check-dashboards says what."""

import copy
import json
import re
import subprocess
import sys
import time

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from programs import ROOT, eventually
from setup import promql
from setup.checks import Faults, rule_files, rules
from setup.live import Live

FILES = ["docs/grafana-dashboard.json", "docs/grafana-dashboard-weir.json"]
COLUMNS = 24
SCHEMA_VERSION = 41
TYPES = {"row", "stat", "timeseries", "heatmap", "bargauge", "table"}
# Units that the dashboards use, as Grafana calls them: the SDK takes any text.
UNITS = {"short", "reqps", "cps", "Bps", "bytes", "s", "percentunit", "currencyUSD"}
# Alerts that the mistakes of setup/live.py must cause. Waits are divided by 60, windows are not.
PROVOKED = {
    "WeirCloudWatchMetricsDropped", "WeirCloudWatchNotPushed", "WeirCloudWatchOverLimit", "WeirGroupsRefused",
    "WeirLimitExceeded", "WeirLinesRefused", "WeirPushRecordsRefused", "WeirPushRefused", "WeirRelayTargetGone",
    "WeirStreamConnectionsRefused", "WeirStreamLineTooLong", "WeirTypeClash",
}  # fmt: skip
# What stands for Grafana's own variables.
INTERVALS = {"$__rate_interval": "1m", "$__range": "5m"}


def check_form(name, board, add):
    panels = board["panels"]
    if "__inputs" in board:
        add(f"{name}: __inputs is for imports by hand; provisioning does not fill it in.")
    if board["schemaVersion"] != SCHEMA_VERSION:
        add(f"{name}: schemaVersion is {board['schemaVersion']}.")
    identifiers = [panel["id"] for panel in panels]
    if len(set(identifiers)) != len(identifiers):
        add(f"{name}: two panels have the same id.")
    check_grid(name, panels, add)
    for panel in panels:
        title = f"{name}: {panel['title']}"
        if panel["type"] not in TYPES:
            add(f"{title}: {panel['type']} is no plain panel type.")
        if panel["type"] == "row":
            continue
        if panel["fieldConfig"]["defaults"]["unit"] not in UNITS:
            add(f"{title}: Grafana has no unit {panel['fieldConfig']['defaults']['unit']}.")
        if not panel.get("description"):
            add(f"{title}: a description is missing.")
        for part in (panel, *panel["targets"]):
            if part["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
                add(f"{title}: it does not use the variable datasource.")


def check_grid(name, panels, add):
    """No panel overlaps another or the edge."""
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > COLUMNS:
            add(f"{name}: {panel['title']} does not fit into {COLUMNS} columns.")
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        for other in {taken[cell] for cell in cells if cell in taken}:
            add(f"{name}: {panel['title']} overlaps {other}.")
        taken |= dict.fromkeys(cells, panel["title"])


def lost_keys(before, after, path=""):
    """The paths of what the SDK read and did not write, without what is empty."""
    if isinstance(before, dict):
        for key, value in before.items():
            if isinstance(after, dict) and key in after:
                yield from lost_keys(value, after[key], f"{path}/{key}")
            elif value not in ({}, [], "", False, 0, None):
                yield f"{path}/{key}"
    elif isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            yield path
        else:
            for index, (one, other) in enumerate(zip(before, after)):
                yield from lost_keys(one, other, f"{path}/{index}")
    elif before != after:
        yield path


def check_sdk(name, board, add):
    """What Grafana's own SDK does not know, it does not write again."""
    try:
        written = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board)))
    except Exception as error:
        add(f"{name}: the SDK does not read it: {type(error).__name__}: {error}")
        return
    for path in lost_keys(board, written):
        add(f"{name}: the SDK does not know {path}.")


def filled(expression, board):
    """An expression with values for its variables."""
    for variable, value in INTERVALS.items():
        expression = expression.replace(variable, value)
    for variable in board["templating"]["list"]:
        expression = re.sub(rf"\${variable['name']}\b", ".*", expression)
    return expression


def check_variables(name, board, prometheus, add):
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        asked = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
        values = prometheus.answer(
            f"/api/v1/label/{asked[2]}/values", **{"match[]": filled(asked[1], board)}
        )
        if not values:
            add(f"{name}: the variable {variable['name']} has no values.")


def check_queries(name, board, prometheus, add):
    """Each query has an answer, with the labels that its legend names."""
    count, now = 0, time.time()
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            count += 1
            expression, title = filled(target["expr"], board), f"{name}: {panel['title']}"
            if unknown := re.findall(r"\$\w+", re.sub(r'"[^"]*"', "", expression)):
                add(f"{title}: no variable {unknown[0]}.")
                continue
            try:
                if target["range"]:
                    found = prometheus.query_range(expression, now - 60, now, 2)
                else:
                    found = prometheus.query(expression)
            except ValueError as error:
                add(f"{title}: {error}: {expression}")
                continue
            if not found:
                add(f"{title}: no data: {expression}")
            # What comes after `or` would hide that nothing matches.
            for selector in promql.selectors(expression):
                # Alerts are asked about whether one fires or not.
                known = promql.name(selector) == "ALERTS" or prometheus.answer(
                    "/api/v1/series", **{"match[]": selector}
                )
                if not known:
                    add(f"{title}: nothing matches {selector}.")
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]) if found else ():
                if not any(label in series["metric"] for series in found):
                    add(f"{title}: no series has the label {label} of the legend.")
    return count


def check_rule_selectors(prometheus, add):
    """What a rule looks at exists, with these labels: a typing error would never fire."""
    count = 0
    for file in rule_files():
        for rule in rules(file):
            for selector in promql.selectors(rule["expr"]):
                count += 1
                if not prometheus.answer("/api/v1/series", **{"match[]": selector}):
                    add(f"{rule.get('alert') or rule['record']}: nothing matches {selector}.")
    return count


def check_alerts(prometheus, add):
    """The mistakes that are sent make these alerts fire: real counters do what the unit tests assume."""

    def missing():
        firing = prometheus.query('ALERTS{alertstate="firing"}')
        return PROVOKED - {series["metric"]["alertname"] for series in firing}

    try:
        eventually("alerts", lambda: not missing())
    except TimeoutError:
        add(f"the mistakes that are sent do not make {', '.join(sorted(missing()))} fire.")


def spoiled(board):
    """Dashboards with one mistake each: what it is, the dashboard, and the check that must find it."""

    def change(what, check, edit):
        other = copy.deepcopy(board)
        edit(other, other["panels"][1])
        return what, check, other

    def form(other, add, _):
        check_form("x", other, add)

    def sdk(other, add, _):
        check_sdk("x", other, add)

    def queries(other, add, prometheus):
        check_queries("x", other, prometheus, add)

    def variables(other, add, prometheus):
        check_variables("x", other, prometheus, add)

    def target(key, value):
        return lambda _, panel: panel["targets"][0].update({key: value})

    def place(other, panel):
        panel["gridPos"] = dict(other["panels"][2]["gridPos"])

    return [
        change("__inputs", form, lambda other, _: other.update(__inputs=[])),
        change("an id twice", form, lambda _, panel: panel.update(id=3)),
        change("an overlap", form, place),
        change("an unknown unit", form, lambda _, panel: panel["fieldConfig"]["defaults"].update(unit="qps")),
        change("a fixed datasource", form, target("datasource", {"type": "prometheus", "uid": "p"})),
        change("a misspelt option", sdk, lambda _, panel: panel["options"].update(colourMode="value")),
        change("a misspelt key", sdk, lambda _, panel: panel.update(descripton="x")),
        change("a misspelt metric", queries, target("expr", "weir_lines_totl")),
        change("a selector before or", queries, target("expr", "sum(weir_lines_totl) or vector(0)")),
        change("a syntax error", queries, target("expr", "sum(weir_lines_total")),
        change("a wrong label in a legend", queries, target("legendFormat", "{{colour}}")),
        change("an unknown variable", queries, target("expr", "weir_lines_total[$window]")),
        change(
            "a misspelt variable", variables,
            lambda other, _: other["templating"]["list"][1].update(query="label_values(weir_nothing, job)"),
        ),
    ]


def self_test(board, prometheus, faults):
    for what, check, other in spoiled(board):
        found = []
        check(other, found.append, prometheus)
        faults.require(found, f"the check does not notice {what}.")


def main():
    plugins.register_default_plugins()
    promql.self_test()
    faults = Faults("check-dashboards")
    current = subprocess.run([ROOT / "scripts/dashboards", "--check"]).returncode == 0
    faults.require(current, "the dashboards are not current.")
    boards = {name: json.loads((ROOT / name).read_text()) for name in FILES}
    for name, board in boards.items():
        check_form(name, board, faults.add)
        check_sdk(name, board, faults.add)
    queries = 0
    with Live() as live:
        live.wait_for_data()
        for name, board in boards.items():
            check_variables(name, board, live.prometheus, faults.add)
            queries += check_queries(name, board, live.prometheus, faults.add)
        selectors = check_rule_selectors(live.prometheus, faults.add)
        self_test(boards[FILES[1]], live.prometheus, faults)
        check_alerts(live.prometheus, faults.add)
        live.check_sender()
    faults.finish(
        f"dashboards: {sum(len(board['panels']) for board in boards.values())} panels, {queries} queries and"
        f" {selectors} selectors of rules answered by a live Prometheus, {len(PROVOKED)} alerts provoked"
    )


if __name__ == "__main__":
    sys.exit(main())
