"""Sends through the real StatsD client over TCP: statsd_tcp_client.py HOST PORT."""

import sys

import statsd

client = statsd.TCPStatsClient(sys.argv[1], int(sys.argv[2]), prefix="tcp")
for number in range(500):
    client.incr("orders_total")
    client.timing("page_seconds", 125)
client.gauge("temperature_celsius", 20)
client.gauge("temperature_celsius", -3, delta=True)
with client.pipeline() as pipeline:
    pipeline.incr("batched_total", 3)
    pipeline.incr("batched_total", 4)
client.close()
