import Glibc
import WeirConfiguration
import WeirMetrics
import WeirSockets

extension Subcommand {
  /// `weir forget`
  static let forget = Subcommand(
    name: "forget", arguments: "[--dry-run] [<flags>] <selector>",
    summary: "Removes series from the running weir, or says which it would remove.",
    details: """
      Removes all series that match the selector from the running weir, at once and for good:

        weir forget 'http_requests_total{path="/user/*",region!="eu"}'

      A * in the name or in a value stands for any characters. A label that a series does not have is
      empty. Names with other characters are written in quotes: '{"http.requests",path="/user/*"}'.
      With --dry-run it only says what would be removed.

      A series that is sent again is a new one, and counts from there on. A gauge that a client
      repeats comes back.

      The exit status is 0 if series matched, 1 if none did or weir does not answer, and 2 after a
      mistake on the command line. As for weir health, --web.listen-address says which weir is meant,
      and only the same user is answered.

      """,
    read: { arguments, cores throws(UsageError) in
      let isDry = arguments.contains("--dry-run")
      guard !arguments.contains("") else { throw ForgetCommand.noSelector }
      let (invocation, operands) = try Invocation.parse(
        arguments.filter { $0 != "--dry-run" }, operandsMax: 16, cores: cores)
      guard case .run(let options) = invocation else {
        return invocation == .help ? .help : .version
      }
      guard operands.count == 1 else { throw ForgetCommand.noSelector }
      do throws(SelectorMistake) {
        _ = try SeriesSelector(operands[0])
      } catch {
        throw UsageError(error.description)
      }
      return .run {
        print(try ForgetCommand.run(options, operands[0], isDry: isDry), terminator: "")
      }
    })
}

/// `weir forget`: asks the running Weir to remove series.
enum ForgetCommand {
  static let noSelector = UsageError(
    "forget takes one selector, in quotes; write weir forget 'name{label=\"value\"}'")

  /// How long to wait for the answer: millions of series take a few seconds.
  static let seconds = 60

  /// - Returns: The lines to print.
  /// - Throws: `StartError`, a sentence that says why nothing was removed.
  static func run(
    _ options: Options, _ selector: String, isDry: Bool
  ) throws(StartError) -> String {
    let plan = try ListenPlan([options.web.listenAddresses[0]], flag: "--web.listen-address")
    guard let address = plan.addresses.first, address.port != 0 else {
      throw StartError(
        description: "--web.listen-address: port 0 does not identify a running weir; "
          + "write the port from its log")
    }
    return try ask(address, selector, isDry: isDry, user: geteuid())
  }

  /// - Parameter user: The user whose Weir is trusted.
  static func ask(
    _ address: SocketAddress, _ selector: String, isDry: Bool, user: UInt32
  ) throws(StartError) -> String {
    for name in HealthName.candidates(for: address, HealthName.forget) {
      let socket: LocalSocket
      let owner: UInt32
      do throws(SystemError) {
        socket = try LocalSocket.connect(name, timeoutSeconds: seconds)
        owner = try socket.peerUser()
      } catch {
        if error.code == ECONNREFUSED { continue }
        throw silent(address, error)
      }
      // Any user can take the name, so only the same user's Weir is trusted.
      guard owner == user else {
        throw StartError(
          description: "the process that answers for \(address) belongs to user \(owner), "
            + "not \(user); run this command as the user of weir")
      }
      socket.send((isDry ? "1" : "0") + selector + "\0")
      let answer: String
      do throws(SystemError) {
        answer = try socket.receive(bytesMax: ForgetService.answerBytesMax)
      } catch {
        throw silent(address, error)
      }
      return try read(answer, address, selector)
    }
    throw StartError(
      description: "no weir that can forget serves \(address); start it, or use the "
        + "--web.listen-address of the running weir")
  }

  private static func silent(_ address: SocketAddress, _ error: SystemError) -> StartError {
    StartError(description: "weir at \(address) did not answer (\(error)); look at its log")
  }

  private static func read(
    _ answer: String, _ address: SocketAddress, _ selector: String
  ) throws(StartError) -> String {
    let text = String(answer.dropFirst())
    switch answer.first {
    case "y": return text
    case "n":
      throw StartError(
        description: "no series matches \(selector); look at the names and labels in a scrape")
    case "e": throw StartError(description: text.split(separator: "\n").joined(separator: " "))
    default:
      throw StartError(
        description: "weir at \(address) gave no answer; run this command as the user of weir")
    }
  }
}
