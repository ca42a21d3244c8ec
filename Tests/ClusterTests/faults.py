"""The faults: what each does, and when, by a seed.

A fault is a function of the stage and of a number from 0 to 1, which picks its target and its form. It takes hold
of the processes that it touches, applies the fault, and returns what it did as text, and how it is undone.

Not written yet; each is one more function in FAULTS:
  full-disk   a server's store_dir on a tmpfs of some MiB that the fault fills, and empties again
  clock-skew  a server started again with a clock some minutes off, by a library that is loaded before others
"""

import random
import signal
import time

KILL_SECONDS = (0.2, 4.0)
CUT_SECONDS = (1.0, 14.0)
STOP_SECONDS = (1.0, 30.0)
PAUSE_SECONDS = (1.0, 6.0)
# The share of faults that begin while the one before is on.
OVERLAP_SHARE = 0.2
FIRST_SECONDS = 3.0
# A restart that rolls waits so long for each process.
READY_SECONDS_MAX = 20


class Busy(Exception):
    """Another fault holds the process."""


class Stage:
    """The cluster, and what is done to it now."""

    def __init__(self, cluster):
        self.cluster, self.network = cluster, cluster.network
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
        process.stop()
        process.start()
        end = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < end and not is_ready(process):
            time.sleep(0.05)
    return ", ".join(map(str, processes)), lambda: stage.release(*processes)


def roll_weirs(stage, pick):
    return roll(stage, stage.cluster.weirs, lambda weir: weir.is_ready())


def roll_nats(stage, pick):
    return roll(stage, stage.cluster.nats, lambda server: server.is_healthy())


# The function, whether it cuts links, and how long the fault is on, in seconds.
FAULTS = {
    "cut-leader": (cut_leader, True, CUT_SECONDS),
    "cut-weir": (cut_weir, True, CUT_SECONDS),
    "cut-one-way": (cut_one_way, True, CUT_SECONDS),
    "stop-weir": (stop_weir, False, STOP_SECONDS),
    "stop-nats": (stop_nats, False, STOP_SECONDS),
    "kill-weir": (kill_weir, False, KILL_SECONDS),
    "kill-nats": (kill_nats, False, KILL_SECONDS),
    "kill-weirs": (kill_weirs, False, KILL_SECONDS),
    "roll-weirs": (roll_weirs, False, (0, 0)),
    "roll-nats": (roll_nats, False, (0, 0)),
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
