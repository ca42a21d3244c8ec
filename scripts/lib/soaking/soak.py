"""One flood, from beginning to end, and what must hold in it."""

import multiprocessing
import random
import time

from soaking.server import STEP_SECONDS_MAX, Server, die
from soaking.traffic import STEADY_LINES, STEADY_SUMS, packed, send, steady

# Rows of each table.
ROWS = 12
# Some 70,000 lines a second, well below what one core takes in, so that nothing need be lost.
FLOOD_DATAGRAMS_PER_SECOND = 2_000
STEADY_DATAGRAMS_PER_SECOND = 100
# What memory may grow by once the limit has been reached: what scrapes leave behind.
GROWTH_MEGABYTES_MAX = 8


class Soak:
    """One flood, watched from beginning to end."""

    title: str
    flags: list

    def __init__(self, seconds):
        self.seconds = seconds
        self.rows, self.faults = [], []

    def lines(self, generator):
        """The flood."""
        raise NotImplementedError

    def level(self):
        """The rows in which memory should have stopped growing."""
        return [row for row in self.rows if row["series"] == self.rows[-1]["series"]]

    def growth_max(self):
        """What memory may grow by from the first of these rows to the last, in MB."""
        return GROWTH_MEGABYTES_MAX

    def check_flood(self, samples, lines):
        """Compares what came of the flood with the number of lines sent."""

    def run(self):
        results = [multiprocessing.Queue(), multiprocessing.Queue()]
        with Server(self.flags) as server:
            senders = [
                multiprocessing.Process(target=send, args=(server.udp, *what, result))
                for what, result in zip(
                    [
                        # A little longer on both sides of the flood.
                        (steady(), STEADY_DATAGRAMS_PER_SECOND, self.seconds + 2),
                        (
                            packed(self.lines(random.Random(1))),
                            FLOOD_DATAGRAMS_PER_SECOND,
                            self.seconds,
                        ),
                    ],
                    results,
                )
            ]
            senders[0].start()
            time.sleep(1)
            senders[1].start()
            start = time.monotonic()
            for number in range(ROWS + 1):
                time.sleep(max(0, start + number * self.seconds / ROWS - time.monotonic()))
                self.row(server, time.monotonic() - start)
            sent = [result.get(timeout=STEP_SECONDS_MAX) for result in results]
            for sender in senders:
                sender.join()
            self.check(self.settled(server, sum(datagrams for datagrams, _ in sent)), *sent)

    def row(self, server, elapsed):
        samples = server.samples()
        self.rows.append(
            {
                "elapsed": elapsed,
                "lines": samples["weir_lines_total"],
                "series": samples["weir_series"],
                "expired": samples["weir_series_expired_total"],
                "refused": samples["weir_limit_refusals_total"],
                "overflowed": samples["weir_limit_overflows_total"],
                "dropped": samples["weir_datagrams_dropped_total"],
                "resident": server.resident_megabytes(),
            }
        )

    def settled(self, server, datagrams):
        """The samples once every datagram is accounted for."""
        end = time.monotonic() + STEP_SECONDS_MAX
        while True:
            samples = server.samples()
            accounted = (
                samples["weir_datagrams_received_total"] + samples["weir_datagrams_dropped_total"]
            )
            if accounted == datagrams:
                return samples
            if time.monotonic() > end:
                die(f"{datagrams} datagrams were sent, but the server accounts for {accounted:.0f}.")
            time.sleep(0.1)

    def check(self, samples, steady_sent, flood_sent):
        self.sent = (steady_sent, flood_sent)
        rounds, _ = steady_sent
        if (dropped := samples["weir_datagrams_dropped_total"]) > 0:
            self.faults.append(f"The kernel dropped {dropped:.0f} datagrams, so nothing is exact.")
        for series, each in STEADY_SUMS.items():
            if samples.get(series) != rounds * each:
                self.faults.append(f"{series} is {samples.get(series)}, not {rounds * each}.")
        if samples.get("steady_users") != 2:
            self.faults.append(f"steady_users is {samples.get('steady_users')}, not 2.")
        refused = samples["weir_lines_refused_total"]
        if refused != samples["weir_limit_refusals_total"]:
            self.faults.append(f"{refused:.0f} lines were refused, not all for a limit.")
        self.check_flood(samples, flood_sent[1])
        level = self.level()
        if len(level) < 2:
            self.growth = float("nan")
            self.faults.append("Series still grew at the end; send for longer.")
            return
        self.growth = level[-1]["resident"] - level[0]["resident"]
        if self.growth > self.growth_max():
            self.faults.append(f"Memory grew by {self.growth:.0f} MB when series no longer did.")

    def report(self):
        print(f"{self.title}, {' '.join(self.flags) or 'no flags'}:\n")
        print("| second | lines taken in or refused | series | expired | samples refused | ", end="")
        print("samples to overflow series | datagrams dropped | resident MB |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for row in self.rows:
            print(
                f"| {row['elapsed']:.0f} | {row['lines']:,.0f} | {row['series']:,.0f} "
                f"| {row['expired']:,.0f} "
                f"| {row['refused']:,.0f} | {row['overflowed']:,.0f} | {row['dropped']:,.0f} "
                f"| {row['resident']:.1f} |"
            )
        (steady_datagrams, _), (flood_datagrams, flood_lines) = self.sent
        print(
            f"\nFlood: {flood_lines:,} lines in {flood_datagrams:,} datagrams. Beside it: "
            f"{steady_datagrams:,} datagrams of {len(STEADY_LINES)} lines, "
            f"{len(STEADY_SUMS) + 1} values compared. From where series no longer grew to "
            f"the end, memory grew by {self.growth:.1f} MB.\n"
        )
