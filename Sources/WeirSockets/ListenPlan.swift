/// The addresses of one flag, which are all bound or none.
package struct ListenPlan: Sendable {
  package struct Entry: Sendable, Equatable {
    /// As the operator wrote it; a name may stand in several entries.
    package let text: String
    package let address: SocketAddress
    /// Whether it is `[::]` and leaves IPv4 to another entry.
    package let isIPv6Only: Bool
  }

  package let entries: [Entry]

  package var addresses: [SocketAddress] { entries.map(\.address) }

  /// Looks the addresses up. `[::]:P` beside `0.0.0.0:P` is IPv6 alone.
  ///
  /// Looking up a name may block for as long as the resolver takes.
  ///
  /// - Throws: `AddressError`, for a text that is no address, or two that exclude each other.
  package init(_ texts: [String]) throws(AddressError) {
    var found: [(text: String, address: SocketAddress)] = []
    for text in texts {
      for address in try ListenAddress.resolve(text) {
        for other in found where other.text != text {
          guard other.address.excludes(address) || address.excludes(other.address) else { continue }
          let shared = other.address.excludes(address) ? address : other.address
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
