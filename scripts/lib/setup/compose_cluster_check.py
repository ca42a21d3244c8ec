"""Checks docs/deploy/compose-cluster: what can be seen in compose.yaml. setup/cluster_live.py starts it."""

import re
import tempfile
from pathlib import Path

from programs import ROOT
from setup import compose_check
from setup.checks import documents
from setup.mistakes import MISSING, with_mistake
from setup.weir_flags import listened, mistake

FOLDER = ROOT / "docs/deploy/compose-cluster"
NATS_URL = re.compile(r"nats(?:-route)?://(?:[^@/\s]*@)?([^:/\s\"]+):(\d+)")
# What the checks must notice: a path in the services, and the wrong value.
MISTAKES = [
    ("weir-1.healthchek", {}),
    ("nats-1.healthcheck", MISSING),
    ("nats-2.image", "nats:2-alpine"),
    ("nats-2.environment.NATS_PASSWORD", "secret"),
    ("nats-2.environment", {"SERVER_NAME": "nats-2"}),
    ("nats-2.environment.SERVER_NAME", "nats-1"),
    ("nats-2.volumes.1", "nats-1:/data"),
    ("nats-3.healthcheck.test.4", "http://127.0.0.1:8223/healthz"),
    ("weir-1.ports.0", "8125:8125/udp"),
    ("weir-1.command.0", "--statsd.listen-udp=:8126"),
    ("weir-1.command.2", "--cluster.nats=nats://weir:x@nats-4:4222"),
    ("weir-1.command.2", "--cluster.nats=nats://weir:x@nats-2:4222"),
    ("weir-1.command.5", "--cluster.log-size=1GB2"),
    ("weir-2.hostname", "weir-1"),
]


def read():
    return documents(FOLDER / "compose.yaml")[0]


def check(compose, add):
    compose_check.check(compose, add, FOLDER)
    nats = {name: each for name, each in compose["services"].items() if each["image"].startswith("nats:")}
    weirs = {name: each for name, each in compose["services"].items() if "WEIR_IMAGE" in each["image"]}
    text = (FOLDER / "nats.conf").read_text()
    if {host for host, _ in NATS_URL.findall(text)} != nats.keys():
        add("nats.conf does not name each server of NATS, and no other.")
    for name, service in nats.items():
        if missing := set(re.findall(r"(?<![\"\w])\$(\w+)", text)) - service["environment"].keys():
            add(f"compose.yaml: {name} lacks {min(missing)}.")
    for name, service in weirs.items():
        flags = [re.sub(r"\$\{[^}]*\}", "x", flag) for flag in service["command"]]
        if wrong := mistake(flags):
            add(f"compose.yaml: {name}: {wrong}")
        asked = {host for flag in flags for host, _ in NATS_URL.findall(flag)}
        if asked != nats.keys():
            add(f"compose.yaml: {name} does not name each server of NATS, and no other.")
        for port, protocol in listened(flags):
            end = f":{port}/udp" if protocol == "UDP" else f":{port}"
            if not any(each.endswith(end) for each in service["ports"]):
                add(f"compose.yaml: {name} listens on {port} ({protocol}), and this port is not mapped.")
    for names, what in [
        ([each["environment"]["SERVER_NAME"] for each in nats.values()], "servers of NATS have the same name"),
        ([each["volumes"][-1] for each in nats.values()], "servers of NATS have the same volume"),
        ([each["hostname"] for each in weirs.values()], "nodes have the same name"),
    ]:
        if len(set(names)) != len(names):
            add(f"compose.yaml: two {what}.")


def run(add):
    """Adds what is wrong, and returns a sentence for the summary."""
    compose = read()
    check(compose, lambda sentence: add(f"compose-cluster: {sentence}"))
    for path, value in MISTAKES:
        noticed = []
        check(with_mistake(compose, f"services.{path}", value), noticed.append)
        if not noticed:
            add(f"the check of compose-cluster does not notice {path}: {value}.")
    with tempfile.TemporaryDirectory() as folder:
        said = compose_check.check_with_compose(Path(folder), add, FOLDER / "compose.yaml", "WEIR_PASSWORD")
    return f"compose-cluster: {len(compose['services'])} services; {said}"


if __name__ == "__main__":
    print(run(print))
