import Testing

/// The real server, fed by real clients over real sockets, scraped as Prometheus scrapes.
///
/// One test at a time: they start many processes, and they measure losses.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SystemTests {}
