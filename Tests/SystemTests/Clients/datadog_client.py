"""Sends every type through the real DogStatsD client: datadog_client.py HOST PORT."""

import sys

from datadog.dogstatsd import DogStatsd

host, port = sys.argv[1], int(sys.argv[2])

# Without its telemetry, which would send metrics of the client's own beside the test's.
plain = DogStatsd(host=host, port=port, disable_buffering=True, disable_telemetry=True)
plain.increment("dog.orders_total", tags=["shop:berlin", "tier:gold"])
plain.increment("dog.orders_total", 4, tags=["tier:gold", "shop:berlin"])
plain.gauge("dog.queue_length", 17, tags=["shop:berlin"])
plain.gauge("dog.queue_length", 11, tags=["shop:berlin"])
plain.histogram("dog.payload_bytes", 0.25, tags=["shop:berlin"])
plain.histogram("dog.payload_bytes", 3, tags=["shop:berlin"])
plain.distribution("dog.duration_seconds", 0.75, tags=["shop:berlin"])
plain.distribution("dog.duration_seconds", 45, tags=["shop:berlin"])
plain.timing("dog.render_seconds", 250, tags=["shop:berlin"])
plain.timing("dog.render_seconds", 1500, tags=["shop:berlin"])
for member in ["ann", "bob", "ann", "cid", "bob"]:
    plain.set("dog.visitors", member, tags=["shop:berlin"])
plain.event("Deployed", "version 2\nof the shop", alert_type="success", tags=["shop:berlin"])
plain.event("Restarted", "one instance")
plain.service_check("shop.can_connect", plain.OK, tags=["shop:berlin"], message="fine")

# Half of these are sent, and count double.
for _ in range(400):
    plain.increment("dog.sampled_total", sample_rate=0.5)

# Buffered: many lines in a datagram, with tags that every line gets.
with DogStatsd(
    host=host,
    port=port,
    disable_telemetry=True,
    max_buffer_len=1432,
    constant_tags=["region:eu"],
) as buffered:
    for number in range(100):
        buffered.increment("dog.buffered_total", tags=["parity:%d" % (number % 2)])
