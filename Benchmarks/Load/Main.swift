import BenchmarkKit

/// Sends a load and, where asked, checks that the server has counted it right.
@main
struct Main {
  static func main() {
    Program.run("Load") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
        return []
      }
      return try run(options)
    }
  }

  /// Prints the report; returns what is wrong, a sentence each.
  private static func run(_ options: Options) throws -> [String] {
    let endpoint = try Endpoint(options.address)
    let client = try options.check.map { try ScrapeClient(url: $0) }
    let payload = try Payload(
      series: options.series, of: options.kind, packing: options.packing, seed: options.seed,
      isEven: options.segments != nil)
    let ring = try DatagramRing(payload, segments: options.segments ?? 1)
    let check = try client.map { try Check($0) }
    let sent = try Sender(options: options).run(ring, to: endpoint)
    let after = try check?.settle(sent: sent.datagrams)

    var faults: [String] = []
    if sent.refusals > 0 {
      faults.append("Nobody listens at \(endpoint): the kernel said so \(sent.refusals) times.")
    }
    var account: Account?
    if let check, let after {
      account = Account(before: check.before, after: after)
      faults += check.faults(payload, sent, after: after)
    }
    let expected = Expectation(of: payload, sent: sent.datagrams)
    let report = Report(
      sent: sent, linesSent: expected.lines, seriesSent: expected.series,
      payload: payload.linesPerDatagram, account: account, faults: faults)
    print(options.json ? report.figures.json : report.figures.list)
    return faults
  }
}
