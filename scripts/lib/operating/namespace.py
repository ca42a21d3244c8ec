"""A process with a network and mounts of its own, so that every check has the standard ports and /var/lib/weir."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from programs import program, weir_program


def command(module, *arguments):
    """What starts a module of scripts/lib in a namespace; `enter` is the first that it has to call."""
    return [
        program("unshare"), "--map-root-user", "--net", "--mount",
        sys.executable, "-m", module, *arguments,
    ]  # fmt: skip


def environment():
    """Where a child finds these modules, and `weir` by its name."""
    library = str(Path(__file__).resolve().parents[1])
    return os.environ | {"PYTHONPATH": library, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def main(description, module, tools):
    """The whole of a script that runs one module in a namespace."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weir", help="the server's program")
    options = parser.parse_args()
    if options.weir:
        os.environ["WEIR"] = options.weir
    os.environ["WEIR"] = str(weir_program())
    for tool in (*tools, "ip", "mount"):
        program(tool)
    run = subprocess.run(command(module), check=False, env=environment(), stderr=subprocess.PIPE, text=True)
    for line in run.stderr.splitlines():
        print(f"{Path(sys.argv[0]).name}: {line}", file=sys.stderr)
    sys.exit(bool(run.returncode))


def enter(hosts=None):
    """Makes the namespace usable: a loopback that is up, an empty /var/lib with a folder for a state, host names."""
    subprocess.run([program("ip"), "link", "set", "lo", "up"], check=True)
    subprocess.run([program("mount"), "-t", "tmpfs", "tmpfs", "/var/lib"], check=True)
    Path("/var/lib/weir").mkdir(mode=0o700)
    # In place of a file in /tmp that belongs to root.
    os.environ["NSTAT_HISTORY"] = "/var/lib/nstat"
    if hosts:
        file = Path("/var/lib/hosts")
        file.write_text("".join(f"{address} {name}\n" for name, address in hosts.items()))
        subprocess.run([program("mount"), "--bind", file, "/etc/hosts"], check=True)
