"""File systems in memory, in a mount namespace of this process alone: the kernel removes them with it."""

import ctypes
import os
from pathlib import Path

CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MNT_DETACH = 2
BLOCK_BYTES = 1 << 20
libc = ctypes.CDLL(None, use_errno=True)


class Memory:
    """A file system at a folder, whose contents are gone at its end."""

    def __init__(self, folder, mebibytes):
        self.folder = Path(folder)
        check(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={mebibytes}m".encode()))

    def fill(self):
        """Leaves no free byte."""
        with open(self.folder / "filler", "wb", buffering=0) as file:
            for size in [BLOCK_BYTES, 4096, 1]:
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def empty(self):
        (self.folder / "filler").unlink()

    def close(self):
        libc.umount2(os.fsencode(self.folder), MNT_DETACH)


def separate():
    """Moves this thread, and those that it starts from now on, into a namespace whose mounts nobody else sees.

    Returns why that can't be; None if it is done.
    """
    if os.geteuid() != 0:
        return "This is not root"
    try:
        check(libc.unshare(CLONE_NEWNS))
        check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    except OSError as error:
        return f"The kernel makes no mount namespace ({error.strerror})"
    return None


def check(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
