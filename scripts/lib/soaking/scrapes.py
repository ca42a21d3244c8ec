"""Scrapes in all forms, compared with those before them."""

import gzip
import http.client
import random
import re
import socket
import threading
import time

# What never falls: pages in both formats have the same names here.
MONOTONE = re.compile(
    rb'^((?:text|push)_\w+?(?:_total|_bucket|_sum|_count)(?:\{[^}]*\})?) ([^ \n]+)', re.MULTILINE
)
FORMATS = ["text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0"]


class Scrapes(threading.Thread):
    """Scrapes in all forms, and compares each whole page with those before it."""

    def __init__(self, port, seed):
        super().__init__(daemon=True)
        self.port, self.chance = port, random.Random(seed)
        self.shown, self.faults = {}, []
        self.whole, self.broken = 0, 0
        # When the last whole scrape was begun: all that was taken in before is committed.
        self.covered_at = 0.0
        self.pauses, self.going = (0.0, 0.3), True

    def run(self):
        while self.going:
            self.scrape()
            time.sleep(self.chance.uniform(*self.pauses))

    def scrape(self):
        began = time.monotonic()
        try:
            page = self.page(self.chance.choice(FORMATS), self.chance.random())
        except (OSError, http.client.HTTPException, EOFError, gzip.BadGzipFile):
            self.broken += 1
            return
        self.whole += 1
        self.covered_at = began
        for series, text in MONOTONE.findall(page):
            value = float(text)
            if value < self.shown.get(series, 0.0):
                self.faults.append(
                    f"{series.decode()} fell from {self.shown[series]!r} to {value!r}."
                )
            self.shown[series] = value

    def page(self, accept, form):
        if form < 0.2:
            return self.old_page(accept)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {"Accept": accept} | ({"Accept-Encoding": "gzip"} if form < 0.5 else {})
        connection.request("GET", "/metrics", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(answer.status)
        return gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body

    def old_page(self, accept):
        """By HTTP/1.0, which has no chunks: what is sent before the end is read, too."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"GET /metrics HTTP/1.0\r\nAccept: {accept}\r\n\r\n".encode())
            answer = b""
            while more := connection.recv(1 << 16):
                answer += more
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if b" 200 " not in head[:20] or length is None or len(body) != int(length[1]):
            raise http.client.HTTPException("not a whole page")
        return body
