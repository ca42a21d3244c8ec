"""Checks the rules of docs/prometheus; scripts/check-rules says what."""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from programs import ROOT
from setup import promql
from setup.checks import RULES, Faults, documents, own_metrics, rule_files, rules, tables

# What the gateway's instances send.
GATEWAY_METRICS = {
    "llm_requests_total",
    "llm_request_duration_seconds_bucket",
    "llm_tokens_total",
    "rate_limit_hits_total",
    "process_resident_memory_bytes",
}
# What Prometheus itself adds for each target.
PROMETHEUS_METRICS = {"up", "scrape_duration_seconds"}
# They take longest, and show of each alert what others show as well.
LONG = {"deployment.yml", "idle-night.yml", "idle-weekend.yml"}
# Words of the documentation that begin like a metric of Weir.
NOT_METRICS = {"weir_client", "weir_overflow", "weir_default", "weir_gunzip_begin", "weir_VERSION_ARCHITECTURE"}
# Names of streams of NATS.
NOT_METRICS |= {"weir_NAME", "weir_weir"}
SEVERITIES = {"critical", "warning", "info"}


def promtool(*arguments):
    run = subprocess.run(["promtool", *arguments], capture_output=True, text=True, cwd=RULES)
    return run.returncode, run.stdout + run.stderr


def test_files():
    return sorted((RULES / "tests").glob("*.yml"))


def check_with_promtool(faults):
    status, output = promtool("check", "config", "prometheus.yml")
    faults.require(status == 0, f"promtool check config: {output}")
    with ThreadPoolExecutor() as pool:
        runs = pool.map(lambda file: (file, *promtool("test", "rules", str(file))), test_files())
        for file, status, output in runs:
            faults.require(status == 0, f"{file.relative_to(ROOT)}: {output}")


def check_names(faults, named):
    """A name that is misspelt in a rule and in its test would pass the test."""
    own = own_metrics()
    known = GATEWAY_METRICS | PROMETHEUS_METRICS | {rule["record"] for rule in named if "record" in rule}
    for rule in named:
        for selector in promql.selectors(rule["expr"]):
            name = promql.name(selector)
            title = rule.get("alert") or rule["record"]
            is_known = not name or name in known or own.fullmatch(name)
            faults.require(is_known, f"{title}: nobody exports {name}.")


def check_pages(faults):
    """The same for the pages of the documentation."""
    own = own_metrics()
    for page in sorted((ROOT / "docs").rglob("*.md")):
        # `weir_state_*` stands for many, and weir_inputs.py is a file.
        names = set(re.findall(r"\bweir_\w*[^\W_]\b(?!\.py)", page.read_text()))
        for name in names - NOT_METRICS:
            faults.require(own.fullmatch(name), f"{page.relative_to(ROOT)}: nobody exports {name}.")


def check_form(faults, alerts):
    """Severity, summary, a unique name, and a row of the page."""
    page = RULES / "README.md"
    described = {row[0].strip("`") for row in tables(page) if all(row) and len(row) >= 3}
    names = [alert["alert"] for alert in alerts]
    own = sum(name.startswith("Weir") for name in names)
    faults.require(f"{own} alerts about Weir" in page.read_text(), f"the page does not say {own} alerts.")
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add(f"{name} is the name of two alerts.")
    for alert in alerts:
        name = alert["alert"]
        severity = alert.get("labels", {}).get("severity")
        faults.require(severity in SEVERITIES, f"{name} has the severity {severity}.")
        faults.require(alert.get("annotations", {}).get("summary"), f"{name} has no summary.")
        faults.require(name in described, f"docs/prometheus/README.md has no row for {name}.")


def failures_at_once():
    """What the tests say where no alert waits for its `for`."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for file in rule_files():
            content = documents(file)[0]
            for group in content["groups"]:
                for rule in group["rules"]:
                    rule.pop("for", None)
            (folder / file.name).write_text(yaml.safe_dump(content))
        (folder / "tests").mkdir()

        def run(file):
            copy = folder / "tests" / file.name
            copy.write_text(file.read_text())
            return promtool("test", "rules", str(copy))[1]

        with ThreadPoolExecutor() as pool:
            return "\n".join(pool.map(run, [file for file in test_files() if file.name not in LONG]))


def early(output):
    """The alerts that are firing in failed tests which expect fewer, or none yet."""
    found = set(re.findall(r"alertname: (\w+), time: \S+\s+exp:\[\s*\],", output))
    for got in re.findall(r"exp: nil\s+got: (.*)", output):
        found |= set(re.findall(r'alertname="(\w+)"', got))
    for want, got in re.findall(r"exp: (\{.*)\s+got: (.*)", output):
        alerts = [set(re.findall(r'alertname="(\w+)"', text)) for text in (got, want)]
        found |= alerts[0] - alerts[1]
    return found


def expectations():
    """The alerts that tests expect to fire, and those that they expect to be silent, at some time."""
    fire, silent = set(), set()
    for file in test_files():
        content = documents(file)[0]
        loaded = [file.parent / name for name in content["rule_files"]]
        alerts = {rule["alert"] for path in loaded for rule in rules(path) if "alert" in rule}
        for test in content["tests"]:
            for each in test.get("alert_rule_test", ()):
                if each["alertname"] in alerts:
                    (fire if each.get("exp_alerts") else silent).add(each["alertname"])
            for each in test.get("promql_expr_test", ()):
                if each["expr"] == "ALERTS" and not each["exp_samples"]:
                    silent |= alerts
    return fire, silent


def check_coverage(faults, alerts):
    """Each alert has a test that fails if it never fires, one if it always does, and one if it does not wait."""
    names = {alert["alert"] for alert in alerts}
    waiting = {alert["alert"] for alert in alerts if "for" in alert}
    fire, silent = expectations()
    for missing, what in [
        (names - fire, "no longer fires"),
        (names - silent, "fires always"),
        (waiting - early(failures_at_once()), "does not wait for its `for`"),
    ]:
        for name in sorted(missing):
            faults.add(f"no test in docs/prometheus/tests notices that {name} {what}.")


def main():
    promql.self_test()
    faults = Faults("check-rules")
    every = [rule for file in rule_files() for rule in rules(file)]
    alerts = [rule for rule in every if "alert" in rule]
    check_with_promtool(faults)
    check_names(faults, every)
    check_pages(faults)
    check_form(faults, alerts)
    check_coverage(faults, alerts)
    faults.finish(
        f"rules: {len(alerts)} alerts, each tested to fire, to wait and to stay silent;"
        f" {len(every) - len(alerts)} recording rules"
    )


if __name__ == "__main__":
    sys.exit(main())
