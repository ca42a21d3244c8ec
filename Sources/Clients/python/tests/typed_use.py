"""A program that uses all of the API. It is type-checked in strict mode, and then run."""

import asyncio
import ssl
from typing import Dict, Optional, Tuple, Union

import weir_client
from weir_client import Client, Counter, Gauge, Histogram, LabelError, Timer

context: Optional[ssl.SSLContext] = None
key: Tuple[str, bytes] = ("k1", b"secret")
client = Client(
    "127.0.0.1:9",
    labels={"service": "gateway"},
    key=key,
    flush_interval=0.5,
    series_max=100,
    process_metrics=True,
    per_process_cpu=True,
    instance="pod-7",
    signals=["SIGTERM"],
    ssl_context=context,
    http_timeout=1.0,
    frame_bytes=1_000,
    background=False,
)

requests: Counter = client.counter(
    "requests_total", "Requests.", ["method", "status"], unit="requests"
)
handle: Counter = requests.labels("GET", 200)
handle.inc()
handle.inc(2.5, {"trace_id": "a"})
requests.labels(method="GET", status=200).set_total(9)
requests.remove("GET", 200)
requests.clear()

in_flight: Gauge = client.gauge("in_flight", merge="sum")
in_flight.set(3)
in_flight.inc()
in_flight.dec(2)
in_flight.set_to_current_time()
in_flight.set_function(lambda: 4.0)
with in_flight.time(), in_flight.track_inprogress():
    pass

duration: Histogram = client.histogram("d_seconds", bounds=weir_client.linear_bounds(1, 1, 3))
duration.observe(1.5, exemplar={"trace_id": "b"})
with duration.time() as timer:
    timer.labels(route="/")
kept: Timer = duration.time()


@kept
def twice(number: int) -> int:
    return 2 * number


@client.counter("errors_total").count_exceptions((KeyError, ValueError))
async def later(text: str) -> str:
    return text


four: int = twice(2)
text: str = asyncio.run(later("done"))
client.histogram("sizes", bounds=weir_client.exponential_bounds(1, 2, 8)).observe(
    weir_client.DEFAULT_BOUNDS[0]
)
client.collect(lambda: in_flight.set(3))

# Mistakes that the types find: strict mode also reports an ignored mistake that is none.
try:
    handle.inc("1")  # type: ignore[arg-type]
    client.histogram("h", buckets=(1, 2))  # type: ignore[arg-type]
except TypeError as error:
    assert str(error) == "A histogram has no option 'buckets'; use bounds=."
try:
    requests.labels("GET")
except LabelError as error:
    assert isinstance(error, ValueError)

client.flush()
stats: Dict[str, Union[int, str]] = client.stats
has_arrived: bool = client.close(timeout=0.1)
with Client(url="http://127.0.0.1:9", background=False) as other:
    other.counter("x_total").inc()
    assert other.close(0) is False
assert (four, text, has_arrived) == (4, "done", False), stats
version: str = weir_client.__version__
print("the types and the client agree")
