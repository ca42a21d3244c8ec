"""Starts the clusters of docs/deploy for real: servers of NATS and Weirs with the commands, the variables and the
configurations of the files, each in a network of its own that has the name of its container.

Folders are others, and containers' mounts, limits and users are not tried. It needs root, for the networks.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from programs import ROOT, eventually, program, weir_program
from setup import kustomize
from setup.kubernetes_cluster import VARIABLE, config_maps
from setup.kubernetes_rules import pod

sys.path.insert(0, str(ROOT / "Tests"))
from ClusterTests import network  # noqa: E402

COMPOSE = ROOT / "docs/deploy/compose-cluster"
KUBERNETES = ROOT / "docs/deploy/kubernetes/cluster"
# Where containers have their files and their data.
FOLDERS = re.compile(r"/etc/nats\b|/data\b|/var/lib/weir\b")
PASSWORD = "p0123456789abcdef"
LINES = 10
START_SECONDS_MAX = 60
# With a name, a list of hosts and a command: a container's names.
INSIDE = 'hostname "$1" && mount --bind "$2" /etc/hosts && shift 2 && exec "$@"'


@dataclass
class Container:
    """What a file says of one."""

    # Its own name, and the one by which others find it.
    name: str
    host: str
    command: list
    environment: dict
    # Its configuration, by its path.
    files: dict = field(default_factory=dict)
    # What has to answer 200 there, and whether `weir health` is asked.
    urls: list = field(default_factory=list)
    asks_health: bool = False

    @property
    def is_weir(self):
        return self.command[0] == "weir"


def of_compose():
    """The containers of compose-cluster that stay."""
    text = (COMPOSE / "compose.yaml").read_text()
    text = re.sub(r"\$\{WEIR_PASSWORD[^}]*\}", PASSWORD, text)
    path = COMPOSE / "nats.conf"
    for name, service in yaml.safe_load(text)["services"].items():
        if "restart" not in service:
            continue
        test = " ".join(service["healthcheck"]["test"])
        is_weir = service["image"].startswith("${WEIR_IMAGE")
        yield Container(
            service.get("hostname", name),
            name,
            ["weir", *service["command"]] if is_weir else service["command"],
            service.get("environment", {}),
            {} if is_weir else {"/etc/nats/nats.conf": path.read_text()},
            re.findall(r"http://\S+", test),
            "weir health" in test,
        )


def of_kubernetes():
    """The pods of the folder `cluster`, each with its one container."""
    objects = kustomize.build(KUBERNETES)
    for workload in (each for each in objects if each["kind"] == "StatefulSet"):
        container = pod(workload)["containers"][0]
        files = {
            f"{mount['mountPath']}/{file}": text
            for mount in container["volumeMounts"]
            for each in config_maps(workload, objects).values()
            for file, text in each["data"].items()
            if mount["name"] == "configuration"
        }
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        probes = [container[kind]["httpGet"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")]
        for number in range(workload["spec"]["replicas"]):
            name = f"{workload['metadata']['name']}-{number}"
            values = {each["name"]: variable(each, name) for each in container["env"]}
            arguments = [VARIABLE.sub(lambda found: values[found[1]], each) for each in container["args"]]
            yield Container(
                name,
                f"{name}.{workload['spec']['serviceName']}",
                ["weir" if container["image"].startswith("weir:") else "nats-server", *arguments],
                values,
                files,
                [f"http://127.0.0.1:{ports[each['port']]}{each['path']}" for each in probes],
            )


def variable(declared, name):
    """The value of a variable: its own, that of the Secret, or the name of the pod."""
    if "secretKeyRef" in declared.get("valueFrom", {}):
        return PASSWORD
    return declared.get("value", name)


class Running:
    """The containers of one file, until the end of the block."""

    def __init__(self, containers):
        self.containers = list(containers)

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            names = [f"c{number}" for number in range(len(self.containers))]
            self.network = network.Namespaces(names)
            stack.callback(self.network.close)
            self.places = {each.host: self.network.places[name] for each, name in zip(self.containers, names)}
            hosts = "".join(f"{place.address} {host}\n" for host, place in self.places.items())
            (self.folder / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
            # Weirs end before what they need.
            for container in self.containers:
                stack.enter_context(self.process(container))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    @contextlib.contextmanager
    def process(self, container):
        folder = self.folder / container.name
        folder.mkdir(mode=0o700)
        moved = lambda text: FOLDERS.sub(lambda found: f"{folder}{found[0]}", text)
        for path in ("/data", "/var/lib/weir"):
            Path(moved(path)).mkdir(parents=True, mode=0o700)
        for path, text in container.files.items():
            Path(moved(path)).parent.mkdir(parents=True)
            Path(moved(path)).write_text(moved(text))
        first = weir_program() if container.is_weir else program(container.command[0])
        command = [first, *map(moved, container.command[1:])]
        with open(folder / "log", "w") as log, self.network.inside(self.places[container.host]):
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--uts", "sh", "-c", INSIDE, "-",
                 container.name, self.folder / "hosts", *command],
                stdout=log, stderr=log, env=os.environ | container.environment,
            )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(self, container, url):
        """The body of what a container answers to itself; None if it is not 200."""
        run = self.inside(container, program("curl"), "-sf", "--max-time", "5", url)
        return run.stdout if run.returncode == 0 else None

    def inside(self, container, *command):
        with self.network.inside(self.places[container.host]):
            return subprocess.run(command, capture_output=True, text=True, timeout=30)

    def is_healthy(self, container):
        if container.asks_health and self.inside(container, weir_program(), "health").returncode:
            return False
        return all(self.ask(container, url) is not None for url in container.urls)

    def log(self, container):
        return (self.folder / container.name / "log").read_text()


def missing():
    """Why nothing can be started here; None if it can."""
    if reason := network.missing():
        return reason
    run = subprocess.run(["unshare", "--mount", "--uts", "true"], capture_output=True)
    return "unshare makes no mounts of its own" if run.returncode else None


def check(title, containers, add, within=START_SECONDS_MAX):
    """Whether they become healthy, and each node shows what all received."""
    say = lambda sentence: add(f"{title}: {sentence}")
    with Running(containers) as running:
        for container in running.containers:
            try:
                eventually("healthy", lambda: running.is_healthy(container), within)
            except TimeoutError:
                return say(f"{container.name} is not healthy after {within} s: {running.log(container)[-500:]}")
        nodes = [each for each in running.containers if each.is_weir]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for node in nodes:
                for _ in range(LINES):
                    sender.sendto(b"tried_total:1|c", (running.places[node.host].address, 8125))
        line = f"\ntried_total {LINES * len(nodes)}\n"
        for node in nodes:
            wanted = {
                "/metrics": [line],
                "/metrics/node": ["\nweir_cluster_connected 1\n", f"\nweir_cluster_nodes {len(nodes)}\n"],
                "/debug/cluster": [f"\n{each.name} " for each in nodes],
            }
            for path, texts in wanted.items():
                has_all = lambda page: page and all(text in page for text in texts)
                url = f"http://127.0.0.1:9102{path}"
                try:
                    eventually(path, lambda: has_all(running.ask(node, url)), within)
                except TimeoutError:
                    say(f"{node.name}: {path} lacks one of {texts}: {running.ask(node, url)}")
        for container in running.containers:
            for found in set(re.findall(r".*Violation.*", running.log(container))):
                say(f"{container.name}: {found}")


def run(add):
    """Adds what is wrong, and returns a sentence for the summary."""
    if reason := missing():
        return f"clusters: not started. {reason}"
    check("compose-cluster", of_compose(), add)
    check("kubernetes/cluster", of_kubernetes(), add)
    check_notices(add)
    return "clusters: both were started, and each of their nodes shows what all received"


def check_notices(add):
    """What NATS does not allow is noticed."""
    containers = list(of_compose())
    for each in containers:
        each.files = {path: text.replace("STREAM.INFO.OBJ", "STREAM.INFO.obj") for path, text in each.files.items()}
    noticed = []
    check("compose-cluster", containers, noticed.append, within=8)
    if not noticed:
        add("the check of clusters does not notice a permission that NATS does not give.")


if __name__ == "__main__":
    print(run(print))
