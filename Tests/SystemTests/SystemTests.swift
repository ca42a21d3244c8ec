import Testing

/// The real server, fed by real clients over real sockets, scraped as Prometheus scrapes.
///
/// One test at a time: they start many processes, and they measure losses.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SystemTests {}

/// The same, where tests mostly wait: for the server to look at a file again, or for a time to end.
/// They measure nothing, so several run at once.
@Suite(.onThreads, .timeLimit(.minutes(5))) struct WaitingTests {}
