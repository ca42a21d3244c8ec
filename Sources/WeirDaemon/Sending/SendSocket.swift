import Glibc
import WeirSockets

/// Sends datagrams to one address, one after another, and waits for room in the kernel.
struct SendSocket {
  /// How long one datagram waits for room.
  static let fullMilliseconds: Int32 = 1_000

  private let target: SendTarget
  private var sender: DatagramSender
  /// Whether the host has answered that nobody receives there.
  private(set) var isRefused = false

  /// - Throws: If the address has no socket, or its name is not known.
  init(_ target: SendTarget) throws(CommandFailure) {
    self.target = target
    sender = try SendSocket.connect(to: target)
  }

  private static func connect(to target: SendTarget) throws(CommandFailure) -> DatagramSender {
    do {
      switch target {
      case .unix(let path): return try DatagramSender.connect(toUnix: path)
      case .udp(let text):
        guard let peer = try ListenAddress.resolve(text).first else {
          throw CommandFailure.unreachable("\(text) has no address; write another one")
        }
        return try DatagramSender.connect(to: peer)
      }
    } catch let failure as CommandFailure {
      throw failure
    } catch is AddressError {
      throw .unreachable("\(target) has no address that is known now; write another one")
    } catch {
      throw .unreachable(
        "\(target) cannot be reached: \(error); start weir, or write another address")
    }
  }

  /// Resolves the name again, which may have got another address. The last one stays where that fails.
  mutating func reconnect() {
    if let fresh = try? SendSocket.connect(to: target) { sender = fresh }
  }

  /// Looks whether the last datagram was refused, of which only the next one would tell.
  mutating func lookForRefusal() {
    if !sender.isUnix, sender.takeError() == ECONNREFUSED { isRefused = true }
  }

  /// Sends one datagram.
  ///
  /// - Returns: Whether the kernel has taken it.
  /// - Throws: If it is too long, or a Unix socket is gone.
  mutating func send(_ datagram: [UInt8]) throws(CommandFailure) -> Bool {
    for _ in 0..<3 {
      do throws(SystemError) {
        if try sender.send(datagram) { return true }
        sender.waitWritable(milliseconds: SendSocket.fullMilliseconds)
      } catch {
        switch error.code {
        // By UDP it is about an earlier datagram, and this one was not sent.
        case ECONNREFUSED where !sender.isUnix: isRefused = true
        case EMSGSIZE:
          throw .trouble(
            "\(target) takes no datagram of \(datagram.count) bytes; write shorter lines")
        default:
          throw .unreachable(
            "\(target) cannot be reached: \(error); start weir, or write another address")
        }
      }
    }
    return false
  }
}
