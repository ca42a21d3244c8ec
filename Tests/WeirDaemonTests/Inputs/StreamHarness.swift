import CLinux
import Glibc
import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirSockets

@testable import WeirDaemon

/// A stream receiver with a real socket, and the parts behind it.
final class StreamHarness {
  let server: TestServer
  let meter = StreamMeter()
  let places: StreamPlaces
  let receiver: StreamReceiver
  let name: SocketName

  /// - Parameters:
  ///   - path: Of a Unix socket for payloads; nil for lines over TCP.
  ///   - isShared: Whether the TCP socket was handed over.
  init(
    path: UnixPath? = nil, isShared: Bool = false, connectionsMax: Int = 100,
    idleSeconds: Double = 0, allow: [String] = [],
    log: Log = Log(level: .error, format: .logfmt)
  ) throws {
    server = try TestServer([])
    places = StreamPlaces(limit: connectionsMax)
    var networks = SourceNetworks()
    for network in allow { try networks.add(network) }
    let limits = StreamReceiver.Limits(
      places: places, networks: networks, idleSeconds: idleSeconds)
    let socket =
      if let path {
        StreamSocket(try UnixListener.bind(to: path, mode: 0o700, flag: "--flag"))
      } else {
        StreamSocket(
          try TCPListener.bind(to: .loopback(port: 0), flag: "--flag"), isShared: isShared)
      }
    name = socket.name
    receiver = StreamReceiver(
      socket, pipeline: server.pipeline(), limits: limits, meter: meter, log: log)
  }

  /// A blocking connection.
  func connect() throws -> Int32 {
    switch name {
    case .address(let address):
      let raw = socket(address.kernelFamily, Int32(SOCK_STREAM.rawValue), 0)
      var storage = address.storage
      let status = withUnsafePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(raw, $0, address.kernelLength)
        }
      }
      guard status == 0 else { throw TestServer.NoServer() }
      return raw
    case .path(let path):
      let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      guard status == 0 else { throw TestServer.NoServer() }
      return raw
    }
  }

  /// Sends all bytes; false if the other side has closed.
  @discardableResult
  func send(_ bytes: [UInt8], to raw: Int32) -> Bool { Self.send(bytes, to: raw) }

  @discardableResult
  static func send(_ bytes: [UInt8], to raw: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(raw, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String, to raw: Int32) -> Bool { send(Array(text.utf8), to: raw) }

  /// Whether the other side closes within ten seconds.
  func isClosed(_ raw: Int32) -> Bool {
    var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    var byte: UInt8 = 0
    return poll(&entry, 1, 10_000) == 1 && recv(raw, &byte, 1, Int32(MSG_DONTWAIT)) <= 0
  }

  /// The value of a series without labels; nil if there is none.
  func value(_ name: String) async throws -> Double? {
    let page = String(decoding: try await server.page(.text, [name]), as: UTF8.self)
    return page.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
      .flatMap { Double($0.dropFirst(name.utf8.count + 1)) }
  }

  /// Waits for a condition, at most ten seconds.
  func wait(until condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<2_000 {
      if try await condition() { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}
