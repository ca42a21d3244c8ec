"""A client of Weir's push protocol, without dependencies.

    import weir_client

    client = weir_client.Client("127.0.0.1:8125", labels={"service": "gateway"})
    requests = client.counter("requests_total", help="Requests answered.")
    requests.labels(status="ok").inc()

Recording never waits for the network and never raises because of it. A background thread sends the
totals that have changed, and repeats them, so that a later datagram makes up for a lost one.
"""

from ._blocks import ExceptionCounter, InProgress, Timer
from ._bounds import DEFAULT_BOUNDS, exponential_bounds, linear_bounds
from ._client import Client
from ._counter import Counter
from ._gauge import Gauge
from ._histogram import Histogram
from ._labels import LabelError
from ._version import __version__

__all__ = [
    "DEFAULT_BOUNDS",
    "Client",
    "Counter",
    "ExceptionCounter",
    "Gauge",
    "Histogram",
    "InProgress",
    "LabelError",
    "Timer",
    "__version__",
    "exponential_bounds",
    "linear_bounds",
]
