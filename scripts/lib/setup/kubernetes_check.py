"""Checks docs/deploy/kubernetes: schemas of several releases, what they miss, and that flags are Weir's."""

import copy
import logging
import shutil
import subprocess

import kubernetes_validate
import yaml

from programs import ROOT
from setup import kubernetes_cluster, kubernetes_monitors, kubernetes_rules, kustomize
from setup.kubernetes_rules import containers, workloads
from setup.mistakes import MISSING, with_mistake
from setup.weir_flags import mistake

FOLDER = ROOT / "docs/deploy/kubernetes"
# Native sidecars begin with the first one.
RELEASES = ["1.29", "1.37"]
POD = "template.spec"
CONTAINER = "template.spec.containers.0"
# What the checks must notice: the kind of an object, a path in its spec, and the wrong value.
MISTAKES = [
    ("Deployment", f"{CONTAINER}.readinesProbe", {}),
    ("Deployment", f"{CONTAINER}.ports.0.containerPort", "8125"),
    ("Deployment", f"{CONTAINER}.ports.0.name", "statsd-datagrams"),
    ("Deployment", f"{CONTAINER}.resources.limits.memory", "64megs"),
    ("Deployment", f"{CONTAINER}.volumeMounts", []),
    ("Deployment", f"{CONTAINER}.args.+", "--state.dir=/other"),
    ("Deployment", f"{CONTAINER}.image", "weir:latest"),
    ("Deployment", f"{CONTAINER}.securityContext.capabilities", MISSING),
    ("Deployment", f"{CONTAINER}.args.+", "--cloudwatch.namespace=Gateway"),
    ("Deployment", f"{CONTAINER}.args.+", "--forward.address=weir.other:8125"),
    ("Deployment", f"{CONTAINER}.args.+", "--forward.url=https://weir.other/api/v1/push"),
    ("Deployment", f"{CONTAINER}.args.+", "--statsd.relay.address=statsd.other:8125"),
    ("Deployment", f"{POD}.volumes.0.persistentVolumeClaim.claimName", "x"),
    ("Deployment", "selector.matchLabels.app", "other"),
    ("Deployment", "replicas", 2),
    ("PersistentVolumeClaim", "resources.requests.storage", "1GB"),
    ("Service", "ports.0.protocol", "UPD"),
    ("Service", "ports.0.targetPort", "stats"),
    ("Service", "selector.app", "other"),
    ("NetworkPolicy", "podSelector.matchLabels.app", "other"),
    ("NetworkPolicy", "ingress.0.ports.0.port", "stats"),
    ("ServiceMonitor", "selector.matchLabels.app", "other"),
    ("ServiceMonitor", "endpoints.0.port", "web"),
    ("ServiceMonitor", "endpoints.0.honorLabel", True),
    ("ServiceMonitor", "endpoints.0.path", "/metric"),
    ("ServiceMonitor", "jobLabel", "app"),
    ("Deployment", f"{CONTAINER}.args.0", "--statsd.listen-udp=:8126"),
    ("Deployment", f"{CONTAINER}.livenessProbe.exec.command.1", "heath"),
    ("Deployment", f"{POD}.securityContext.runAsNonRoot", MISSING),
]
SIDECAR = f"{POD}.initContainers.0"
# The same in other folders.
OTHER_MISTAKES = {
    "overlays/nodes": [
        ("DaemonSet", f"{CONTAINER}.args.2", "--forward.address=weirs.monitoring:8125"),
        ("DaemonSet", f"{CONTAINER}.ports.0.protocol", "TCP"),
    ],
    "overlays/sidecar": [
        ("Deployment", f"{SIDECAR}.restartPolicy", MISSING),
        ("Deployment", f"{SIDECAR}.args.2", "--forward.address=weir.monitoring:8126"),
        ("Deployment", f"{CONTAINER}.env.1.value", "8126"),
    ],
}
# The same where Weir pushes to CloudWatch. The last policy is the one that lets it.
CLOUDWATCH_MISTAKES = [
    ("NetworkPolicy", "egress.0.ports.0.port", 54),
    ("NetworkPolicy", "egress.1.ports.0.port", 80),
    ("NetworkPolicy", "egress.1.ports.0.protocol", "UDP"),
    ("NetworkPolicy", "podSelector.matchLabels", {"app.kubernetes.io/name": "other"}),
    ("Deployment", f"{CONTAINER}.args.+", "--cloudwatch.endpoint=http://aws:8080"),
]
# The same in a cluster. The last StatefulSet is that of the nodes, the last Service has their names, and the last budget
# and policy are those of NATS.
CLUSTER_MISTAKES = [
    ("StatefulSet", "serviceName", "weir"),
    ("StatefulSet", "replicas", 1),
    ("StatefulSet", f"{CONTAINER}.args.2", "--cluster.nats=nats://weir:$(NATS_PASSWORD)@nats-3.nats:4222"),
    ("StatefulSet", f"{CONTAINER}.args.2", "--cluster.nats=nats://weir:$(NATS_PASSWORD)@nats-0.nats:6222"),
    ("StatefulSet", f"{CONTAINER}.args.2", "--cluster.nats=nats://weir:$(PASSWORD)@nats-0.nats:4222"),
    ("StatefulSet", f"{CONTAINER}.args.5", "--cluster.node=$(NODE_NAME)"),
    ("StatefulSet", f"{CONTAINER}.args.6", "--state.dir=/data"),
    ("StatefulSet", f"{CONTAINER}.livenessProbe.httpGet.path", "/-/ready"),
    ("StatefulSet", f"{CONTAINER}.livenessProbe", {"exec": {"command": ["weir", "health"]}}),
    ("StatefulSet", f"{CONTAINER}.readinessProbe.httpGet.path", "/-/healthy"),
    ("StatefulSet", f"{CONTAINER}.readinessProbe.httpGet.port", "web"),
    ("StatefulSet", "volumeClaimTemplates.0.metadata.name", "states"),
    ("StatefulSet", f"{POD}.affinity.podAntiAffinity", {"preferredDuringSchedulingIgnored": []}),
    ("Service", "clusterIP", MISSING),
    ("Service", "selector", {"app.kubernetes.io/name": "weir-node"}),
    ("PodDisruptionBudget", "maxUnavailable", 2),
    ("PodDisruptionBudget", "selector.matchLabels", {"app.kubernetes.io/name": "other"}),
    ("NetworkPolicy", "egress.0.ports.0.port", 4222),
    ("NetworkPolicy", "ingress.0.from.0.podSelector.matchLabels", {"app.kubernetes.io/name": "other"}),
    ("ScrapeConfig", "staticConfigs.0.targets", ["weir-nodes.monitoring:9102"]),
    ("ScrapeConfig", "staticConfigs.0.labels", {"job": "metrics"}),
    ("ScrapeConfig", "metricsPath", "/metrics/node"),
    ("ScrapeConfig", "metricPath", "/metrics"),
    ("ServiceMonitor", "endpoints.0.path", "/metrics"),
]
# And in its servers of NATS. Each is made in the ConfigMap's text: what is there, and what is written in its place.
NATS_MISTAKES = [
    ("nats-2.nats:6222", "nats-3.nats:6222"),
    ("nats-2.nats:6222", "nats-2.nats:6223"),
    ("$WEIR_PASSWORD", "$NATS_PASSWORD"),
]


