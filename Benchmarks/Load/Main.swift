import BenchmarkPayload
import Glibc

/// Sends a load and, when asked, checks that the server's account of it is right.
///
/// Exit status: 0, 1 for a run that failed or was not accounted for, 2 for a mistake in the flags.
@main
struct Main {
  static func main() {
    do {
      let options = try Options.parse(Array(CommandLine.arguments.dropFirst()))
      if options.help {
        print(Options.usage)
        return
      }
      let faults = try run(options)
      for fault in faults { Complaint.write(fault, from: "Load") }
      if !faults.isEmpty { exit(1) }
    } catch let error as UsageError {
      Complaint.write(error.sentence, from: "Load")
      exit(2)
    } catch let error as SystemError {
      Complaint.write(error.sentence, from: "Load")
      exit(1)
    } catch {
      Complaint.write("\(error)", from: "Load")
      exit(1)
    }
  }

  /// Prints the report; returns what is wrong, a sentence each.
  private static func run(_ options: Options) throws -> [String] {
    let endpoint = try Endpoint(options.address)
    let client = try options.check.map { try ScrapeClient(url: $0) }
    let payload = try Payload(
      series: options.series, packing: options.packing, seed: options.seed)
    let ring = DatagramRing(payload)
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
    print(options.json ? report.json : report.table)
    return faults
  }
}
