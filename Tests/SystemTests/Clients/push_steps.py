"""Counts what files say, one after another: push_steps.py HOST:PORT FOLDER.

FOLDER/step1 to step4 each have a number. Once it is counted and pushed, stepN.done is made.
"""

import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Sources" / "Clients" / "python" / "src"))
import weir_client as weir  # noqa: E402

address, folder = sys.argv[1], pathlib.Path(sys.argv[2])
client = weir.Client(address=address, flush_interval=0.1)
steps = client.counter("steps_total").labels()
seconds = client.histogram("steps_seconds").labels()
other = client.counter("other_total").labels()
for step in ("step1", "step2", "step3", "step4"):
    while not (folder / step).exists():
        time.sleep(0.01)
    amount = int((folder / step).read_text())
    steps.inc(amount)
    for _ in range(amount):
        seconds.observe(0.5)
    other.inc()
    client.flush()
    (folder / f"{step}.done").touch()
sys.exit(0 if client.close(timeout=20) else 1)
