"""Sends through the real DogStatsD client over a Unix socket: datadog_unix_client.py PATH datagram|stream."""

import sys

from datadog.dogstatsd import DogStatsd

path, kind = sys.argv[1], sys.argv[2]
scheme = "unixgram" if kind == "datagram" else "unixstream"
client = DogStatsd(
    socket_path="%s://%s" % (scheme, path), disable_buffering=True, disable_telemetry=True,
    socket_timeout=5)
for number in range(300):
    client.increment("unix.orders_total", tags=["shop:berlin"])
client.gauge("unix.queue_length", 11, tags=["shop:berlin"])
client.event("Deployed", "version 2\nof the shop")
client.close_socket()

with DogStatsd(
    socket_path="%s://%s" % (scheme, path), disable_telemetry=True, max_buffer_len=1432, socket_timeout=5
) as buffered:
    for number in range(1000):
        buffered.increment("unix.buffered_total")