def folders():
    """Every folder that can be applied. A component alone can't."""
    return sorted(
        path.parent for path in FOLDER.rglob("kustomization.yaml") if "components" not in path.parts
    )


def check_schema(each, add):
    if each["kind"] in kubernetes_monitors.KINDS:
        return
    title = f"{each['kind']} {each['metadata']['name']}"
    for release in RELEASES:
        try:
            kubernetes_validate.validate(each, release, strict=True)
        except Exception as error:
            add(f"{title}: Kubernetes {release}: {str(error).splitlines()[0]}")


def check_flags(objects, add):
    for workload in workloads(objects):
        for container in containers(workload):
            if container["image"].startswith("weir:"):
                flags = kubernetes_cluster.with_variables(container.get("args", []), container)
                if wrong := mistake(flags):
                    add(f"{workload['metadata']['name']}: {container['name']}: {wrong}")


def check_next_hops(objects, services, add):
    """What is forwarded goes to a Service of the base, by its name, namespace and port."""
    known = {
        f"{each['metadata']['name']}.{each['metadata']['namespace']}:{port['port']}"
        for each in services
        for port in each["spec"]["ports"]
        if port.get("protocol") == "UDP"
    }
    for workload in workloads(objects):
        for container in containers(workload):
            for flag in container.get("args", []):
                name, _, address = flag.partition("=")
                if name == "--forward.address" and address not in known:
                    add(f"{workload['metadata']['name']}: no Service receives at {address}.")


