/// The addresses of one flag, after resolving names and checking for conflicts.
package struct ListenPlan: Sendable {
  package struct Entry: Sendable, Equatable {
    /// The address as configured. The entries of a name have the same text.
    package let text: String
    package let address: SocketAddress
    /// Whether it is `[::]` and another entry listens on IPv4 at the same port.
    package let isIPv6Only: Bool
  }

  package let entries: [Entry]

  package var addresses: [SocketAddress] { entries.map(\.address) }

  /// Resolves the addresses. If both `[::]:P` and `0.0.0.0:P` are given, `[::]:P` is IPv6 only.
  ///
  /// Resolving a name can block for the duration of the resolver's timeout.
  ///
  /// - Throws: `AddressError` for an invalid address, or for two addresses that conflict.
  package init(_ texts: [String]) throws(AddressError) {
    var found: [(text: String, address: SocketAddress)] = []
    for text in texts {
      for address in try ListenAddress.resolve(text) {
        for other in found where other.text != text {
          guard other.address.covers(address) || address.covers(other.address) else { continue }
          let shared = other.address.covers(address) ? address : other.address
          throw AddressError(
            description: "\"\(other.text)\" and \"\(text)\" both listen on \(shared); "
              + "leave one of them out")
        }
        found.append((text, address))
      }
    }
    let addresses = found.map(\.address)
    entries = found.map {
      Entry(
        text: $0.text, address: $0.address, isIPv6Only: $0.address.leavesIPv4(to: addresses))
    }
  }
}
