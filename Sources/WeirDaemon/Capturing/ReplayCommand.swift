import Glibc
import WeirBytes
import WeirCapture
import WeirConfiguration

extension Subcommand {
  /// `weir replay`
  static let replay = Subcommand(
    name: "replay", arguments: "[<flags>] <file> [<address>]",
    summary: "Sends the datagrams of a recording.",
    details: """
      Sends the UDP datagrams of a pcap file, which weir record or tcpdump -w has written, at the
      pace of the recording, or faster:

        tcpdump -i any -w statsd.pcap udp port 8125
        weir replay statsd.pcap 127.0.0.1:8125 --speed=10

      The address is HOST:PORT, or the path of a Unix datagram socket; without it, datagrams go to the
      first address of --statsd.listen-udp. Packets that are not whole datagrams are left out, and
      counted by reason.

      Flags, besides those of weir (see weir --help):
      \(Help.ownFlags(of: .replay))
      The exit status is 0 if all was sent, 1 if something was not sent or the receiver has dropped
      datagrams, 2 after a mistake on the command line, and 3 if nobody listens at the address.

      """,
    read: { arguments, cores throws(UsageError) in
      let (invocation, operands) = try Invocation.parse(
        arguments, operandsMax: 3, cores: cores, flags: .replay)
      guard case .run(let options) = invocation else {
        return invocation == .help ? .help : .version
      }
      let plan = try ReplayPlan(options, operands)
      return .run {
        signal(SIGPIPE, SIG_IGN)
        do { try ReplayCommand.run(plan) } catch is CommandOutput.Closed {}
      }
    })
}

/// What a command line of `weir replay` asks for.
struct ReplayPlan: Sendable {
  let options: Options.Replay
  let file: String
  /// Nil for a dry run.
  let target: SendTarget?

  init(_ options: Options, _ operands: [String]) throws(UsageError) {
    guard let file = operands.first, !file.utf8.contains(0) else {
      throw UsageError("replay takes a file; write weir replay FILE, such as statsd.pcap")
    }
    guard operands.count <= 2 else {
      throw UsageError("replay takes one file and one address; leave \(operands[2].quoted) out")
    }
    self.file = file
    self.options = options.replay
    if options.replay.isDry {
      target = nil
    } else if operands.count == 2 {
      guard SendTarget.isAddress(operands[1]) else {
        throw UsageError(
          "replay: \(operands[1].quoted) is not an address; write HOST:PORT or the path of a socket"
        )
      }
      target = SendTarget(operand: operands[1])
    } else {
      guard !options.statsd.listenUDP.isEmpty || !options.statsd.listenUnixgram.isEmpty else {
        throw UsageError(
          "replay: these flags turn UDP off; write the address after the file, such as "
            + "127.0.0.1:8125")
      }
      target = try SendTarget(options.statsd)
    }
  }
}

/// `weir replay`: sends a recording, or says what it has.
enum ReplayCommand {
  static func run(_ plan: ReplayPlan, to output: CommandOutput = CommandOutput()) throws {
    CaptureStop.prepare()
    guard let target = plan.target else {
      try describe(plan, output)
      return
    }
    var replay = try Replay(plan, target)
    var failure: (any Error)?
    do { try replay.run() } catch { failure = error }
    try output.write(replay.summary)
    if let failure { throw failure }
    try replay.check()
  }

  /// `--dry-run`: prints what would be sent.
  private static func describe(_ plan: ReplayPlan, _ output: CommandOutput) throws {
    var file = try CaptureInputFile.open(plan.file)
    var tally = CaptureTally()
    var ports = CaptureTally()
    var failure: CommandFailure?
    do throws(CommandFailure) {
      while !CaptureStop.isRequested, let datagram = try file.next() {
        ports.add(datagram)
        if plan.options.port == nil || plan.options.port == datagram.destination.port {
          tally.add(datagram)
        }
      }
    } catch {
      // What comes before the damage can be sent.
      guard file.reader.packets > 0 else { throw error }
      failure = error
    }
    let link = file.reader.link?.name ?? "no frames"
    let unit = file.reader.isNanoseconds ? "nanoseconds" : "microseconds"
    var lines = ["\(plan.file.escapedPath): pcap, \(link), times in \(unit)"]
    lines.append(
      "\(CountText.counted(tally.datagrams, "datagram")) of "
        + "\(CountText.counted(tally.bytes, "byte")) with "
        + "\(CaptureTally.content(lines: tally.lines, frames: tally.frames)) in "
        + CaptureText.seconds(tally.duration))
    if let times = tally.times {
      let first = timespec(
        tv_sec: Int(times.lowerBound / 1_000_000_000),
        tv_nsec: Int(times.lowerBound % 1_000_000_000))
      lines.append("the first is of \(RFC3339.text(first))")
    }
    if !ports.ports.isEmpty { lines.append("ports: \(ports.portsText)") }
    if !tally.senders.isEmpty { lines.append("senders: \(tally.sendersText)") }
    lines += Replay.notes(skipped: file.reader.skipped, isCut: file.isCut)
    try output.write(lines.map { $0 + "\n" }.joined())
    if let failure { throw failure }
    guard tally.datagrams > 0 else { throw Replay.nothing(plan) }
  }
}
