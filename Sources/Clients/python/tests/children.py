"""A program whose children record something: python3 children.py HOST:PORT METHOD CASE.

It is a separate module, because the children of some start methods import it.
"""

import concurrent.futures
import multiprocessing
import multiprocessing.util
import os
import sys
import threading

import weir_client as weir

# In the environment, so that the children of `forkserver` and `spawn` find them too.
ADDRESS = os.environ.setdefault("WEIR_ADDRESS", sys.argv[1] if len(sys.argv) > 1 else "")
CASE = os.environ.setdefault("WEIR_CASE", sys.argv[-1])


def made():
    """A client whose first flush would come long after the test."""
    return weir.Client(ADDRESS, flush_interval=10, signals=CASE == "terminated")


# The children of the pool make their own.
client = None if CASE == "pool" else made()
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
    """Leaves threads that record after the main thread has ended."""
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


def run(method, case):
    context = multiprocessing.get_context(method)
    if case == "executor":
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
            list(executor.map(count, range(40)))
    elif case == "pool":
        pool = context.Pool(2, initialise)
        pool.map(count_in_own_client, range(40), 1)
        pool.close()
        pool.join()
    elif case == "terminated":
        # The end of the block terminates the children by SIGTERM.
        with context.Pool(2) as pool:
            pool.map(count, range(40), 1)
    else:
        targets = {
            "failing": fail,
            "threads": count_until_the_last_thread_has_ended,
            "finaliser": count_in_a_finaliser,
        }
        child = context.Process(target=targets[case])
        child.start()
        child.join()
        assert child.exitcode == (3 if case == "failing" else 0), child.exitcode


if __name__ == "__main__":
    run(*sys.argv[2:])
