import Glibc
import WeirConfiguration
import WeirSockets

/// `weir health`: asks the Weir that runs whether it is ready.
package enum HealthCheck {
  /// What the Weir that runs says.
  static let ready = "ready\n"
  static let stopping = "stopping\n"

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

  /// - Parameter user: Whose Weir is believed.
  static func ask(_ address: SocketAddress, user: UInt32) throws(StartError) -> String {
    for name in HealthName.candidates(for: address) {
      let socket: LocalSocket
      do throws(SystemError) {
        socket = try LocalSocket.connect(name, seconds: seconds)
        let owner = try socket.peerUser()
        guard owner == user else {
          throw StartError(
            description: "what answers for \(address) belongs to user \(owner), not \(user); "
              + "run this command as the user of weir")
        }
      } catch {
        if error.code == ECONNREFUSED { continue }
        throw silent(address, error)
      }
      return try answer(of: socket, address)
    }
    throw StartError(
      description: "no weir serves \(address); start it, or give this command the "
        + "--web.listen-address that it has")
  }

  private static func answer(
    of socket: LocalSocket, _ address: SocketAddress
  ) throws(StartError) -> String {
    let answer: String
    do throws(SystemError) {
      answer = try socket.receive(bytesMax: 64)
    } catch {
      throw silent(address, error)
    }
    switch answer {
    case ready: return "weir at \(address) is ready"
    case stopping:
      throw StartError(description: "weir at \(address) is stopping; wait until it runs again")
    default:
      throw StartError(
        description: "weir at \(address) gave no answer; run this command as the user of weir")
    }
  }

  private static func silent(_ address: SocketAddress, _ error: SystemError) -> StartError {
    let isLate = error.code == EAGAIN || error.code == EWOULDBLOCK
    return StartError(
      description: isLate
        ? "weir at \(address) did not answer within \(seconds) seconds; look at its log"
        : "weir at \(address) cannot be asked: \(error)")
  }
}
