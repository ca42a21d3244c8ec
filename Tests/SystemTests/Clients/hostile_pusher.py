"""Pushes groups of any content, sends lines beside them, and reads every page as the strictest readers do.

hostile_pusher.py UDP WEB SEED REQUESTS PROMTOOL

Prints the first page that is refused and why, and then ends with status 1.
"""

import collections
import http.client
import random
import socket
import subprocess
import sys
import urllib.request

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics

PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
NAMES = ["a", "a_total", "a_sum", "a_count", "a_created", "a_bucket", "b", "b_total", "h", "h_sum", "h_created"]
PATHS = ["j", "k", "j/instance/x", "j/a/b", "%zz", "j/a@base64/=", "job/le/1", "job/quantile/1"]
PIECES = [b"\n", b'"', b"{", b"}", b'le="1"', b" 1", b"# TYPE a counter\n", b"\\", b"a", b"_sum", b"\xff", b"\0"]


def family(name):
    kind = random.choice(["counter", "gauge", "histogram", "summary", "untyped"])
    labels = '{i="%d"%s}' % (random.randrange(2), random.choice(["", ',instance="x"', ',job="q"']))
    value = random.choice(["1", "1", "3", "NaN", "-1", "+Inf", "0.5"])
    lines = [f"# TYPE {name} {kind}"]
    if kind == "histogram":
        lines += [f'{name}_bucket{{le="1"}} 1', f'{name}_bucket{{le="+Inf"}} 2', f"{name}_sum {value}", f"{name}_count 2"]
    elif kind == "summary":
        lines += [f'{name}{{quantile="0.5"}} {value}', f"{name}_sum {value}", f"{name}_count 2"]
    else:
        lines.append(f"{name}{labels} {value}")
    return lines


def text():
    lines = [line for name in random.sample(NAMES, random.choice([1, 1, 2, 3])) for line in family(name)]
    return ("\n".join(lines) + "\n").encode()


def changed(body):
    body = bytearray(body)
    for _ in range(random.randint(1, 3)):
        place, choice = random.randrange(len(body) + 1), random.random()
        if choice < 0.3 and place < len(body):
            body[place] = random.randrange(256)
        elif choice < 0.6:
            body[place:place] = random.choice(PIECES)
        else:
            del body[place:place + random.randint(1, 5)]
    return bytes(body)


def get(web, accept):
    request = urllib.request.Request(f"http://{web}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def check(web, promtool):
    page = get(web, "application/openmetrics-text")
    try:
        list(read_openmetrics(page.decode()))
        page = get(web, "text/plain")
        list(parser.text_string_to_metric_families(page.decode()))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}\n{page.decode(errors='replace')}")
    result = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True)
    # 3: the page is right, and promtool would choose other names.
    if result.returncode not in (0, 3):
        sys.exit(f"promtool: {result.stderr.decode()}\n{page.decode(errors='replace')}")


def main():
    udp, web, seed, requests, promtool = sys.argv[1:6]
    random.seed(int(seed))
    host, port = udp.rsplit(":", 1)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((host, int(port)))
    connection = http.client.HTTPConnection(web)
    codes = collections.Counter()
    for number in range(int(requests)):
        method = random.choice(["PUT", "POST", "PUT", "POST", "DELETE"])
        headers = {}
        body = text()
        if random.random() < 0.4:
            body = changed(body)
        if random.random() < 0.1:
            body, headers = changed(get(web, PROTOBUF)[-400:]), {"Content-Type": PROTOBUF}
        connection.request(
            method, "/metrics/job/" + random.choice(PATHS), None if method == "DELETE" else body, headers)
        answer = connection.getresponse()
        answer.read()
        codes[answer.status] += 1
        if random.random() < 0.01:
            sender.send(("%s:%d|%s|#i:1" % (random.choice(NAMES), random.randrange(9), random.choice("cghms"))).encode())
        if number % 40 == 0:
            check(web, promtool)
    check(web, promtool)
    if set(codes) != {200, 202, 400}:
        sys.exit(f"unexpected answers: {codes}")


main()
