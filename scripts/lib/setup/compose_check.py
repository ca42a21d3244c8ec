"""Checks docs/deploy/compose: the keys that Compose knows, and what its own schema can't know."""

import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from programs import ROOT, program
from setup.checks import RULES, documents, rule_files, rules
from setup.mistakes import MISSING, with_mistake
from setup.weir_flags import listened, mistake

FOLDER = ROOT / "docs/deploy/compose"
TOP_KEYS = {"name", "services", "volumes", "secrets"}
# Those of the Compose specification that are used here; an unknown one is a typing error until it is added.
SERVICE_KEYS = {
    "image", "command", "user", "network_mode", "read_only", "cap_drop", "cap_add", "security_opt",
    "volumes", "ports", "environment", "tmpfs", "secrets", "mem_limit", "restart", "stop_grace_period",
    "healthcheck", "depends_on", "hostname",
}  # fmt: skip
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}
CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+(-alpine)?")
DURATION = re.compile(r"(\d+(ms|s|m|h))+")
# Its files are the user's.
SECRETS = FOLDER / "secrets"
# What the checks must notice: a path in the services, and the wrong value.
MISTAKES = [
    ("weir.healthchek", {}),
    ("weir.healthcheck", MISSING),
    ("weir.cap_drop", MISSING),
    ("weir.ports.+", "9102:9102"),
    ("weir.ports.0", "127.0.0.1:8125:8125"),
    ("weir.command.0", "--statsd.listen-udp=:8126"),
    ("weir.healthcheck.test.2", "heath"),
    ("prometheus.healthcheck.test.4", "http://127.0.0.1:9091/-/ready"),
    ("weir.volumes.+", "states:/x"),
    ("weir.command.+", "--state.dirs=/x"),
    ("grafana.image", "grafana/grafana:latest"),
    ("grafana.environment.GF_PASSWORD", "admin"),
    ("grafana.volumes.+", "./none.json:/x.json:ro"),
    ("alertmanager.ports", []),
    ("alertmanager.secrets", ["slack_url"]),
    ("prometheus.volumes", []),
]


def read():
    return documents(FOLDER / "compose.yaml")[0]


def is_one_shot(service):
    return "restart" not in service


