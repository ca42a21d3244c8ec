"""Does some work, and sends metrics of it to Weir.

    PYTHONPATH=Sources/Clients/python/src python3 docs/examples/python/example.py [HOST:PORT]

runs it from a checkout; PYTHONPATH is not needed where the package `weir-client` is installed.
"""

import random
import sys
import time

import weir_client

client = weir_client.Client(
    sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8125",
    labels={"service": "example"},
    process_metrics=True,
)
requests = client.counter("example_requests_total", help="Requests answered.")
duration = client.histogram("example_duration_seconds", unit="seconds")
in_flight = client.gauge("example_in_flight", merge="sum")

for number in range(100):
    in_flight.inc()
    with duration.time():
        time.sleep(random.uniform(0.001, 0.02))
    requests.labels(status="error" if number % 20 == 0 else "ok").inc()
    in_flight.dec()

# Without this line it happens at the interpreter's exit.
print("everything has arrived" if client.close() else "there was no answer")
