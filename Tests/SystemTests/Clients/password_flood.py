"""Sends requests with wrong passwords from many threads, each as fast as it is answered.

usage: password_flood.py HOST:PORT KIND THREADS SECONDS

KIND is "same" for one wrong password, or "different" for a new one each time. Every thread keeps its
connection. Prints how many answers of each status came.
"""

import base64
import collections
import http.client
import sys
import threading
import time


def main():
    address, kind, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    end = time.monotonic() + seconds
    statuses = collections.Counter()
    lock = threading.Lock()

    def guess(thread):
        connection = http.client.HTTPConnection(address, timeout=30)
        number = 0
        while time.monotonic() < end:
            password = "wrong" if kind == "same" else f"wrong {thread} {number}"
            number += 1
            credentials = base64.b64encode(f"prometheus:{password}".encode()).decode()
            try:
                connection.request("GET", "/metrics", headers={"Authorization": f"Basic {credentials}"})
                answer = connection.getresponse()
                answer.read()
                with lock:
                    statuses[answer.status] += 1
            except (OSError, http.client.HTTPException):
                connection.close()

    workers = [threading.Thread(target=guess, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(" ".join(f"{status}:{count}" for status, count in sorted(statuses.items())))


main()
