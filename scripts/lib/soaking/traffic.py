"""What is sent: floods of random series, and a steady sender beside them."""

import socket
import time

DATAGRAM_BYTES_MAX = 1_432

# One datagram of the steady sender, and what it adds to each series.
STEADY_LINES = [f"steady_requests_total:{n + 1}|c|#route:r{n}" for n in range(10)]
STEADY_LINES += [f"steady_seconds:0.{n + 1}25:1.5|h|#route:r{n}" for n in range(5)]
STEADY_LINES += ["steady_depth:+2|g", "steady_users:a|s", "steady_users:b|s"]
STEADY_SUMS = {f'steady_requests_total{{route="r{n}"}}': n + 1 for n in range(10)}
STEADY_SUMS |= {f'steady_seconds_count{{route="r{n}"}}': 2 for n in range(5)}
STEADY_SUMS |= {"steady_depth": 2}
STEADY_SERIES = 17


def random_names(generator):
    """Lines of all four types, each of a name of its own."""
    while True:
        for wire in ("c", "h", "g", "s"):
            yield f"flood_{generator.getrandbits(64):016x}:1|{wire}"


def random_labels(generator):
    """Lines of two names, each with a value of its label of its own."""
    while True:
        yield f"flood_total:1|c|#user:{generator.getrandbits(64):016x}"
        yield f"flood_seconds:0.5|h|#user:{generator.getrandbits(64):016x}"


def churning_labels(generator):
    """Counters of one name, each with a value of its label of its own."""
    while True:
        yield f"flood_total:1|c|#user:{generator.getrandbits(64):016x}"


def packed(lines):
    """Datagrams without end, and how many lines each has."""
    datagram, count = next(lines), 1
    for line in lines:
        if len(datagram) + 1 + len(line) > DATAGRAM_BYTES_MAX:
            yield datagram.encode(), count
            datagram, count = line, 1
        else:
            datagram, count = f"{datagram}\n{line}", count + 1


def send(address, datagrams, per_second, seconds, result):
    """Sends at a fixed pace, and puts the number of datagrams and lines sent into `result`."""
    host, _, port = address.rpartition(":")
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((host, int(port)))
    start, sent, lines = time.monotonic(), 0, 0
    for datagram, count in datagrams:
        elapsed = time.monotonic() - start
        if elapsed >= seconds:
            break
        # Sleeping is coarser than the pace.
        if (ahead := sent / per_second - elapsed) > 0.002:
            time.sleep(ahead)
        sender.send(datagram)
        sent, lines = sent + 1, lines + count
    result.put((sent, lines))


def steady():
    while True:
        yield "\n".join(STEADY_LINES).encode(), len(STEADY_LINES)
