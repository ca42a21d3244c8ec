"""Whether the Prometheus operator's objects find what they scrape, and scrape the page that they should."""

import re

from setup.kubernetes_rules import containers, labels, ports, selects, workloads

# Of the operator. Its schemas are not in the package, so its keys are listed.
MONITORS = {
    "ServiceMonitor": ({"jobLabel", "selector", "endpoints"}, "endpoints"),
    "PodMonitor": ({"jobLabel", "selector", "podMetricsEndpoints"}, "podMetricsEndpoints"),
}
ENDPOINT_KEYS = {"port", "path", "interval", "scrapeTimeout", "honorLabels"}
SCRAPE_KEYS = {"staticConfigs", "metricsPath", "scrapeInterval", "scrapeTimeout", "honorLabels"}
KINDS = {*MONITORS, "ScrapeConfig"}


def unknown_keys(each):
    """Keys of an object that the operator does not know."""
    if each["kind"] == "ScrapeConfig":
        return each["spec"].keys() - SCRAPE_KEYS
    keys, endpoints = MONITORS[each["kind"]]
    unknown = each["spec"].keys() - keys
    for endpoint in each["spec"][endpoints]:
        unknown |= endpoint.keys() - ENDPOINT_KEYS
    return unknown


def check(objects, add):
    for each in objects:
        say = lambda sentence, each=each: add(f"{each['kind']} {each['metadata']['name']}: {sentence}")
        if each["kind"] in KINDS:
            for key in unknown_keys(each):
                say(f"unknown key {key}.")
        if each["kind"] in MONITORS:
            check_monitor(each, objects, say)
        elif each["kind"] == "ScrapeConfig":
            check_scrape(each, objects, say)


def check_monitor(monitor, objects, say):
    spec = monitor["spec"]
    selector = spec["selector"]["matchLabels"]
    if monitor["kind"] == "ServiceMonitor":
        services = [each for each in objects if each["kind"] == "Service"]
        matched = [each for each in services if selects(selector, each["metadata"]["labels"])]
        given = [service["metadata"]["labels"] for service in matched]
        names = [{port["name"] for port in service["spec"]["ports"]} for service in matched]
        if not matched:
            say("its selector matches no Service.")
    else:
        # The pods may be of another overlay.
        matched = [each for each in workloads(objects) if selects(selector, labels(each))]
        given = [labels(each) for each in matched]
        names = [{port["name"] for port in ports(each)} for each in matched]
    for each in given:
        check_job(each.get(spec.get("jobLabel"), ""), say)
    # The metrics of an application are the same at each node of a cluster, which would then count several times.
    wanted = "/metrics/node" if is_cluster(objects) else "/metrics"
    for endpoint in spec.get("endpoints", []) + spec.get("podMetricsEndpoints", []):
        if endpoint.get("path", "/metrics") != wanted:
            say(f"it scrapes {endpoint['path']} of each Weir, and not {wanted}.")
        if not endpoint.get("honorLabels"):
            say("without honorLabels the senders' labels are renamed.")
        if any(endpoint["port"] not in each for each in names):
            say(f"there is no port {endpoint['port']}.")


def check_job(job, say):
    if not re.fullmatch("weir(-.*)?", job):
        say(f"the job would be {job}, which the alerts about Weir do not look for.")


def is_cluster(objects):
    """Whether its Weirs are nodes of a cluster."""
    flags = [flag for each in workloads(objects) for part in containers(each) for flag in part.get("args", [])]
    return any(flag.startswith("--cluster.nats=") for flag in flags)


def check_scrape(scrape, objects, say):
    """A target that is a Service, by its name, namespace and port."""
    spec = scrape["spec"]
    known = {
        f"{each['metadata']['name']}.{each['metadata'].get('namespace')}:{port['port']}"
        for each in objects
        if each["kind"] == "Service" and each["spec"].get("clusterIP") != "None"
        for port in each["spec"]["ports"]
        if port.get("protocol", "TCP") == "TCP"
    }
    for group in spec["staticConfigs"]:
        check_job(group.get("labels", {}).get("job", ""), say)
        for target in group["targets"]:
            if target not in known:
                say(f"no Service with one address answers at {target}.")
    if spec.get("metricsPath", "/metrics") != "/metrics":
        say(f"{spec['metricsPath']} is of one node, and not of the cluster.")
    if not spec.get("honorLabels"):
        say("without honorLabels the senders' labels are renamed.")
