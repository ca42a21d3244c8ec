"""The programs that a run needs. What is missing is installed as for other checks."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

CLOCK_SOURCE = Path(__file__).resolve().parent / "wall_clock.c"
COMMON = Path(__file__).resolve().parents[2] / "scripts/lib/common.sh"
NATS_LEAST = (2, 12)


def nats_program():
    """The server on the PATH if it is new enough; else the one that the tests install."""
    program = shutil.which("nats-server")
    if program:
        text = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30).stdout
        version = re.search(r"v(\d+)\.(\d+)", text)
        if version and tuple(map(int, version.groups())) >= NATS_LEAST:
            return program
    return installed("require_nats", "command -v nats-server", "nats-server")


def prometheus_program():
    return shutil.which("prometheus") or installed(
        "require_prometheus", "command -v prometheus", "prometheus"
    )


def clock_library(folder):
    """The library with which the wall clock is off, in this folder."""
    compiler = shutil.which("cc") or installed("require_cc", "command -v cc", "cc")
    library = folder / "wall_clock.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", library, CLOCK_SOURCE]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"soak: {CLOCK_SOURCE.name} could not be compiled: {done.stderr}")
    return str(library)


def installed(require, found, name):
    script = f'set -euo pipefail; source "{COMMON}"; {require} >&2; {found}'
    done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"soak: {name} could not be installed; see above.")
    return done.stdout.strip()
