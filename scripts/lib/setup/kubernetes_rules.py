"""What the schemas of Kubernetes miss: values of the wrong kind of text, and references that lead nowhere."""

import re
from urllib.parse import urlsplit

from setup.weir_flags import listened

PROTOCOLS = {"TCP", "UDP", "SCTP"}
PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9](?:[a-z0-9]|-(?!-))*(?<!-)")
PORT_NAME_LETTERS_MAX = 15
QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+")
DNS_PORT = 53
WORKLOADS = {"Deployment", "DaemonSet", "StatefulSet"}
UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def bytes_of(quantity):
    number, unit = re.fullmatch(r"([\d.]+)(\D*)", quantity).groups()
    return float(number) * UNITS[unit]


def workloads(objects):
    return [each for each in objects if each["kind"] in WORKLOADS]


def pod(workload):
    return workload["spec"]["template"]["spec"]


def labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def containers(workload):
    spec = pod(workload)
    return spec.get("initContainers", []) + spec["containers"]


def ports(workload):
    return [port for container in containers(workload) for port in container.get("ports", [])]


def selects(selector, having):
    """Whether a selector by labels matches."""
    return selector.items() <= having.items()


def check(objects, add):
    for each in objects:
        say = lambda sentence, each=each: add(f"{each['kind']} {each['metadata']['name']}: {sentence}")
        if each["kind"] in WORKLOADS:
            check_workload(each, objects, say)
        elif each["kind"] == "Service":
            check_service(each, objects, say)
        elif each["kind"] == "NetworkPolicy":
            check_policy(each, objects, say)
        elif each["kind"] == "PersistentVolumeClaim":
            check_quantities(each["spec"]["resources"], say)
            claims = [
                volume["persistentVolumeClaim"]["claimName"]
                for workload in workloads(objects)
                for volume in pod(workload).get("volumes", [])
                if "persistentVolumeClaim" in volume
            ]
            if each["metadata"]["name"] not in claims:
                say("no pod uses it.")


def check_workload(workload, objects, say):
    if not selects(workload["spec"]["selector"]["matchLabels"], labels(workload)):
        say("its selector does not match its own pods.")
    names = [port["name"] for port in ports(workload)]
    if len(set(names)) != len(names):
        say("two ports have the same name.")
    for container in containers(workload):
        name = container["name"]
        check_container(container, lambda sentence, name=name: say(f"{name}: {sentence}"))
        privileged = container.get("securityContext", {}).get("privileged")
        contexts = (container.get("securityContext", {}), pod(workload).get("securityContext", {}))
        if not privileged and not any(context.get("runAsNonRoot") for context in contexts):
            say(f"{name}: runAsNonRoot is not True.")
    for container in pod(workload).get("initContainers", []):
        # Kubernetes refuses it when it is applied; its schema does not.
        if "startupProbe" in container and container.get("restartPolicy") != "Always":
            say(f"{container['name']}: it has a probe, and would have to end.")
    check_senders(workload, say)
    check_volumes(workload, objects, say)
    check_egress(workload, objects, say)
    spec = workload["spec"]
    volumes = pod(workload).get("volumes", [])
    is_one = spec.get("replicas") == 1 and spec.get("strategy") == {"type": "Recreate"}
    if any("persistentVolumeClaim" in volume for volume in volumes) and not is_one:
        say("two pods would want the same volume.")


def check_senders(workload, say):
    """An application beside a Weir sends to the port at which that listens."""
    flags = [flag for each in containers(workload) for flag in each.get("args", [])]
    heard = [flag.rpartition(":")[2] for flag in flags if flag.startswith("--statsd.listen-udp=")]
    for container in containers(workload):
        for variable in container.get("env", []):
            if variable["name"] == "STATSD_PORT" and heard and variable.get("value") not in heard:
                say(f"{container['name']}: nobody in the pod listens on {variable.get('value')}.")


def check_container(container, say):
    has = {(str(each["containerPort"]), each.get("protocol", "TCP")) for each in container.get("ports", [])}
    for port in set(listened(container.get("args", []))) - has:
        say(f"it listens on {' '.join(port)}, which is none of its ports.")
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        command = container.get(kind, {}).get("exec", {}).get("command", [])
        if command[:1] == ["weir"] and command != ["weir", "health"]:
            say(f"its {kind} does not ask weir health.")
    if not PINNED.fullmatch(container["image"]):
        say(f"{container['image']} names no version.")
    for port in container.get("ports", []):
        if port.get("protocol", "TCP") not in PROTOCOLS:
            say(f"{port['protocol']} is no protocol.")
        if len(port["name"]) > PORT_NAME_LETTERS_MAX or not PORT_NAME.fullmatch(port["name"]):
            say(f"{port['name']} is no name for a port: at most 15 of a-z, 0-9 and -.")
    resources = container.get("resources", {})
    check_quantities(resources, say)
    memory = [resources.get(kind, {}).get("memory") for kind in ("requests", "limits")]
    if None in memory:
        say("its memory has no request or no limit.")
    elif all(QUANTITY.fullmatch(each) for each in memory) and bytes_of(memory[0]) > bytes_of(memory[1]):
        say("it requests more memory than its limit.")
    security = container.get("securityContext", {})
    if not security.get("privileged"):
        for key, value in (
            ("allowPrivilegeEscalation", False),
            ("readOnlyRootFilesystem", True),
            ("capabilities", {"drop": ["ALL"]}),
        ):
            if security.get(key) != value:
                say(f"{key} is not {value}.")


