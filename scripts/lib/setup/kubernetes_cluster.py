"""What the schemas of Kubernetes miss in a cluster of Weirs on NATS: pods with names, and who asks whom by them."""

import re

from setup.kubernetes_rules import containers, labels, pod, require_egress, selects, workloads

VARIABLE = re.compile(r"\$\((\w+)\)")
NATS_URL = re.compile(r"nats(?:-route)?://(?:[^@/\s]*@)?([^:/\s]+):(\d+)")


def check(objects, add):
    for each in objects:
        say = lambda sentence, each=each: add(f"{each['kind']} {each['metadata']['name']}: {sentence}")
        if each["kind"] == "StatefulSet":
            check_names(each, objects, say)
        elif each["kind"] == "PodDisruptionBudget":
            check_budget(each, objects, say)
    for workload in workloads(objects):
        say = lambda sentence, workload=workload: add(
            f"{workload['kind']} {workload['metadata']['name']}: {sentence}"
        )
        check_variables(workload, say)
        check_configurations(workload, objects, say)
        check_probes(workload, say)
        check_nats(workload, objects, say)


def config_maps(workload, objects):
    """Those that a pod mounts."""
    names = [volume["configMap"]["name"] for volume in pod(workload).get("volumes", []) if "configMap" in volume]
    maps = {each["metadata"]["name"]: each for each in objects if each["kind"] == "ConfigMap"}
    return {name: maps.get(name) for name in names}


def check_names(workload, objects, say):
    """Its pods have names in the DNS, by a Service without an address of its own."""
    name = workload["spec"]["serviceName"]
    found = [each for each in objects if each["kind"] == "Service" and each["metadata"]["name"] == name]
    if not found or found[0]["spec"].get("clusterIP") != "None":
        say(f"{name} is no Service without clusterIP, so its pods have no names.")
    elif not selects(found[0]["spec"]["selector"], labels(workload)):
        say(f"the Service {name} does not select its pods.")


def check_budget(budget, objects, say):
    selector = budget["spec"]["selector"]["matchLabels"]
    matched = [each for each in workloads(objects) if selects(selector, labels(each))]
    if not matched:
        say("its selector matches no pods.")
    for workload in matched:
        if 2 * budget["spec"]["maxUnavailable"] >= workload["spec"].get("replicas", 1):
            say(f"it leaves no majority of {workload['metadata']['name']}.")


def environment(container):
    """The variables of a container as a pod sees them, with a word for what is in Secrets and in the pod's fields."""
    return {each["name"]: each.get("value", "weir-0") for each in container.get("env", [])}


def with_variables(flags, container):
    """Flags as a container gets them."""
    known = environment(container)
    return [VARIABLE.sub(lambda found: known.get(found[1], found[0]), flag) for flag in flags]


def check_variables(workload, say):
    for container in containers(workload):
        known = environment(container)
        for flag in container.get("args", []):
            for name in VARIABLE.findall(flag):
                if name not in known:
                    say(f"{container['name']}: {flag.partition('=')[0]} names {name}, which it has not.")


def check_configurations(workload, objects, say):
    """A file that a flag names is in a ConfigMap, and has the variables that it uses."""
    maps = config_maps(workload, objects)
    for name, found in maps.items():
        if found is None:
            say(f"there is no ConfigMap {name}.")
    texts = [text for each in maps.values() if each for text in each["data"].values()]
    known = {name for container in containers(workload) for name in environment(container)}
    for name in {name for text in texts for name in re.findall(r"(?<![\"\w])\$(\w+)", text)} - known:
        say(f"its configuration uses {name}, which no container has.")
    files = {file for each in maps.values() if each for file in each["data"]}
    for container in containers(workload):
        flags = container.get("args", [])
        if "--config" in flags and flags[flags.index("--config") + 1].rpartition("/")[2] not in files:
            say(f"{container['name']}: no ConfigMap has its configuration.")


def check_probes(workload, say):
    """A probe asks a port that there is; and nothing kills a node because NATS is away."""
    for container in containers(workload):
        ports = {port["name"] for port in container.get("ports", [])}
        is_node = any(flag.startswith("--cluster.nats=") for flag in container.get("args", []))
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            asked = container.get(kind, {}).get("httpGet", {})
            if asked and asked["port"] not in ports:
                say(f"{container['name']}: its {kind} asks the port {asked['port']}, which it has not.")
            wanted = "/-/ready" if kind == "readinessProbe" else "/-/healthy"
            if is_node and asked.get("path") != wanted:
                say(f"{container['name']}: its {kind} does not ask {wanted}.")


def addressed(workload, objects):
    """The host and the port of each server of NATS that a pod is told of."""
    texts = [flag for container in containers(workload) for flag in container.get("args", [])]
    texts += [
        text for each in config_maps(workload, objects).values() if each for text in each["data"].values()
    ]
    return [(host, int(port)) for text in texts for host, port in NATS_URL.findall(text)]


def hosts(objects):
    """The names of the pods that have some, each with the numbers of its ports."""
    found = {}
    for workload in objects:
        if workload["kind"] == "StatefulSet":
            ports = [port["containerPort"] for each in containers(workload) for port in each.get("ports", [])]
            for number in range(workload["spec"]["replicas"]):
                name = f"{workload['metadata']['name']}-{number}.{workload['spec']['serviceName']}"
                found[name] = ports
    return found


def check_nats(workload, objects, say):
    """Every server that there is gets named, and no other."""
    known = hosts(objects)
    asked = addressed(workload, objects)
    for host, port in asked:
        if port not in known.get(host, ()):
            say(f"there is no {host} with the port {port}.")
    require_egress(workload, [("NATS", "TCP", port) for _, port in asked], objects, say)
    for port in {port for _, port in asked}:
        missing = {host for host, ports in known.items() if port in ports} - {host for host, _ in asked}
        for host in sorted(missing):
            say(f"it is not told of {host}.")
