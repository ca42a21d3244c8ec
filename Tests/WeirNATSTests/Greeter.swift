import Foundation
import TestSupport
import Testing

/// A server that greets each connection with a text and does nothing else, until the end of a test.
final class Greeter: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init(_ text: String) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    try #require(isBound && listen(descriptor, 16) == 0)
    let bytes = Array(text.utf8)
    Thread.detachNewThread {
      while true {
        let accepted = accept(descriptor, nil, nil)
        guard accepted >= 0 else { return }
        _ = send(accepted, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        usleep(100_000)
        close(accepted)
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }
}

/// A CA with certificates of a server and a client, and another CA, made by the openssl program.
struct NATSCertificates {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    for name in ["ca", "other"] {
      try openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).crt"))
    }
    for name in ["server", "client", "elsewhere"] {
      let names = name == "elsewhere" ? "DNS:elsewhere" : "IP:127.0.0.1,DNS:localhost"
      folder.write("names", Array("subjectAltName=\(names)\n".utf8))
      try openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).csr"))
      try openssl(
        "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.crt"), "-CAkey",
        path("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", path("names"), "-out",
        path("\(name).crt"))
    }
  }

  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  private func openssl(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }
}
