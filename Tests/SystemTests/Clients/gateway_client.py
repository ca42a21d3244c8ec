"""Pushes to a gateway with prometheus_client, as its users do.

gateway_client.py ADDRESS STEP [USER PASSWORD]
"""

import sys

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, Summary
from prometheus_client.exposition import (
    basic_auth_handler, delete_from_gateway, push_to_gateway, pushadd_to_gateway)


def registry(count):
    """One of each kind of metric."""
    made = CollectorRegistry()
    Counter("job_items", "Items \\ of the \"job\".\nSecond line.", ["kind"], registry=made).labels("a\"b\\c\nd").inc(count)
    Gauge("job_last_success_unixtime", "Last time it succeeded.", registry=made).set(count)
    histogram = Histogram("job_seconds", "How long it took.", registry=made, buckets=(0.1, 1, 10))
    for value in range(count):
        histogram.observe(value)
    Summary("job_bytes", "How much.", registry=made).observe(count)
    Info("job_build", "Which.", registry=made).info({"version": "1"})
    return made


def main():
    address, step = sys.argv[1:3]
    key = {"instance": "i/1", "empty": "", "zone": "a b+c%"}
    if step == "push":
        push_to_gateway(address, job="batch", registry=registry(5))
        push_to_gateway(address, job="batch", registry=registry(3), grouping_key=key)
        push_to_gateway(f"http://{address}/", job="a/b", registry=registry(2), compression="gzip")
    elif step == "add":
        made = CollectorRegistry()
        Gauge("job_last_success_unixtime", "Last time it succeeded.", registry=made).set(9)
        pushadd_to_gateway(address, job="batch", registry=made)
        push_to_gateway(address, job="a/b", registry=made)
    elif step == "delete":
        delete_from_gateway(address, job="batch")
        delete_from_gateway(address, job="batch", grouping_key=key)
        delete_from_gateway(address, job="none")
    elif step == "auth":
        def handler(url, method, timeout, headers, data):
            return basic_auth_handler(url, method, timeout, headers, data, *sys.argv[3:5])
        push_to_gateway(address, job="batch", registry=registry(1), handler=handler)
    elif step == "run":
        made = registry(4)
        ProcessCollector(registry=made)
        push_to_gateway(address, job="batch", registry=made)


main()
