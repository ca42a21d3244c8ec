import Glibc

/// Why a socket could not be bound, as a sentence that says what to do.
package struct ListenError: Error, Hashable, CustomStringConvertible {
  package let address: SocketAddress
  package let cause: SystemError
  /// The command-line option that gave the address, such as `--web.listen-address`.
  package let flag: String

  package var description: String {
    "cannot listen on \(address): \(reason)"
  }

  private var reason: String {
    switch cause.code {
    case EADDRINUSE:
      "the port is in use; stop the other program or choose another with \(flag)"
    case EACCES, EPERM:
      "permission denied; choose a port above 1023 with \(flag), "
        + "or give the program the capability CAP_NET_BIND_SERVICE"
    case EADDRNOTAVAIL:
      "this machine does not have this address; choose another with \(flag)"
    case EAFNOSUPPORT:
      "this machine does not support IPv\(address.family == .ipv6 ? 6 : 4); "
        + "choose another address with \(flag)"
    case EMFILE, ENFILE:
      "too many open files; raise the limit (ulimit -n, or LimitNOFILE of the systemd unit)"
    default:
      "\(cause); choose another address with \(flag)"
    }
  }
}
