"""The row of Weir's dashboard about inputs other than datagrams."""

from dashboards.selectors import graph, own, rate


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
