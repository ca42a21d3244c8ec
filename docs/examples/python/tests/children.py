"""A program whose children record something: python3 children.py HOST:PORT METHOD WAY.

A module of its own, because the children of some start methods import it.
"""

import concurrent.futures
import multiprocessing
import multiprocessing.util
import os
import sys
import threading

import weir

# Where the children of `forkserver` and `spawn` find it too. The interval is longer than the test.
ADDRESS = os.environ.setdefault("WEIR_ADDRESS", sys.argv[1] if len(sys.argv) > 1 else "")
SIGNALS = os.environ.setdefault("WEIR_SIGNALS", "1" if sys.argv[-1] == "terminated" else "") == "1"
client = weir.Client(ADDRESS, flush_interval=10, signals=SIGNALS)
jobs = client.counter("jobs_total")
initialised = None


def count(_):
    jobs.inc()


def initialise():
    global initialised
    initialised = weir.Client(ADDRESS, flush_interval=10).counter("jobs_total")


def count_in_own_client(_):
    initialised.inc()


def count_until_the_last_thread_has_ended():
    """Leaves threads that record once the main one has ended, and a finaliser that does."""
    main = threading.current_thread()

    def late():
        main.join()
        jobs.inc(20)

    threading.Thread(target=late).start()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    pool.submit(jobs.inc, 100)
    multiprocessing.util.Finalize(None, jobs.inc, args=(3,), exitpriority=-100)
    client.kept = pool


def fail(_):
    jobs.inc()
    raise SystemExit(3)


def run(method, way):
    context = multiprocessing.get_context(method)
    if way == "executor":
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
            list(executor.map(count, range(40)))
    elif way == "pool":
        pool = context.Pool(2, initialise)
        pool.map(count_in_own_client, range(40), 1)
        pool.close()
        pool.join()
    elif way == "terminated":
        # Leaving the block terminates the children by SIGTERM.
        with context.Pool(2) as pool:
            pool.map(count, range(40), 1)
    elif way == "failing":
        child = context.Process(target=fail, args=(1,))
        child.start()
        child.join()
        assert child.exitcode == 3, child.exitcode
    else:
        child = context.Process(target=count_until_the_last_thread_has_ended)
        child.start()
        child.join()


if __name__ == "__main__":
    run(*sys.argv[2:])
