"""Metrics of the process itself."""

import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Dict, Optional, Tuple

if TYPE_CHECKING:
    from ._client import Client


class _CPUTime:
    """The part of the CPU time of this process that each server has already received.

    The server adds up the totals of all clients, so only one of them may send each tick.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Starts again in a child process, whose CPU time begins at 0."""
        self._lock = threading.RLock()
        self._given: Dict[str, Tuple[int, int]] = {}

    def take(self, destination: str, ticks_per_second: int) -> Tuple[int, int]:
        """The ticks in user and in system mode that no client has taken yet."""
        with self._lock:
            times = os.times()
            user, system = self._given.get(destination, (0, 0))
            now_user = round(times.user * ticks_per_second)
            now_system = round(times.system * ticks_per_second)
            self._given[destination] = (now_user, now_system)
            return now_user - user, now_system - system


_cpu_time = _CPUTime()


class _ProcessMetrics:
    """What the operating system knows of this process, by the names that Prometheus clients use."""

    def __init__(self, client: "Client", instance: Optional[str], per_process_cpu: bool) -> None:
        self._client = client
        self._instance = instance
        self._per_process_cpu = per_process_cpu
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._ticks_per_second = os.sysconf("SC_CLK_TCK")
        self._pid = 0
        self._user = self._system = 0
        client.collect(self._collect)

    def _labels(self) -> Dict[str, str]:
        if self._instance is not None:
            return {"instance": self._instance}
        if "instance" in self._client._common_labels:
            # A common label identifies the process.
            return {}
        return {"instance": f"{socket.gethostname()}:{os.getpid()}"}

    def _collect(self) -> None:
        labels = self._labels()
        self._collect_cpu_time(labels if self._per_process_cpu else {})
        if not os.path.isdir("/proc/self"):
            return
        with open("/proc/self/stat", "rb") as file:
            # Field 3 and those after it follow the name of the program, which may contain anything.
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/stat", "rb") as file:
            booted = next(int(line.split()[1]) for line in file if line.startswith(b"btime"))
        started = booted + int(fields[19]) / self._ticks_per_second
        self._gauge("process_resident_memory_bytes", int(fields[21]) * self._page_bytes, labels)
        self._gauge("process_start_time_seconds", started, labels)
        self._gauge("process_uptime_seconds", max(0.0, time.time() - started), labels)
        # Without the descriptor that reads the folder.
        self._gauge("process_open_fds", len(os.listdir("/proc/self/fd")) - 1, labels)

    def _collect_cpu_time(self, labels: Dict[str, str]) -> None:
        if self._pid != os.getpid():
            self._pid, self._user, self._system = os.getpid(), 0, 0
        destination = self._client._transport.destination
        user, system = _cpu_time.take(destination, self._ticks_per_second)
        self._user += user
        self._system += system
        for mode, ticks in (("user", self._user), ("system", self._system)):
            counter = self._client.counter(f"process_cpu_{mode}_seconds_total").labels(**labels)
            counter.set_total(ticks / self._ticks_per_second)

    def _gauge(self, name: str, value: float, labels: Dict[str, str]) -> None:
        self._client.gauge(name).labels(**labels)._poll(value)
