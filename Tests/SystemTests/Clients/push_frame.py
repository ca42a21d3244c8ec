"""Pushes one frame as an instance of some age would: push_frame.py URL SEQUENCE AGE_MS [NAME=TOTAL ...].

The totals began with the instance.
"""

import pathlib
import sys
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Sources" / "Clients" / "python" / "tests"))
import reference_writer as writer  # noqa: E402

url, sequence, age, totals = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
frame = writer.encode(
    {
        "instance": "0123456789abcdef",
        "start_ms": 1_700_000_000_000,
        "sequence": int(sequence),
        "age_ms": int(age),
        "final": False,
        "confirm": False,
        "key": None,
        "common": [],
        "records": [
            {
                "type": "counter",
                "name": total.split("=")[0],
                "labels": [],
                "value": float(total.split("=")[1]),
                "began_ms": 0,
            }
            for total in totals
        ],
    },
    {},
)
request = urllib.request.Request(
    url,
    data=writer.varint(len(frame)) + frame,
    headers={"Content-Type": "application/vnd.weir.push"},
)
urllib.request.urlopen(request, timeout=10)
