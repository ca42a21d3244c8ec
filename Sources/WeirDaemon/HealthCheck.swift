import Glibc
import WeirConfiguration
import WeirSockets

/// `weir health`: asks the Weir that runs whether it is ready.
package enum HealthCheck {
  /// What the Weir that runs says.
  static let ready = "ready\n"
  static let stopping = "stopping\n"
  static let busy = "busy\n"

  /// How long to wait for it to say so: a healthy one takes a millisecond.
  static let seconds = 5

  /// Asks the Weir that serves the first address of `--web.listen-address`.
  ///
  /// - Returns: The line to print when it is ready.
  /// - Throws: `StartError`, a sentence that says why it is not.
  package static func run(_ options: Options) throws(StartError) -> String {
    let text = options.web.listenAddresses[0]
    let plan = try Daemon.plan([text], flag: "--web.listen-address")
    guard let address = plan.addresses.first, address.port != 0 else {
      throw StartError(
        description: "--web.listen-address: port 0 names no weir that runs; "
          + "write the port that is in its log")
    }
    return try ask(address, user: geteuid())
  }

  /// - Parameters:
  ///   - user: Whose Weir is believed.
  ///   - seconds: How long to wait for it.
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
      // Anybody can have the name; only the same user's Weir is believed.
      guard owner == user else {
        throw StartError(
          description: "what answers for \(address) belongs to user \(owner), not \(user); "
            + "run this command as the user of weir")
      }
      return try answer(of: socket, address, seconds)
    }
    throw StartError(
      description: "no weir serves \(address); start it, or give this command the "
        + "--web.listen-address that it has")
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
        description: "weir at \(address) has not answered those who asked before; look at its log")
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
