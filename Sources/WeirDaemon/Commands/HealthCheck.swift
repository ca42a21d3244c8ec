import Glibc
import WeirConfiguration
import WeirSockets

extension Subcommand {
  /// `weir health`
  static let health = Subcommand(
    name: "health", arguments: "[<flags>]",
    summary: "Asks the running weir whether it is ready.",
    details: """
      Asks the running weir whether it is ready. The exit status is 0 if it is, and 1 with a sentence
      on standard error if it is not, or if it does not answer within \(HealthCheck.seconds) seconds.

      Use the flags of the running weir. Only --web.listen-address matters: its first value says
      which weir is meant. Without it, that is the one that serves 127.0.0.1:9102, through 127.0.0.1,
      0.0.0.0 or [::]. If that weir was started with port 0, write the port from its log.

      The question goes over a Unix socket in the network namespace of this command, and both sides
      answer only the same user. TLS, client certificates, passwords and rate limits do not apply.

      """,
    // Docker reserves status 2 of a health check.
    misuseStatus: 1,
    read: daemonFlags { options, _ in print(try HealthCheck.run(options)) })
}

/// `weir health`: asks the running Weir whether it is ready.
enum HealthCheck {
  /// The answers of the running Weir.
  static let ready = "ready\n"
  static let stopping = "stopping\n"
  static let busy = "busy\n"

  /// How long to wait for the answer: a healthy Weir takes a millisecond.
  static let seconds = 5

  /// Asks the Weir that serves the first address of `--web.listen-address`.
  ///
  /// - Returns: The line to print if it is ready.
  /// - Throws: `StartError`, a sentence that says why it is not ready.
  static func run(_ options: Options) throws(StartError) -> String {
    let text = options.web.listenAddresses[0]
    let plan = try ListenPlan([text], flag: "--web.listen-address")
    guard let address = plan.addresses.first, address.port != 0 else {
      throw StartError(
        description: "--web.listen-address: port 0 does not identify a running weir; "
          + "write the port from its log")
    }
    return try ask(address, user: geteuid())
  }

  /// - Parameters:
  ///   - user: The user whose Weir is trusted.
  ///   - seconds: How long to wait for the answer.
  static func ask(
    _ address: SocketAddress, user: UInt32, seconds: Int = seconds
  ) throws(StartError) -> String {
    for name in HealthName.candidates(for: address) {
      let socket: LocalSocket
      let owner: UInt32
      do throws(SystemError) {
        socket = try LocalSocket.connect(name, timeoutSeconds: seconds)
        owner = try socket.peerUser()
      } catch {
        if error.code == ECONNREFUSED { continue }
        throw silent(address, seconds, error)
      }
      // Any user can take the name, so only the same user's Weir is trusted.
      guard owner == user else {
        throw StartError(
          description: "the process that answers for \(address) belongs to user \(owner), "
            + "not \(user); run this command as the user of weir")
      }
      return try answer(of: socket, address, seconds)
    }
    throw StartError(
      description: "no weir serves \(address); start it, or use the --web.listen-address "
        + "of the running weir")
  }

  private static func answer(
    of socket: LocalSocket, _ address: SocketAddress, _ seconds: Int
  ) throws(StartError) -> String {
    let answer: String
    do throws(SystemError) {
      answer = try socket.receive(bytesMax: 64)
    } catch {
      throw silent(address, seconds, error)
    }
    switch answer {
    case ready: return "weir at \(address) is ready"
    case stopping:
      throw StartError(description: "weir at \(address) is stopping; wait until it runs again")
    case busy:
      throw StartError(
        description: "weir at \(address) has too many health checks in flight; look at its log")
    default:
      throw StartError(
        description: "weir at \(address) gave no answer; run this command as the user of weir")
    }
  }

  private static func silent(
    _ address: SocketAddress, _ seconds: Int, _ error: SystemError
  ) -> StartError {
    let isLate = error.code == EAGAIN || error.code == EWOULDBLOCK
    return StartError(
      description: isLate
        ? "weir at \(address) did not answer within \(seconds) seconds; look at its log"
        : "weir at \(address) cannot be asked: \(error)")
  }
}
