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

# Where the children of `forkserver` and `spawn` find them too.
ADDRESS = os.environ.setdefault("WEIR_ADDRESS", sys.argv[1] if len(sys.argv) > 1 else "")
WAY = os.environ.setdefault("WEIR_WAY", sys.argv[-1])


def made():
    """A client that flushes by itself when the test is long over."""
    return weir.Client(ADDRESS, flush_interval=10, signals=WAY == "terminated")


# The children of the pool make theirs themselves.
client = None if WAY == "pool" else made()
jobs = client and client.counter("jobs_total")
initialised = None


def count(_):
    jobs.inc()


def initialise():
    global initialised
    initialised = made().counter("jobs_total")


def count_in_own_client(_):
    initialised.inc()


def count_until_the_last_thread_has_ended():
    """Leaves threads that record once the main one has ended."""
    main = threading.current_thread()

    def late():
        main.join()
        jobs.inc(20)

    threading.Thread(target=late).start()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    pool.submit(jobs.inc, 100)
    client.kept = pool


def count_in_a_finaliser():
    multiprocessing.util.Finalize(None, jobs.inc, args=(3,), exitpriority=-100)


def fail():
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
    else:
        targets = {
            "failing": fail,
            "threads": count_until_the_last_thread_has_ended,
            "finaliser": count_in_a_finaliser,
        }
        child = context.Process(target=targets[way])
        child.start()
        child.join()
        assert child.exitcode == (3 if way == "failing" else 0), child.exitcode


if __name__ == "__main__":
    run(*sys.argv[2:])
