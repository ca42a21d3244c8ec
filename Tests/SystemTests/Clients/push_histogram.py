"""Pushes one histogram by the client for Python: push_histogram.py WAY NAME BOUND[,BOUND ...] VALUE ...

WAY is HOST:PORT, or the address of the page that takes frames over HTTP.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Sources" / "Clients" / "python" / "src"))
import weir_client as weir  # noqa: E402

way, name, bounds, values = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
where = {"url": way} if way.startswith("http") else {"address": way}
client = weir.Client(process_metrics=False, **where)
histogram = client.histogram(name, bounds=[float(bound) for bound in bounds.split(",")])
for value in values:
    histogram.observe(float(value))
client.flush()
sys.exit(0 if client.close(timeout=10) else 1)
