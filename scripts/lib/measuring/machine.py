"""The machine: where things are, which core runs what, and what a reader must know of it."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
BINARIES = ROOT / ".build" / "release"
PRODUCTS = ["weir", "BareReceiver", "Bench", "Drain", "Load"]


def die(sentence):
    sys.exit(f"measure: {sentence}")


def build():
    for product in PRODUCTS:
        # The output of the build is not part of the tables.
        command = ["swift", "build", "--configuration", "release", "--product", product]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def require_binaries():
    missing = [product for product in PRODUCTS if not (BINARIES / product).exists()]
    if missing:
        die(f"There is no {missing[0]} in {BINARIES}; run scripts/test release.")


class Cores:
    """Which core runs the receiver and which the sender; none where they cannot be parted."""

    def __init__(self, pin):
        usable = sorted(os.sched_getaffinity(0))
        self.count = len(usable)
        apart = pin and self.count > 1
        self.receiver = {usable[0]} if apart else None
        self.sender = {usable[1]} if apart else None

    @staticmethod
    def on(cores):
        """What a child does before it becomes its program."""
        return (lambda: os.sched_setaffinity(0, cores)) if cores else None


def describe(cores):
    """What the figures depend on, before the load begins."""
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": cores.count,
        "pinned": cores.receiver is not None,
        "kernel": platform.release(),
        "receive_buffer_bytes_max": int(Path("/proc/sys/net/core/rmem_max").read_text()),
        "privileged": os.geteuid() == 0,
        "load_average": round(os.getloadavg()[0], 2),
    }


def sentence(machine, options):
    """The same as a reader of the tables wants it."""
    pins = "a core each for receiver and sender" if machine["pinned"] else "nothing pinned"
    return (
        f"{machine['cores']} cores ({machine['processor']}), {pins}, Linux {machine['kernel']}, "
        f"net.core.rmem_max {machine['receive_buffer_bytes_max']}"
        f"{' (as root, which may exceed it)' if machine['privileged'] else ''}, load average "
        f"{machine['load_average']} at the start. Medians of {options.runs} runs of "
        f"{options.seconds} s each under load."
    )