def default(text):
    """`${NAME:-value}` as its value."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def check(compose, add, folder=FOLDER):
    """What can be seen in the file of a folder."""
    for key in compose.keys() - TOP_KEYS:
        # What services share.
        if not key.startswith("x-"):
            add(f"compose.yaml has the key {key}.")
    used = {"volumes": set(), "secrets": set()}
    for name, service in compose["services"].items():
        say = lambda sentence, name=name: add(f"compose.yaml: {name}: {sentence}")
        check_service(service, compose, say)
        check_mounts(service, used, say, folder)
        used["secrets"] |= set(service.get("secrets", []))
    for kind, names in used.items():
        for name in names ^ compose.get(kind, {}).keys():
            add(f"compose.yaml: {kind} declares or uses {name}, and not both.")
    for secret in compose.get("secrets", {}).values():
        if (folder / secret["file"]).parent != SECRETS:
            add(f"compose.yaml: the secret {secret['file']} is outside of secrets/.")


def check_service(service, compose, say):
    for key in service.keys() - SERVICE_KEYS:
        say(f"the key {key} is none of Compose's.")
    if not PINNED.fullmatch(default(service["image"])):
        say(f"{service['image']} names no version.")
    if not service.get("read_only"):
        say("its root file system is not read-only.")
    if service.get("cap_drop") != ["ALL"]:
        say("it keeps capabilities.")
    if service.get("security_opt") != ["no-new-privileges:true"]:
        say("it may gain privileges.")
    for port in service.get("ports", ()):
        if not port.startswith("127.0.0.1:"):
            say(f"the port {port} is open to others.")
    for key, value in service.get("environment", {}).items():
        if "PASSWORD" in key and not re.match(r"\$\{\w+:\?", value):
            say(f"{key} has a password, or a default one.")
    for other, how in service.get("depends_on", {}).items():
        if other not in compose["services"] or how["condition"] not in CONDITIONS:
            say(f"it depends on {other} in a way that does not exist.")
        elif how["condition"] == "service_healthy" and "healthcheck" not in compose["services"][other]:
            say(f"it waits for the health of {other}, which has no check.")
    if not is_one_shot(service):
        check_health(service, say)


def check_health(service, say):
    health = service.get("healthcheck", {})
    if not health.get("test") or health["test"][0] not in ("CMD", "CMD-SHELL"):
        say("it has no health check.")
    for key in health.keys() - HEALTH_KEYS:
        say(f"the health check has the key {key}.")
    for key in health.keys() & {"interval", "timeout", "start_period"}:
        if not DURATION.fullmatch(health[key]):
            say(f"{health[key]} is no duration.")
    words = health.get("test", [])
    if "weir" in words and words != ["CMD", "weir", "health"]:
        say("its health check does not ask weir health.")
    for port in re.findall(r"http://127\.0\.0\.1:(\d+)/", " ".join(words)):
        if port not in ports(service):
            say(f"its health check asks port {port}.")


def mounts(service):
    """Source, target and whether it is read-only."""
    for volume in service.get("volumes", ()):
        source, target, *mode = volume.split(":")
        yield source, target, mode == ["ro"]


def check_mounts(service, used, say, folder):
    for source, target, is_read_only in mounts(service):
        if not source.startswith("."):
            used["volumes"].add(source)
        elif not (folder / source).exists():
            say(f"{source} does not exist.")
        elif not is_read_only:
            say(f"{source} is mounted to be written.")
        if not target.startswith("/"):
            say(f"{target} is no path.")


def ports(service):
    """The ports within the network: those that are mapped."""
    return {port.rpartition(":")[2].partition("/")[0] for port in service.get("ports", ())}


def inside(compose, service, path):
    """The file of the repository that a service finds at a path; nothing where there is none."""
    for source, target, _ in mounts(compose["services"][service]):
        if source.startswith(".") and path.startswith(target):
            file = (FOLDER / source / path.removeprefix(target).lstrip("/")).resolve()
            return file if file.exists() else None
    return None


def check_references(compose, add):
    """What configurations name exists: services with their ports, mounted files, flags."""
    prometheus = documents(FOLDER / "prometheus.yml")[0]
    groups = [job["static_configs"] for job in prometheus["scrape_configs"]]
    groups += [each["static_configs"] for each in prometheus["alerting"]["alertmanagers"]]
    targets = [target for group in groups for each in group for target in each["targets"]]
    sources = documents(FOLDER / "grafana/datasources/prometheus.yml")[0]["datasources"]
    targets += [source["url"].removeprefix("http://") for source in sources]
    for target in targets:
        host, _, port = target.partition(":")
        if port not in ports(compose["services"].get(host, {})):
            add(f"no service {host} has the port {port}.")
    paths = [("prometheus", path) for path in prometheus["rule_files"]]
    for service, flag in (("prometheus", "--config.file="), ("alertmanager", "--config.file=")):
        command = compose["services"][service]["command"]
        paths += [(service, each.removeprefix(flag)) for each in command if each.startswith(flag)]
    for service, path in paths:
        if inside(compose, service, path) is None:
            add(f"{service} does not find {path}.")
    provider = documents(FOLDER / "grafana/dashboards/weir.yml")[0]["providers"][0]
    folder = provider["options"]["path"]
    shown = [target for _, target, _ in mounts(compose["services"]["grafana"]) if target.startswith(folder)]
    if len(shown) != 2:
        add(f"Grafana looks for dashboards in {folder}, and {len(shown)} are mounted there.")
    weir = compose["services"]["weir"]
    if wrong := mistake(weir["command"]):
        add(f"compose.yaml: weir: {wrong}")
    for port, protocol in listened(weir["command"]):
        end = f":{port}/udp" if protocol == "UDP" else f":{port}"
        if not any(each.endswith(end) for each in weir["ports"]):
            add(f"compose.yaml: weir listens on {port} ({protocol}), and this port is not mapped.")
    check_alertmanager(compose, add)


def check_alertmanager(compose, add, text=None):
    """Its configuration names alerts that exist, and files of secrets that it has."""
    text = text or (FOLDER / "alertmanager.yml").read_text()
    alerts = {rule["alert"] for file in rule_files() for rule in rules(file) if "alert" in rule}
    for names in re.findall(r'alertname=~?"([^"]*)"', text):
        for name in set(names.split("|")) - alerts:
            add(f"alertmanager.yml: there is no alert {name}.")
    secrets = set(compose["services"]["alertmanager"].get("secrets", []))
    for name in set(re.findall(r"/run/secrets/(\w+)", text)) ^ secrets:
        add(f"alertmanager.yml or compose.yaml names the secret {name}, and not both.")


def plain_prometheus(path):
    """A configuration without what differs between machines: folders and hosts."""
    content = documents(path)[0]
    content["rule_files"] = [Path(name).name for name in content["rule_files"]]
    jobs = content["scrape_configs"] + content["alerting"]["alertmanagers"]
    for each in jobs:
        for group in each["static_configs"]:
            group["targets"] = [target.rpartition(":")[2] for target in group["targets"]]
    return content


def check_same(add):
    """Prometheus does the same as with docs/prometheus/prometheus.yml."""
    if plain_prometheus(FOLDER / "prometheus.yml") != plain_prometheus(RULES / "prometheus.yml"):
        add("prometheus.yml differs from docs/prometheus/prometheus.yml in more than hosts and folders.")


def check_with_tools(add):
    """Prometheus and Alertmanager accept their files; Compose accepts its own where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        text = (FOLDER / "prometheus.yml").read_text()
        local = Path(folder) / "prometheus.yml"
        local.write_text(text.replace("/etc/prometheus/rules/", f"{ROOT}/docs/prometheus/"))
        runs = [
            [program("promtool"), "check", "config", str(local)],
            [program("amtool"), "check-config", str(FOLDER / "alertmanager.yml")],
        ]
        for command in runs:
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                add(f"{command[0]}: {run.stdout}{run.stderr}")
        return check_with_compose(Path(folder), add)


