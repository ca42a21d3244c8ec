"""What the panels of Weir's dashboard share."""

CHOSEN = 'job=~"$job",instance=~"$instance"'
INTERVAL = "$__rate_interval"


def own(name, *labels):
    """A selector of the chosen Weirs."""
    return f"{name}{{{','.join((CHOSEN, *labels))}}}"


def rate(name, *labels):
    return f"rate({own(name, *labels)}[{INTERVAL}])"


def recent(name, *labels):
    return f"rate({own(name, *labels)}[5m])"


def process(expression):
    """Weir's own `process_*`, without those that applications push."""
    return f"{expression} and ignoring (version) weir_build_info"


def graph(board, title, *queries, about, **options):
    board.panel("timeseries", title, *queries, about=about, **options)
