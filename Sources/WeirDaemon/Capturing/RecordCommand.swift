import Glibc
import WeirBytes
import WeirConfiguration
import WeirSockets

extension Subcommand {
  /// `weir record`
  static let record = Subcommand(
    name: "record", arguments: "[<flags>] <file>",
    summary: "Records the datagrams that arrive for weir into a file.",
    details: """
      Writes the datagrams to the ports of --statsd.listen-udp into a file, each with its time and its
      sender, until Ctrl-C, --for or --limit:

        sudo weir record /tmp/statsd.pcap --for=10s

      The file is pcap, which tcpdump, Wireshark and weir replay read. Only its user can read it,
      because lines may hold personal data. The running weir is not involved, and need not run.

      It needs root or CAP_NET_RAW, as tcpdump does. Use the flags of the running weir: only
      --statsd.listen-udp matters.

      Flags, besides those of weir (see weir --help):
      \(Help.ownFlags(of: .record))
      The exit status is 0 if all datagrams were recorded, 1 if some are missing, if there were none,
      or if the file can't be written, and 2 after a mistake on the command line.

      """,
    read: { arguments, cores throws(UsageError) in
      let (invocation, operands) = try Invocation.parse(
        arguments, operandsMax: 2, cores: cores, flags: .record)
      guard case .run(let options) = invocation else {
        return invocation == .help ? .help : .version
      }
      let plan = try RecordPlan(options, operands)
      return .run {
        signal(SIGPIPE, SIG_IGN)
        // A limit on the length of files is an error of write(2), which leaves a whole file.
        signal(SIGXFSZ, SIG_IGN)
        try RecordCommand.run(plan)
      }
    })
}

/// What a command line of `weir record` asks for.
struct RecordPlan: Sendable {
  let options: Options.Record
  let file: String
  let ports: [UInt16]
  /// Empty for all senders.
  let senders: SourceNetworks

  init(_ options: Options, _ operands: [String]) throws(UsageError) {
    guard operands.count == 1, let file = operands.first, !file.utf8.contains(0) else {
      throw UsageError("record takes one file; write weir record FILE, such as statsd.pcap")
    }
    self.file = file
    self.options = options.record
    var senders = SourceNetworks()
    for text in options.record.senders {
      do throws(SourceNetworkError) {
        try senders.add(text)
      } catch {
        throw UsageError("--sender: \(error)")
      }
    }
    self.senders = senders
    ports = try RecordPlan.ports(options.statsd.listenUDP)
  }

  private static func ports(_ addresses: [String]) throws(UsageError) -> [UInt16] {
    var ports: [UInt16] = []
    for text in addresses {
      let digits = text.split(separator: ":", omittingEmptySubsequences: false).last
      guard text.contains(":"), let digits, let port = UInt16(digits) else {
        throw UsageError(
          "--statsd.listen-udp: \(text.quoted) has no port; write for example 127.0.0.1:8125")
      }
      guard port != 0 else {
        throw UsageError(
          "--statsd.listen-udp: port 0 does not identify a running weir; write the port from its log"
        )
      }
      if !ports.contains(port) { ports.append(port) }
    }
    guard !ports.isEmpty else {
      throw UsageError(
        "record: these flags turn UDP off, and only datagrams can be recorded; write "
          + "--statsd.listen-udp=:PORT")
    }
    return ports
  }

  /// `port 8125`, `ports 8125 and 9125`.
  var portsText: String {
    let text = ports.map { "\($0)" }.joined(separator: " and ")
    return "\(CountText.form(ports.count, "port")) \(text)"
  }
}

/// `weir record`: writes what arrives into a file.
enum RecordCommand {
  /// - Parameter report: Where sentences go.
  /// - Throws: `CommandFailure` if something is missing in the file.
  static func run(
    _ plan: RecordPlan, report: CommandOutput = CommandOutput(descriptor: STDERR_FILENO)
  ) throws {
    var recording = try Recording.prepare(plan)
    CaptureStop.prepare()
    try report.write(
      "recording datagrams to \(plan.portsText) into \(plan.file.escapedPath), for "
        + "\(TimeSpan.text(seconds: plan.options.seconds)) at most; Ctrl-C ends it\n")
    do {
      try recording.run()
    } catch {
      try report.write(recording.summary)
      throw error
    }
    try report.write(recording.summary)
    try recording.check()
  }
}
