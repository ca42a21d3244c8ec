"""Applies a plan of faults, and restarts processes that end by themselves, as a supervisor would."""

import heapq
import itertools
import time

from ClusterTests.faults import FAULTS, Busy

TICK_SECONDS = 0.05


class Interval:
    """A fault as it was: times as time.monotonic() has them."""

    def __init__(self, name, what, begin):
        self.name, self.what, self.begin, self.end = name, what, begin, None


class Play:
    def __init__(self, stage, plan, say):
        self.stage, self.plan, self.say = stage, plan, say
        self.intervals = []
        # Processes that ended by themselves: which, when, and the end of the log.
        self.ended = []
        # Starts that ended with a sentence, because NATS could not be used for as long as they try.
        self.given_up = 0
        self.start = time.monotonic()

    def run(self, seconds, is_enough=lambda: False):
        """Plays for so long, or until it is enough, and undoes what is still on then."""
        waiting, undos, order = list(reversed(self.plan)), [], itertools.count()
        while (now := time.monotonic() - self.start) < seconds or undos:
            self.tend()
            if is_enough():
                seconds = 0
            if undos and (undos[0][0] <= now or now >= seconds):
                _, _, interval, undo = heapq.heappop(undos)
                undo()
                interval.end = time.monotonic()
            elif waiting and waiting[-1][0] <= now < seconds:
                _, long, name, pick = waiting.pop()
                began = time.monotonic()
                try:
                    what, undo = FAULTS[name][0](self.stage, pick)
                except Busy as busy:
                    self.say(f"{name}: left out, because another fault holds {busy}")
                    continue
                interval = Interval(name, what, began)
                self.intervals.append(interval)
                self.say(f"{name} {what}" + (f" for {long:.1f} s" if long else ""), began)
                # From when it is done, because a leader that hangs is found late.
                heapq.heappush(undos, (time.monotonic() - self.start + long, next(order), interval, undo))
            else:
                time.sleep(TICK_SECONDS)

    def tend(self):
        """Starts processes again that ended by themselves."""
        for process in self.stage.cluster.all:
            if process.is_wanted and not process.is_running():
                self.say(f"{process} ended by itself, with status {process.process.returncode}")
                if process.has_given_up() and self.is_on(process.started_at, time.monotonic()):
                    self.given_up += 1
                else:
                    self.ended.append((process, time.monotonic(), process.log_tail()))
                # The end was after the tick before.
                process.kill()
                process.downs[-1].at -= 2 * TICK_SECONDS
                process.start()

    def is_on(self, begin, end, after=0):
        """Whether a fault was on in this time, or had ended so many seconds before it."""
        return any(
            one.begin <= end and begin <= (one.end or end) + after for one in self.intervals
        )