def compose_command():
    """That of this machine, or the one from PyPI, which needs no engine for `config`."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0:
        return [docker, "compose"]
    # Its own wrapper loses the exit status.
    return [str(Path(importlib.util.find_spec("compose").origin).parent / "docker-compose")]


def check_with_compose(folder, add, file=FOLDER / "compose.yaml", password="GRAFANA_PASSWORD"):
    """It accepts the file, and neither a misspelt key nor a missing password."""
    command = compose_command()
    environment, wrong = folder / "env", folder / "wrong.yaml"
    wrong.write_text(file.read_text().replace("healthcheck:", "healthchek:"))
    for what, password, file, is_right in [
        ("the file", f"{password}=x\n", file, True),
        ("no password", "", file, False),
        ("a misspelt key", f"{password}=x\n", wrong, False),
    ]:
        environment.write_text(password)
        files = ["--env-file", str(environment), "-f", str(file)]
        run = subprocess.run([*command, *files, "config", "-q"], capture_output=True, text=True)
        if (run.returncode == 0) != is_right:
            add(f"docker compose config, with {what}: status {run.returncode}: {run.stderr}")
    version = subprocess.run([*command, "version", "--short"], capture_output=True, text=True).stdout.strip()
    return f"Compose {version} accepts it"


def run(add):
    """Adds what is wrong, and returns a sentence for the summary."""
    compose = read()
    check(compose, add)
    check_references(compose, add)
    check_same(add)
    said = check_with_tools(add)
    for path, value in MISTAKES:
        other = with_mistake(compose, f"services.{path}", value)
        noticed = []
        check(other, noticed.append)
        check_references(other, noticed.append)
        if not noticed:
            add(f"the check of compose.yaml does not notice {path}: {value}.")
    text = (FOLDER / "alertmanager.yml").read_text()
    for right, wrong in [("WeirForwardHeld", "WeirForwardsHeld"), ("secrets/slack_url", "secrets/slack")]:
        noticed = []
        check_alertmanager(compose, noticed.append, text.replace(right, wrong))
        if not noticed:
            add(f"the check of alertmanager.yml does not notice {wrong}.")
    return f"compose: {len(compose['services'])} services; {said}"


if __name__ == "__main__":
    print(run(print))
