"""The faults: what each does, and when, by a seed.

A fault is a function of the stage and of a number from 0 to 1, which picks its target and its form. It takes hold
of the processes that it touches, applies the fault, and returns what it did as text, and how it is undone.

  cut-leader   nothing gets to the server of NATS that leads, or comes from it
  cut-weir     the same of a Weir
  cut-machine  a server and the Weir beside it reach each other, and nobody else: the server that leads does not
               notice for some seconds, while the others elect another one
  cut-one-way  one direction of one or all links of a process
  stop-…       a process is stopped (SIGSTOP), and goes on later: its connections stay
  kill-…       a process is killed (SIGKILL), and started again; kill-weirs: all Weirs at once
  roll-…       one after another is asked to end and started again, as an upgrade does it
  full-disk    no free byte where a server of NATS stores. It gives JetStream up then, or a stream alone, and does not
               take it up again before its next start, so that it is started again when there is room
  clock-skew   a Weir is started again with a wall clock that is an hour off, and later with the right one: by a
               library that answers calls of libc. Servers of NATS are in Go, which asks the kernel itself, so that
               their clocks stay right.
"""

import datetime
import random
import re
import signal
import time

KILL_SECONDS = (0.2, 4.0)
CUT_SECONDS = (1.0, 14.0)
STOP_SECONDS = (1.0, 30.0)
# Others lead after 4 to 9 s, and the one that is cut off gives up after 10 to 20 s.
MACHINE_SECONDS = (12.0, 16.0)
DISK_SECONDS = (1.0, 10.0)
SKEW_SECONDS = (3.0, 20.0)
PAUSE_SECONDS = (1.0, 6.0)
# The share of faults that begin while the one before is on.
OVERLAP_SHARE = 0.2
FIRST_SECONDS = 3.0
# A restart that rolls waits so long for each process.
READY_SECONDS_MAX = 20
SKEW_OF_CLOCK = 3_600


class Busy(Exception):
    """Another fault holds the process."""


class Stage:
    """The cluster, and what is done to it now."""

    def __init__(self, cluster, clock_library=None):
        self.cluster, self.network = cluster, cluster.network
        self.clock_library = clock_library
        self.held = set()

    def hold(self, *processes):
        busy = [str(process) for process in processes if process in self.held]
        if busy:
            raise Busy(", ".join(busy))
        self.held.update(processes)

    def release(self, *processes):
        self.held.difference_update(processes)


def pick_of(choices, pick):
    """One of the choices, and a number for what is still to be picked."""
    scaled = pick * len(choices)
    return choices[int(scaled)], scaled - int(scaled)


def cut(stage, process):
    stage.hold(process)
    stage.network.cut(process.place)

    def undo():
        stage.network.join(process.place)
        stage.release(process)

    return str(process), undo


def cut_leader(stage, pick):
    return cut(stage, stage.cluster.leader())


def cut_weir(stage, pick):
    return cut(stage, pick_of(stage.cluster.weirs, pick)[0])


def cut_machine(stage, pick):
    leader = stage.cluster.leader()
    # Mostly the one that leads.
    server, _ = pick_of([leader, leader, leader, *stage.cluster.nats], pick)
    machine = [server, server.beside]
    stage.hold(*machine)
    places = [process.place for process in machine]
    others = [process.place for process in stage.cluster.all if process not in machine]
    stage.network.cut_apart(places, others)

    def undo():
        stage.network.join_again(places, others)
        stage.release(*machine)

    return ", ".join(map(str, machine)), undo


def cut_one_way(stage, pick):
    """What a process says does not arrive, or what is said to it: by all others, or by one."""
    cluster = stage.cluster
    process, pick = pick_of([cluster.leader(), *cluster.all], pick)
    is_out, pick = pick_of([True, False], pick)
    others = [other for other in cluster.all if other is not process]
    some, _ = pick_of([others, *[[other] for other in cluster.nats if other is not process]], pick)
    stage.hold(process)
    ways = [(process.place, o.place) if is_out else (o.place, process.place) for o in some]
    for way in ways:
        stage.network.cut_way(*way)

    def undo():
        for way in ways:
            stage.network.join_way(*way)
        stage.release(process)

    names = ", ".join(map(str, some)) if len(some) == 1 else "all"
    return f"{process} to {names}" if is_out else f"{names} to {process}", undo


def stop(stage, process):
    stage.hold(process)
    process.signal(signal.SIGSTOP)

    def undo():
        process.signal(signal.SIGCONT)
        stage.release(process)

    return str(process), undo


def stop_weir(stage, pick):
    return stop(stage, pick_of(stage.cluster.weirs, pick)[0])


def stop_nats(stage, pick):
    return stop(stage, pick_of([stage.cluster.leader(), *stage.cluster.nats], pick)[0])


