"""How processes end: `atexit`, forks, and children of multiprocessing."""

import atexit
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Callable, List, Set

from ._process_metrics import _cpu_time
from ._registry import _after_close

if TYPE_CHECKING:
    from ._client import Client

# How long the end of a process waits for answers.
CLOSE_SECONDS = 2.0

# All clients. The thread of a client keeps it alive until it is closed. Open clients are closed at
# the interpreter's exit, and start again in a child process.
_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


def _close_all() -> None:
    for client in list(_clients):
        client.close()


def _all_forked() -> None:
    _cpu_time.renew()
    _after_close.renew()
    for client in list(_clients):
        client._forked()
    _watch_multiprocessing()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_all_forked)


# Children of multiprocessing, and so of concurrent.futures, end by os._exit, which skips `atexit`
# (since Python 3.13 they run it, but without what their parent had registered). Before that they
# run finalisers in the order of their priorities. This one is the last, so that it sends what other
# finalisers record.
_FINALISER_PRIORITY = -1_000_000
_watched: Set[str] = set()
_finalised_pid = 0


def _watch_multiprocessing() -> None:
    """Closes the clients at the end of a child of multiprocessing, if that is in use.

    Called whenever a client is made, and after each fork. A child first drops the finalisers of its
    parent, and then calls what is registered here.
    """
    global _finalised_pid
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is None or process is None:
        return
    if "multiprocessing" not in _watched:
        _watched.add("multiprocessing")
        util.register_after_fork(_close_after_threads, _finalise)
    # A client that is made in a child comes too late for that call.
    if process.parent_process() is not None and _finalised_pid != os.getpid():
        _finalise(_close_after_threads)


def _finalise(close: Callable[[], None]) -> None:
    global _finalised_pid
    _finalised_pid = os.getpid()
    util = sys.modules["multiprocessing.util"]
    util.Finalize(None, close, exitpriority=_FINALISER_PRIORITY)


def _close_after_threads() -> None:
    """Closes all clients after the threads have ended that the process waits for."""
    if not _other_threads():
        _close_all()
        return
    # The process waits for this thread too, which waits for the others.
    threading.Thread(target=_close_as_last_thread, name="weir-close", daemon=False).start()


def _close_as_last_thread() -> None:
    while True:
        others = _other_threads()
        if not others:
            break
        for thread in others:
            thread.join()
    _close_all()


def _other_threads() -> List[threading.Thread]:
    own = (threading.current_thread(), threading.main_thread())
    return [t for t in threading.enumerate() if not t.daemon and t not in own]
