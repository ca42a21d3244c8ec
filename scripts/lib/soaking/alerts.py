"""Alerts the whole way with the times as they are; scripts/check-alerting does it in seconds."""

import subprocess
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "check-alerting"


def run():
    """The sentences about what is wrong, which the script has printed."""
    status = subprocess.run([CHECK, "1"]).returncode
    return [f"check-alerting has ended with status {status}"] if status else []
