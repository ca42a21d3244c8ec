"""Where the processes of a cluster run: each in a network namespace of its own, connected by a bridge.

     hub (this process) ──── bridge ──┬── n1 ──┬── n2 ──┬── n3        servers of NATS
                                      └── w1 ──┴── w2 ──┴── w3        Weirs

Namespaces have no names: they are held by descriptors of this process, and the kernel removes them with it.
A cut needs nothing but iproute2: a disabled port of the bridge drops everything silently, and a neighbour
entry with a wrong hardware address loses what is sent to that neighbour, which cuts one direction.
"""

import collections
import contextlib
import ctypes
import itertools
import os
import shutil
import socket
import subprocess
import threading

CLONE_NEWNET = 0x40000000
PREFIX = "198.18.0."  # RFC 2544: addresses for tests.
NOBODY = "02:00:00:00:00:01"
PORT_DISABLED, PORT_FORWARDING = 0, 3


class Place:
    """Where one process runs."""

    def __init__(self, name, address, namespace=None):
        self.name, self.address, self.namespace = name, address, namespace

    def __str__(self):
        return self.name


class Loopback:
    """Without namespaces: all on one address, and no link can be cut."""

    can_cut = False
    listen_address = "127.0.0.1"

    def __init__(self, names):
        self.places = {name: Place(name, "127.0.0.1") for name in names}

    def inside(self, place):
        return contextlib.nullcontext()

    def close(self):
        pass


class Namespaces:
    """A namespace for each name, and one for this thread and those that it starts from now on."""

    can_cut = True
    listen_address = "0.0.0.0"

    def __init__(self, names):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.hub = new_namespace()
        enter(self.hub)
        ip("link set lo up", "link add hub type bridge", f"addr add {PREFIX}254/24 dev hub", "link set hub up")
        self.places = {}
        # How many faults cut each way.
        self.cut_ways = collections.Counter()
        for number, name in enumerate(names, 1):
            place = Place(name, f"{PREFIX}{number}", new_namespace())
            self.places[name] = place
            peer = f"/proc/{os.getpid()}/fd/{place.namespace}"
            ip(
                f"link add {name} type veth peer name eth0 netns {peer}",
                f"link set {name} master hub up",
            )
            with self.inside(place):
                ip("link set lo up", f"addr add {place.address}/24 dev eth0", "link set eth0 up")

    @contextlib.contextmanager
    def inside(self, place):
        """Sockets and processes that this thread makes in the block are of this place."""
        enter(place.namespace)
        try:
            yield
        finally:
            enter(self.hub)

    def cut(self, place):
        """Nothing comes from this place or gets to it."""
        self.set_ports([place], PORT_DISABLED)

    def join(self, place):
        self.set_ports([place], PORT_FORWARDING)

    def set_ports(self, places, state):
        """Of all of them at once, within a millisecond or so."""
        commands = [f"link set dev {place.name} state {state}\n" for place in places]
        run("bridge", "-batch", "-", given="".join(commands))

    def cut_way(self, source, target):
        """Nothing gets from one place to the other; the way back stays."""
        self.cut_ways[source, target] += 1
        with self.inside(source):
            ip(f"neigh replace {target.address} lladdr {NOBODY} dev eth0 nud permanent")

    def join_way(self, source, target):
        self.cut_ways[source, target] -= 1
        if self.cut_ways[source, target] == 0:
            with self.inside(source):
                ip(f"neigh del {target.address} dev eth0")

    def cut_apart(self, places, others):
        """Nothing gets from these places to the others, or back, from one moment on."""
        self.set_ports(places, PORT_DISABLED)
        for one, other in itertools.product(places, others):
            self.cut_way(one, other)
            self.cut_way(other, one)
        # They reach each other again.
        self.set_ports(places, PORT_FORWARDING)

    def join_again(self, places, others):
        for one, other in itertools.product(places, others):
            self.join_way(one, other)
            self.join_way(other, one)

    def close(self):
        enter(self.home)
        for place in self.places.values():
            os.close(place.namespace)
        os.close(self.hub)
        os.close(self.home)


def open_network(names):
    """The network, and a sentence if it is the one without cuts."""
    reason = missing()
    if reason is None:
        return Namespaces(names), None
    sentence = f"{reason}, so no link is cut: processes are only stopped and killed, on the loopback."
    return Loopback(names), sentence


def missing():
    """Why there can be no namespaces; None if there can."""
    if os.geteuid() != 0:
        return "This is not root"
    for program in ["ip", "bridge"]:
        if shutil.which(program) is None:
            return f"There is no {program} (Debian: iproute2)"
    try:
        os.close(new_namespace())
    except OSError as error:
        return f"The kernel makes no network namespace ({error.strerror})"
    return None


def free_port(kind, address="127.0.0.1"):
    """A port of this thread's namespace that nobody has now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def new_namespace():
    """The descriptor of a new namespace. Made by a thread of its own, because a thread can't leave it again
    without a descriptor of where it was."""
    made = []

    def make():
        try:
            check(libc.unshare(CLONE_NEWNET))
            made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]


libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    """Moves this thread, and no other, into a namespace."""
    check(libc.setns(namespace, CLONE_NEWNET))


def check(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def ip(*commands):
    run("ip", "-batch", "-", given="\n".join(commands) + "\n")


def run(*arguments, given=""):
    done = subprocess.run(arguments, input=given, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise OSError(f"{' '.join(arguments)} failed: {done.stderr.strip() or given.strip()}")
