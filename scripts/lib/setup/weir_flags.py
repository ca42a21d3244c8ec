"""Whether the real Weir accepts a deployment's flags."""

import re
import subprocess
import tempfile
from pathlib import Path

from programs import weir_program

LISTENERS = {"--statsd.listen-udp=": "UDP", "--web.listen-address=": "TCP"}
# What this machine lacks: the folder, and files of a Secret. Weir is asked about the flags, not about them.
FOLDERS = re.compile(r"(--state\.dir=)\S+")


def listened(flags):
    """The ports at which a Weir with these flags listens for others than its own host, each with its protocol."""
    for flag in flags:
        for name, protocol in LISTENERS.items():
            if flag.startswith(f"{name}:"):
                yield flag.removeprefix(f"{name}:"), protocol


def mistake(flags):
    """What `weir check-config` says about flags, or nothing if it accepts them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        flags = [FOLDERS.sub(rf"\g<1>{folder}", flag) for flag in flags]
        run = subprocess.run(
            [weir_program(), "check-config", *flags], capture_output=True, text=True
        )
    return run.stderr.strip() or str(run.returncode) if run.returncode else None