def check_quantities(resources, say):
    for amounts in resources.values():
        for name, amount in amounts.items():
            if not QUANTITY.fullmatch(str(amount)):
                say(f"{amount} is no amount of {name}.")


def check_volumes(workload, objects, say):
    declared = {volume["name"]: volume for volume in pod(workload).get("volumes", [])}
    declared |= {each["metadata"]["name"]: {} for each in workload["spec"].get("volumeClaimTemplates", [])}
    mounted = {mount["name"] for each in containers(workload) for mount in each.get("volumeMounts", [])}
    for name in declared.keys() ^ mounted:
        say(f"the volume {name} is declared or mounted, and not both.")
    claims = {each["metadata"]["name"] for each in objects if each["kind"] == "PersistentVolumeClaim"}
    for volume in declared.values():
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        if claim and claim not in claims:
            say(f"there is no PersistentVolumeClaim {claim}.")
    for each in containers(workload):
        for flag in each.get("args", []):
            folder = flag.removeprefix("--state.dir=")
            paths = [mount["mountPath"] for mount in each.get("volumeMounts", [])]
            if folder != flag and folder not in paths:
                say(f"{flag} is on no volume, and the root file system is read-only.")


def check_service(service, objects, say):
    matched = [each for each in workloads(objects) if selects(service["spec"]["selector"], labels(each))]
    if not matched:
        say("its selector matches no pods.")
    for port in service["spec"]["ports"]:
        if port.get("protocol", "TCP") not in PROTOCOLS:
            say(f"{port['protocol']} is no protocol.")
        for workload in matched:
            if not serves(workload, port["targetPort"], port.get("protocol", "TCP")):
                say(f"no container has the port {port['targetPort']} with this protocol.")


def serves(workload, name, protocol):
    """Whether a pod has a port, by its name or number."""
    return any(
        name in (port["name"], port["containerPort"]) and port.get("protocol", "TCP") == protocol
        for port in ports(workload)
    )


def check_policy(policy, objects, say):
    spec = policy["spec"]
    selector = spec["podSelector"].get("matchLabels", {})
    matched = [each for each in workloads(objects) if selects(selector, labels(each))]
    if not matched:
        say("its selector matches no pods.")
    for rule in spec.get("ingress", []):
        for port in rule.get("ports", []):
            for workload in matched:
                if not serves(workload, port["port"], port.get("protocol", "TCP")):
                    say(f"no container has the port {port['port']} with this protocol.")
        for peer in rule["from"]:
            # Without a namespace, the pods are of this kustomization.
            wanted = peer.get("podSelector", {}).get("matchLabels")
            if wanted and "namespaceSelector" not in peer:
                if not any(selects(wanted, labels(each)) for each in workloads(objects)):
                    say(f"no pod has the labels {wanted}.")


def connections(flags):
    """What a Weir with these flags sends to, as flag, protocol and port. Names have to be looked up as well."""
    for flag in flags:
        name, _, value = flag.partition("=")
        if name == "--cloudwatch.namespace":
            given = [each.partition("=")[2] for each in flags if each.startswith("--cloudwatch.endpoint=")]
            protocol, target = "TCP", urlsplit(given[-1] if given else "https://monitoring.amazonaws.com")
        elif name == "--forward.url":
            protocol, target = "TCP", urlsplit(value)
        elif name == "--cluster.nats":
            protocol, target = "TCP", urlsplit(value)
        elif name in ("--forward.address", "--statsd.relay.address") and not value.startswith("unix"):
            protocol, target = "UDP", urlsplit(f"//{value}")
        else:
            continue
        yield name, protocol, target.port or (80 if target.scheme == "http" else 443)
        if re.search(r"[a-z]", target.hostname) and ":" not in target.hostname:
            yield name, "UDP", DNS_PORT


def check_egress(workload, objects, say):
    """The policies of a pod let out what its flags make Weir send."""
    flags = [flag for container in containers(workload) for flag in container.get("args", [])]
    require_egress(workload, connections(flags), objects, say)


def require_egress(workload, wanted, objects, say):
    """The policies of a pod let out what it needs, each as what needs it, protocol and port. Without any policy,
    everything may leave."""
    policies = [
        each
        for each in objects
        if each["kind"] == "NetworkPolicy"
        and "Egress" in each["spec"]["policyTypes"]
        and selects(each["spec"]["podSelector"].get("matchLabels", {}), labels(workload))
    ]
    if not policies:
        return
    rules = [rule for each in policies for rule in each["spec"].get("egress", [])]
    for what, protocol, port in wanted:
        if not any(lets_out(rule, protocol, port) for rule in rules):
            say(f"{what} needs {protocol} port {port}, and no NetworkPolicy lets it out.")


def lets_out(rule, protocol, port):
    """Whether a rule for egress has a port; without `ports` it has all. Where to is not looked at."""
    if not rule.get("ports"):
        return True
    return any(
        each.get("protocol", "TCP") == protocol
        and ("port" not in each or each["port"] <= port <= each.get("endPort", each["port"]))
        for each in rule["ports"]
    )
