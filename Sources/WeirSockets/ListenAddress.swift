// Safety: getaddrinfo's list is read while it lives and freed in the same function; each address is
// copied by at most its own length into storage that is large enough for every family.

import CLinux
import Glibc

/// Why an address cannot be listened on, as a sentence for the operator.
package struct AddressError: Error, Hashable, CustomStringConvertible {
  package let description: String
}

/// Reads listen addresses as operators write them.
package enum ListenAddress {
  /// The addresses that `text` names, the one to bind first.
  ///
  /// - `127.0.0.1:8125`, `[::1]:8125`: that address
  /// - `:8125`, `[::]:8125`: every address of the machine, IPv4 and IPv6 by one socket (where the
  ///   kernel has no IPv6, `:8125` is `0.0.0.0:8125`)
  /// - `localhost:8125`: what the resolver says of the name, each address once, IPv4 before IPv6.
  ///   Of several, those that this machine does not have are left out, such as `::1` where it has no
  ///   IPv6; if it has none of them, all are given, so that binding them says why.
  /// - port 0: a free port of the kernel's choice, one for each address
  ///
  /// Looking up a name may block for as long as the resolver takes.
  ///
  /// - Throws: `AddressError`, one sentence that says what to write instead.
  package static func resolve(_ text: String) throws(AddressError) -> [SocketAddress] {
    let (host, port) = try split(text)
    guard !host.isEmpty else { return [hasIPv6 ? .any6(port: port) : .any4(port: port)] }
    return try lookUp(host, port: port, in: text)
  }

  /// Divides `host:port` and `[host]:port`; the brackets do not belong to the host.
  private static func split(_ text: String) throws(AddressError) -> (host: String, port: UInt16) {
    guard let colon = text.lastIndex(of: ":") else {
      throw bad(text, "write host:port, such as 127.0.0.1:8125")
    }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    if host.first == "[" {
      guard host.last == "]" else {
        throw bad(text, "write an IPv6 address as [host]:port, such as [::1]:8125")
      }
      host = host.dropFirst().dropLast()
      guard host.contains(":") else {
        throw bad(text, "brackets are for IPv6 addresses; write host:port, such as 127.0.0.1:8125")
      }
    } else if host.contains(":") {
      throw bad(text, "write an IPv6 address as [host]:port, such as [::1]:8125")
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(digits)
    else {
      throw bad(text, "the port is a number from 0 to 65535; write such as 127.0.0.1:8125")
    }
    return (String(host), port)
  }

  private static func lookUp(
    _ host: String, port: UInt16, in text: String
  ) throws(AddressError) -> [SocketAddress] {
    guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw bad(text, "the host has a character that no name has; write such as 127.0.0.1:8125")
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
          + "such as 127.0.0.1:\(port)")
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
      throw bad(text, "the name has no IPv4 or IPv6 address; write such as 127.0.0.1:\(port)")
    }
    let sorted = found.filter { $0.family == .ipv4 } + found.filter { $0.family == .ipv6 }
    if sorted.count == 1 { return sorted }
    let own = sorted.filter(isOwn)
    return own.isEmpty ? sorted : own
  }

  /// Whether this machine has the address, as far as a socket can be bound to it.
  private static func isOwn(_ address: SocketAddress) -> Bool {
    do {
      let probe = try FileDescriptor.socket(family: address.kernelFamily, type: SOCK_DGRAM)
      try probe.bind(to: address.with(port: 0))
      return true
    } catch {
      return false
    }
  }

  /// Whether this kernel makes IPv6 sockets at all.
  private static var hasIPv6: Bool {
    (try? FileDescriptor.socket(family: AF_INET6, type: SOCK_DGRAM)) != nil
  }

  private static func bad(_ text: String, _ remedy: String) -> AddressError {
    AddressError(description: "bad address \"\(text)\": \(remedy)")
  }
}
