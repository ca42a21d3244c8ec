"""Sends every type through the real StatsD client: statsd_client.py HOST PORT."""

import sys
from datetime import timedelta

import statsd

host, port = sys.argv[1], int(sys.argv[2])
client = statsd.StatsClient(host, port, prefix="classic")

client.incr("logins_total")
client.incr("logins_total", 9)
client.timing("page_seconds", 125)
client.timing("page_seconds", timedelta(seconds=2))
client.gauge("temperature_celsius", 20)
client.gauge("temperature_celsius", 5, delta=True)
client.gauge("temperature_celsius", -3, delta=True)
# A negative value takes two lines in this protocol: to zero, and down from there.
client.gauge("balance_euros", -40)
for member in ["ann", "bob", "ann"]:
    client.set("users", member)

with client.pipeline() as pipeline:
    pipeline.incr("batched_total", 3)
    pipeline.incr("batched_total", 4)
    pipeline.timing("page_seconds", 500)
    pipeline.gauge("threads", 8)