def kill(stage, *processes):
    stage.hold(*processes)
    for process in processes:
        process.signal(signal.SIGKILL)
    for process in processes:
        process.kill()

    def undo():
        for process in processes:
            process.start()
        stage.release(*processes)

    return ", ".join(map(str, processes)), undo


def kill_weir(stage, pick):
    return kill(stage, pick_of(stage.cluster.weirs, pick)[0])


def kill_nats(stage, pick):
    return kill(stage, pick_of([stage.cluster.leader(), *stage.cluster.nats], pick)[0])


def kill_weirs(stage, pick):
    return kill(stage, *stage.cluster.weirs)


def roll(stage, processes, is_ready):
    """Each is asked to end and started again, after the one before is ready."""
    stage.hold(*processes)
    for process in processes:
        restart(process, is_ready)
    return ", ".join(map(str, processes)), lambda: stage.release(*processes)


def restart(process, is_ready):
    process.stop()
    process.start()
    end = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < end and not is_ready(process):
        time.sleep(0.05)


def roll_weirs(stage, pick):
    return roll(stage, stage.cluster.weirs, lambda weir: weir.is_ready())


def roll_nats(stage, pick):
    return roll(stage, stage.cluster.nats, lambda server: server.is_healthy())


def full_disk(stage, pick):
    server, _ = pick_of([stage.cluster.leader(), *stage.cluster.nats], pick)
    stage.hold(server)
    server.disk.fill()

    def undo():
        server.disk.empty()
        restart(server, lambda server: server.is_healthy())
        stage.release(server)

    return str(server), undo


def clock_skew(stage, pick):
    weir, pick = pick_of(stage.cluster.weirs, pick)
    seconds, _ = pick_of([-SKEW_OF_CLOCK, SKEW_OF_CLOCK], pick)
    stage.hold(weir)
    weir.environment = {"LD_PRELOAD": stage.clock_library, "WALL_CLOCK_OFFSET_SECONDS": f"{seconds}"}
    size = weir.log_path.stat().st_size
    restart(weir, lambda weir: weir.is_ready())
    check_clock(weir, size, seconds)

    def undo():
        weir.environment = {}
        restart(weir, lambda weir: weir.is_ready())
        stage.release(weir)

    return f"{weir} by {seconds:+} s", undo


def check_clock(weir, size, seconds):
    """Whether its log has that clock, after its first `size` bytes."""
    with open(weir.log_path, "rb") as log:
        log.seek(size)
        text = log.read().decode(errors="replace")
    times = re.findall(r"^ts=(\S+) ", text[text.rfind("starting Weir") :], re.MULTILINE)
    if not times:
        return
    off = datetime.datetime.fromisoformat(times[-1]).timestamp() - time.time()
    if abs(off - seconds) > READY_SECONDS_MAX + SKEW_OF_CLOCK / 10:
        raise RuntimeError(f"The clock of {weir} is {off:.0f} s off, and {seconds} s were wanted.")


# Faults of one Weir at a time, after which the others take everything as before.
CLEAN_FAULTS = ["roll-weirs", "clock-skew"]
# What a fault needs beside processes.
LINKS, DISKS = "links", "disks"
# The function, what it needs, and how long the fault is on, in seconds.
FAULTS = {
    "cut-leader": (cut_leader, LINKS, CUT_SECONDS),
    "cut-weir": (cut_weir, LINKS, CUT_SECONDS),
    "cut-machine": (cut_machine, LINKS, MACHINE_SECONDS),
    "cut-one-way": (cut_one_way, LINKS, CUT_SECONDS),
    "stop-weir": (stop_weir, None, STOP_SECONDS),
    "stop-nats": (stop_nats, None, STOP_SECONDS),
    "kill-weir": (kill_weir, None, KILL_SECONDS),
    "kill-nats": (kill_nats, None, KILL_SECONDS),
    "kill-weirs": (kill_weirs, None, KILL_SECONDS),
    "roll-weirs": (roll_weirs, None, (0, 0)),
    "roll-nats": (roll_nats, None, (0, 0)),
    "full-disk": (full_disk, DISKS, DISK_SECONDS),
    "clock-skew": (clock_skew, None, SKEW_SECONDS),
}


def plan(seed, seconds, names):
    """When which fault begins, how long it is on, and its pick. Each is there before one is there twice."""
    chance, bag, planned, at = random.Random(f"faults {seed}"), [], [], FIRST_SECONDS
    while names:
        bag = bag or chance.sample(names, len(names))
        name = bag.pop()
        least, most = FAULTS[name][2]
        # A short run has room for several.
        long = chance.uniform(least, max(least, min(most, seconds / 5)))
        pick, pause, overlap = chance.random(), chance.uniform(*PAUSE_SECONDS), chance.random()
        if at + long > seconds:
            break
        planned.append((at, long, name, pick))
        at += chance.uniform(0, long) if overlap < OVERLAP_SHARE else long + pause
    return planned
