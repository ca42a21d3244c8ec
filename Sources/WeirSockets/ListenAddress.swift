// Safety: getaddrinfo's list is read and freed in the same function. Each address is copied with
// its own length into storage that is large enough for every family.

import CLinux
import Glibc

/// Why a listen address is invalid, as a sentence for the operator.
package struct AddressError: Error, Hashable, CustomStringConvertible {
  package let description: String
}

/// Parses the listen addresses of the configuration.
package enum ListenAddress {
  /// The socket addresses for `text`, in the order in which to bind them.
  ///
  /// - `127.0.0.1:8125`, `[::1]:8125`: that address
  /// - `:8125`, `[::]:8125`: all addresses of the machine, IPv4 and IPv6 with one socket (if the
  ///   kernel has no IPv6, `:8125` means `0.0.0.0:8125`)
  /// - `localhost:8125`: the addresses of the name without duplicates, IPv4 before IPv6. If there
  ///   are several, those that this machine does not have are left out, for example `::1` without
  ///   IPv6. If the machine has none of them, all are returned, so that binding reports the error.
  /// - port 0: the kernel chooses a free port, one for each address
  ///
  /// Resolving a name can block for the duration of the resolver's timeout.
  ///
  /// - Throws: `AddressError` with one sentence that says what to write instead.
  package static func resolve(_ text: String) throws(AddressError) -> [SocketAddress] {
    let (host, port) = try split(text)
    guard !host.isEmpty else { return [hasIPv6 ? .any6(port: port) : .any4(port: port)] }
    return try lookUp(host, port: port, in: text)
  }

  /// Splits `host:port` or `[host]:port`; the host is returned without brackets.
  private static func split(_ text: String) throws(AddressError) -> (host: String, port: UInt16) {
    guard let colon = text.lastIndex(of: ":") else {
      throw bad(text, "write host:port, for example 127.0.0.1:8125")
    }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    if host.first == "[" {
      guard host.last == "]" else {
        throw bad(text, "write an IPv6 address as [host]:port, for example [::1]:8125")
      }
      host = host.dropFirst().dropLast()
      guard host.contains(":") else {
        throw bad(
          text, "brackets are for IPv6 addresses; write host:port, for example 127.0.0.1:8125")
      }
    } else if host.contains(":") {
      throw bad(text, "write an IPv6 address as [host]:port, for example [::1]:8125")
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(digits)
    else {
      throw bad(text, "the port must be a number from 0 to 65535, for example 127.0.0.1:8125")
    }
    return (String(host), port)
  }

  private static func lookUp(
    _ host: String, port: UInt16, in text: String
  ) throws(AddressError) -> [SocketAddress] {
    guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw bad(
        text, "the host contains an invalid character; write for example 127.0.0.1:8125")
    }
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_PASSIVE | (host.contains(":") ? AI_NUMERICHOST : 0)
    unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
      if host.contains(":") { throw bad(text, "\(host) is not an IPv6 address") }
      throw AddressError(
        description: "unknown host \"\(host)\" in \"\(text)\": "
          + "\(unsafe String(cString: gai_strerror(status))); write an address of this machine, "
          + "for example 127.0.0.1:\(port)")
    }
    var found: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      var storage = sockaddr_storage()
      let length = min(Int(unsafe entry.pointee.ai_addrlen), MemoryLayout.size(ofValue: storage))
      if let bytes = unsafe entry.pointee.ai_addr {
        unsafe withUnsafeMutableBytes(of: &storage) { target in
          unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: length))
        }
      }
      if let address = SocketAddress(storage)?.with(port: port), !found.contains(address) {
        found.append(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    guard !found.isEmpty else {
      throw bad(
        text, "the name has no IPv4 or IPv6 address; write for example 127.0.0.1:\(port)")
    }
    let sorted = found.filter { $0.family == .ipv4 } + found.filter { $0.family == .ipv6 }
    if sorted.count == 1 { return sorted }
    let own = sorted.filter(isOwn)
    return own.isEmpty ? sorted : own
  }

  /// Whether a socket can be bound to the address.
  static func isOwn(_ address: SocketAddress) -> Bool {
    do {
      let probe = try FileDescriptor.socket(family: address.kernelFamily, type: SOCK_DGRAM)
      try probe.bind(to: address.with(port: 0))
      return true
    } catch {
      return false
    }
  }

  /// Whether the kernel supports IPv6 sockets.
  private static var hasIPv6: Bool {
    (try? FileDescriptor.socket(family: AF_INET6, type: SOCK_DGRAM)) != nil
  }

  private static func bad(_ text: String, _ remedy: String) -> AddressError {
    AddressError(description: "bad address \"\(text)\": \(remedy)")
  }
}
