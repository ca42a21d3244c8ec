"""The rows of Weir's dashboard about inputs other than datagrams, and about the relay of lines."""

from dashboards.board import line_at
from dashboards.selectors import graph, own, rate

# What a target of the relay may have waiting.
RELAY_QUEUE_BYTES = 8 * 1024 * 1024


def connections(board):
    board.row("Connections and HTTP")
    graph(
        board, "Connections open", (own("weir_stream_connections"), "{{instance}} {{listener}}"),
        about="Of TCP and Unix stream sockets. --limit.tcp-connections bounds them.",
    )
    graph(
        board, "Connections by their end",
        (f"sum by (reason) ({rate('weir_stream_connections_ended_total')}) > 0", "{{reason}}"),
        (f"sum by (reason) ({rate('weir_stream_connections_refused_total')}) > 0", "refused: {{reason}}"),
        unit="cps", about="too_long: a line of more than 64 KiB. Refused: closed before anything was read.",
    )
    graph(
        board, "Lines cut off",
        (f"sum by (instance, listener) ({rate('weir_stream_unfinished_total')})", "{{instance}} {{listener}}"),
        unit="cps", about="Lines and payloads of which only a part had come when their connection ended.",
    )
    graph(
        board, "Lines over HTTP",
        (f"sum by (instance) ({rate('weir_statsd_http_lines_total')})", "{{instance}} lines"),
        (f"sum by (instance) ({rate('weir_statsd_http_requests_total')})", "{{instance}} requests"),
        unit="cps", about="At /api/v1/statsd. The lines are among those above, too.",
    )
    graph(
        board, "Pushed groups",
        (f"sum by (method, result) ({rate('weir_pushgateway_requests_total')}) > 0", "{{method}} {{result}}"),
        unit="reqps",
        about="At /metrics/job/JOB. malformed: not readable; inconsistent: not to be shown with the others.",
    )
    graph(
        board, "Tags dropped", (f"sum by (reason) ({rate('weir_tags_dropped_total')})", "{{reason}}"),
        unit="cps", about="unusable: empty, without a value or given twice. internal: dd.internal.*",
    )


def relay(board):
    board.row("Relay")
    graph(
        board, "Lines relayed",
        (f"sum by (instance, target) ({rate('weir_relay_lines_relayed_total')})", "{{instance}} to {{target}}"),
        unit="cps", about="Lines that the kernel accepted. UDP may lose them after that.", width=6,
    )
    graph(
        board, "Lines not relayed",
        (
            f"sum by (target, reason) ({rate('weir_relay_dropped_lines_total')}) > 0",
            "to {{target}}: {{reason}}",
        ),
        (f"sum({rate('weir_relay_long_lines_total')})", "longer than a packet"),
        unit="cps", about="They are counted here all the same.", width=6,
    )
    graph(
        board, "Nobody receives",
        (f"sum by (instance, target) ({rate('weir_relay_refusals_total')})", "{{instance}} to {{target}}"),
        unit="cps", about="The target's machine says that nobody listens there: packets are lost.", width=6,
    )
    graph(
        board, "Waiting for the target", (own("weir_relay_queue_bytes"), "{{instance}} to {{target}}"),
        unit="bytes", about="More than 8 MiB is dropped.", width=6, defaults=line_at(RELAY_QUEUE_BYTES),
    )
