extension SocketAddress {
  /// Whether a socket that is bound to this address receives what is sent to `target` from this machine.
  package func receives(_ target: SocketAddress) -> Bool {
    guard port == target.port else { return false }
    let target = target.unmapped
    if self == target { return true }
    let isEvery = self == .any4(port: port) && target.family == .ipv4 || self == .any6(port: port)
    return isEvery && ListenAddress.isOwn(target)
  }
}