def check_objects(objects, add):
    for each in objects:
        check_schema(each, add)
    kubernetes_rules.check(objects, add)
    kubernetes_cluster.check(objects, add)
    kubernetes_monitors.check(objects, add)


def check_with_kubectl(folder, objects, add):
    """Whether kubectl makes the same objects; false where there is none."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        return False
    run = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True)
    if run.returncode:
        add(f"kubectl kustomize {folder.relative_to(ROOT)}: {run.stderr}")
        return True
    order = lambda each: (each["apiVersion"], *kustomize.identity(each))
    if sorted(yaml.safe_load_all(run.stdout), key=order) != sorted(objects, key=order):
        add(f"kubectl kustomize {folder.relative_to(ROOT)} makes something else than setup/kustomize.py.")
    return True


def check_files(add):
    """Every file belongs to a kustomization."""
    named = {file for folder in folders() for file in kustomize.files_of(folder)}
    for file in set(FOLDER.rglob("*.yaml")) - named:
        add(f"no kustomization names {file.relative_to(ROOT)}.")


def run(add):
    """Adds what is wrong, and returns a sentence for the summary."""
    logging.disable(logging.WARNING)
    count, has_kubectl = 0, True
    check_files(add)
    services = [each for each in kustomize.build(FOLDER / "base") if each["kind"] == "Service"]
    for folder in folders():
        objects = kustomize.build(folder)
        count += len(objects)
        check_objects(objects, lambda sentence: add(f"{folder.relative_to(FOLDER)}: {sentence}"))
        check_flags(objects, add)
        check_next_hops(objects, services, add)
        has_kubectl &= check_with_kubectl(folder, objects, add)
    notice_mistakes(kustomize.build(FOLDER / "overlays/operator"), MISTAKES, services, add)
    for folder, mistakes in OTHER_MISTAKES.items():
        notice_mistakes(kustomize.build(FOLDER / folder), mistakes, services, add)
    notice_mistakes(
        kustomize.build(FOLDER / "overlays/cluster-operator"), CLUSTER_MISTAKES, services, add
    )
    notice_mistakes(
        kustomize.build(FOLDER / "overlays/cloudwatch"), CLOUDWATCH_MISTAKES, services, add
    )
    notice_in_nats(kustomize.build(FOLDER / "cluster"), add)
    said = "kubectl builds the same" if has_kubectl else "there is no kubectl here to compare with"
    releases = " and ".join(RELEASES)
    return f"kubernetes: {len(folders())} folders with {count} objects, valid for {releases}; {said}"


def notice_mistakes(objects, mistakes, services, add):
    """Each mistake is made in the last object of its kind."""
    for kind, path, value in mistakes:
        index = max(index for index, each in enumerate(objects) if each["kind"] == kind)
        other = [*objects]
        other[index] = with_mistake(objects[index], f"spec.{path}", value)
        noticed = []
        check_objects(other, noticed.append)
        check_next_hops(other, services, noticed.append)
        if not noticed:
            add(f"the check of Kubernetes' objects does not notice {path} in a {kind}.")


def notice_in_nats(objects, add):
    for right, wrong in NATS_MISTAKES:
        other = copy.deepcopy(objects)
        data = next(each for each in other if each["kind"] == "ConfigMap")["data"]
        data["nats.conf"] = data["nats.conf"].replace(right, wrong)
        noticed = []
        check_objects(other, noticed.append)
        if not noticed:
            add(f"the check of Kubernetes' objects does not notice {wrong} in nats.conf.")


if __name__ == "__main__":
    print(run(print))
