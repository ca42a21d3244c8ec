"""Pushes some counts by the client for Python: push_client.py WAY VALUE [KEY_ID SECRET].

WAY is HOST:PORT, or the address of the page that takes frames over HTTP.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Sources" / "Clients" / "python" / "src"))
import weir_client as weir  # noqa: E402

way, value = sys.argv[1], float(sys.argv[2])
key = (sys.argv[3], bytes.fromhex(sys.argv[4])) if len(sys.argv) > 3 else None
where = {"url": way} if way.startswith("http") else {"address": way}
client = weir.Client(key=key, labels={"service": "test"}, **where)
client.counter("pushed_total", help="What the tests push.").labels(client="python").inc(value)
client.histogram("pushed_seconds", unit="seconds").labels(client="python").observe(
    value / 1024, exemplar={"trace_id": "python"}
)
client.gauge("pushed_gauge", merge="max").set(value)
client.flush()
sys.exit(0 if client.close(timeout=10) else 1)
