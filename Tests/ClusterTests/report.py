"""What a run was, as a table."""

import collections
import http.client
import re

from ClusterTests.checks import longest_gap, refused_in_calm

OWN = re.compile(rb"^(weir_cluster_\w+)(?:\{[^}\n]*\})? (\S+)$", re.MULTILINE)


def own_metrics(weirs):
    """The nodes' weir_cluster_*, summed: of the processes that run now."""
    sums = collections.Counter()
    for weir in weirs:
        try:
            status, body = weir.get(weir.web, "/metrics/node")
        except (OSError, http.client.HTTPException):
            continue
        for name, value in OWN.findall(body) if status == 200 else []:
            sums[name.decode()] += float(value)
    return sums


def share_of(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def table(run):
    """Rows of a name and a text."""
    shown, play = run.shown, run.play
    by_outcome = collections.Counter(s.outcome for s in shown.scrapes)
    calm = refused_in_calm(shown, play)
    took = sorted(s.ended - s.began for s in shown.whole())
    gap, at = longest_gap(s.ended for s in shown.whole())
    own = own_metrics(run.cluster.weirs)
    waits = own["weir_cluster_barriers_total"]
    mean = own["weir_cluster_barrier_seconds_total"] / waits if waits else float("nan")
    sent, missing, allowed = run.lines()
    yield "seed", f"{run.seed}"
    yield (
        "faults",
        f"{len(play.intervals)}; processes that ended by themselves: {len(play.ended)}; starts that were given up: "
        f"{play.given_up}",
    )
    yield (
        "scrapes",
        f"{by_outcome['whole']:,} whole, {by_outcome['refused']:,} answered 503, {by_outcome['none']:,} without "
        f"a whole answer, {by_outcome['wrong']:,} wrong",
    )
    yield "backward steps", f"{len(shown.steps_back):,} in {len({s[0] for s in shown.steps_back}):,} scrapes"
    yield "above what was sent", f"{len(shown.above):,}"
    yield "not whole in calm", f"{len(calm):,}"
    yield "longest gap, any node", f"{gap:.1f} s, from {at - play.start:.1f} s"
    for weir in run.cluster.weirs:
        own_gap, own_at = longest_gap(s.ended for s in shown.whole(str(weir)))
        yield f"longest gap, {weir}", f"{own_gap:.1f} s, from {own_at - play.start:.1f} s"
    yield (
        "whole scrapes took",
        f"p50 {share_of(took, 0.5) * 1e3:.1f} ms, p99 {share_of(took, 0.99) * 1e3:.1f} ms; "
        f"barriers {mean * 1e3:.1f} ms",
    )
    calm = sorted(s.ended - s.began for s in shown.whole() if not play.is_on(s.began, s.ended, 2))
    yield (
        "the same, no fault on",
        f"p50 {share_of(calm, 0.5) * 1e3:.1f} ms, p99 {share_of(calm, 0.99) * 1e3:.1f} ms of {len(calm):,}",
    )
    yield (
        "pushed",
        f"{run.pushing.made} clients, {run.pushing.frames:,} frames before a third was lost; "
        f"{own['weir_cluster_frames_total']:,.0f} applied by the three nodes since their last start",
    )
    yield "text", f"{run.text.lines:,} lines; of {sent:,.0f} counts {missing:,.0f} missing, {allowed:,.0f} allowed"
    yield (
        "NATS",
        f"posts failed {own['weir_cluster_posts_failed_total']:,.0f}, reconnects "
        f"{own['weir_cluster_reconnects_total']:,.0f}, gaps {own['weir_cluster_gaps_total']:,.0f}",
    )
    if judgement := run.judgement:
        yield (
            "Prometheus",
            f"{len(judgement.scrapes)} scrapes, {judgement.scrapes.count(0)} of them failed; resets "
            f"{judgement.resets:.0f}; {judgement.compared} sums compared",
        )
        for name, rise, wanted in judgement.increases:
            yield "increase()", f"of {name} {rise:,.1f}; it grew by {wanted:,.0f}"


def print_table(run):
    print()
    for name, text in table(run):
        print(f"  {name:<22} {text}")
    print(flush=True)
