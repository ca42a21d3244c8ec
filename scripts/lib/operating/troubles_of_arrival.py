"""Troubles of docs/troubleshooting.md with what arrives, and with what is refused."""

import os
import re
import signal
import time

from operating.quick_prometheus import QuickPrometheus
from operating.trouble import CONFIGURATION, require, send, trouble, until_shown, weir_forget
from programs import Weir, eventually, push_client


@trouble("Where to begin")
def begin(steps):
    with Weir(), QuickPrometheus(CONFIGURATION):
        steps.once()
        steps.run()
        steps.run()
        steps.once()


@trouble("Weir does not start")
def no_start(steps):
    with Weir():
        steps.run()
        steps.run()


@trouble("Nothing arrives")
def nothing_arrives(steps):
    received = 'weir_datagrams_received_total{listener="127.0.0.1:8125"}'
    refused = 'weir_datagrams_refused_total{{listener="127.0.0.1:8125",reason="{}"}}'
    with Weir() as weir:
        send("hits_total:1|c", to="127.0.0.2")
        send("hits_total:1|c", to="::1")
        steps.run()
        printed = steps.run()
        require(int(re.search(r"UdpNoPorts +(\d+)", printed)[1]) > 0, "UdpNoPorts does not grow.")
        require(weir.value(received) == 0, "something has arrived.")
    with Weir(*steps.flags()) as weir:
        for address in ("127.0.0.1", "127.0.0.2", "::1"):
            send("hits_total:1|c", to=address)
        until_shown(weir, "hits_total", 3)
    with Weir("--statsd.allow=10.0.0.0/8") as weir:
        send("hits_total:1|c")
        until_shown(weir, refused.format("source"), 1)
    with Weir("--no-statsd.text") as weir:
        send("hits_total:1|c")
        until_shown(weir, refused.format("text_off"), 1)


@trouble("A metric is missing")
def missing(steps):
    with Weir():
        send("llm_requests_total:1,5|c")
        steps.run()
        steps.run()


@trouble("Missing after a deployment")
def after_deployment(steps):
    with Weir() as weir:
        send("llm_requests_total:3|c|#provider:openai,status:error")
        until_shown(weir, 'llm_requests_total{provider="openai",status="error"}', 3)
    with Weir():
        steps.run()
    flags = steps.flags()
    for want in (3, 3):
        with Weir(*flags) as weir:
            if weir.value('llm_requests_total{provider="openai",status="error"}') is None:
                send("llm_requests_total:3|c|#provider:openai,status:error")
            until_shown(weir, 'llm_requests_total{provider="openai",status="error"}', want)
    with Weir():
        steps.run()
    # Ten seconds are allowed, which a check can't wait for; so the client's clocks are a minute ahead later.
    ahead = [0]
    clocks = {clock.__name__: lambda clock=clock: clock() + ahead[0] for clock in (time.monotonic, time.time)}
    client = push_client(flush_interval=0.1, monotonic=clocks["monotonic"], wall=clocks["time"])
    try:
        with Weir() as weir:
            client.counter("jobs_total").inc(5)
            until_shown(weir, "jobs_total", 5)
        ahead[0] = 60
        with Weir() as weir:
            steps.run()
            client.counter("jobs_total").inc(2)
            until_shown(weir, "jobs_total", 2)
    finally:
        client.close(0)


@trouble("Losses under load")
def losses(steps):
    burst = 400

    def flood(weir):
        """More than 4 KiB can hold, while Weir does not read."""
        os.kill(weir.process.pid, signal.SIGSTOP)
        for _ in range(burst):
            send("hits_total:1|c")
        os.kill(weir.process.pid, signal.SIGCONT)

    dropped = 'weir_datagrams_dropped_total{listener="127.0.0.1:8125"}'
    with Weir("--statsd.read-buffer=4KiB") as weir:
        flood(weir)
        eventually("drops", lambda: (weir.value(dropped) or 0) > 0)
        eventually("hits", lambda: (weir.value("hits_total") or 0) + weir.value(dropped) == burst)
        steps.run()
        printed = steps.run()
        lost = int(weir.value(dropped))
        require(f"d{lost})" in printed, f"ss shows another number than {lost}:\n{printed}")
        require(re.search(rf"UdpRcvbufErrors +{lost} ", printed), f"nstat does not show {lost}:\n{printed}")
    with Weir(*steps.flags()) as weir:
        flood(weir)
        until_shown(weir, "hits_total", burst)
        require(weir.value(dropped) == 0, "the remedy does not help.")


@trouble("A decrement is refused")
def decrement(steps):
    with Weir() as weir:
        send("queue_length:-1|c")
        steps.run()
        steps.run()
        send("queue_length:1|c")
        until_shown(weir, "queue_length", 1)
        weir_forget("queue_length")
        for value in ("+1", "+1", "-1"):
            send(f"queue_length:{value}|g")
        until_shown(weir, "queue_length", 1)
        require("# TYPE queue_length gauge" in weir.get("/metrics"), "it is no gauge.")


@trouble("One name has two types")
def two_types(steps):
    with Weir() as weir:
        send("jobs:1|c")
        send("jobs:3|g")
        steps.run()
        steps.once()
        send("jobs:3|g")
        until_shown(weir, "jobs", 3)
        require("# TYPE jobs gauge" in weir.get("/metrics"), "it is no gauge.")
