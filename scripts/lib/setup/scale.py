"""The shipped rules with shorter times, so that a test of them takes seconds."""

import re

import yaml

from setup.checks import documents

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DURATION = r"(\d+)(ms|s|m|h|d|w)"
WINDOW = re.compile(rf"(\[|\boffset ){DURATION}\b")


def shorter(duration, factor):
    """A duration such as `5m` divided by a factor, in whole milliseconds, at least one."""
    number, unit = re.fullmatch(DURATION, duration).groups()
    return f"{max(1, round(int(number) * SECONDS[unit] * 1000 / factor))}ms"


def scaled_rules(path, factor, with_windows=True):
    """A file of rules whose intervals and waits, and if asked for its windows, are divided by a factor."""
    content = documents(path)[0]
    for group in content["groups"]:
        group["interval"] = shorter(group["interval"], factor)
        for rule in group["rules"]:
            if "for" in rule:
                rule["for"] = shorter(rule["for"], factor)
            if with_windows:
                rule["expr"] = WINDOW.sub(
                    lambda match: match[1] + shorter(match[2] + match[3], factor), rule["expr"]
                )
    return yaml.safe_dump(content)


def scaled_routes(routes, factor):
    """An Alertmanager's tree of routes with its times divided by a factor."""
    return {
        key: shorter(value, factor)
        if key in ("group_wait", "group_interval", "repeat_interval")
        else [scaled_routes(route, factor) for route in value]
        if key == "routes"
        else value
        for key, value in routes.items()
    }
