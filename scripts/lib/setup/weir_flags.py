"""Whether the real Weir accepts a deployment's flags."""

import re
import subprocess
import tempfile
from pathlib import Path

from programs import weir_program

# What this machine lacks: the folder, and files of a Secret. Weir is asked about the flags, not about them.
FOLDERS = re.compile(r"(--state\.dir=)\S+")


def mistake(flags):
    """What `weir check-config` says about flags, or nothing if it accepts them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        flags = [FOLDERS.sub(rf"\g<1>{folder}", flag) for flag in flags]
        run = subprocess.run(
            [weir_program(), "check-config", *flags], capture_output=True, text=True
        )
    return run.stderr.strip() or str(run.returncode) if run.returncode else None
