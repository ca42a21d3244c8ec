import Foundation
import TestSupport
import Testing
import WeirCluster
import WeirJSON

@testable import WeirNATS

@Suite(.serialized) struct NATSSetupTests {
  @Test("the stream and the bucket are made once, and found again")
  func made() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let first = try server.open(settings, metadata: ["format": "1"])
    defer { first.log.close() }
    #expect(first.isNewLog)
    #expect(try first.log.bounds(milliseconds: 10_000).metadata == ["format": "1"])
    _ = try first.log.store([1], as: 1)
    let second = try server.open(settings, metadata: ["format": "2"])
    defer { second.log.close() }
    #expect(!second.isNewLog)
    #expect(try second.log.bounds(milliseconds: 10_000).metadata == ["format": "1"])
    #expect(try second.log.bounds(milliseconds: 10_000).last == 1)
    #expect(second.log.connection.server == server.url)
    let version = try #require(second.log.connection.version)
    #expect(try #require(NATSVersion(version)) >= NATSSettings.versionMin)
  }

  @Test(
    "a stream with another setting is refused, in a sentence",
    arguments: [
      ("\"retention\":\"interest\"", "retention 'interest'", "'limits'"),
      ("\"storage\":\"memory\"", "storage 'memory'", "'file'"),
      ("\"discard\":\"old\"", "discard 'old'", "'new'"),
      ("\"max_bytes\":1000000", "max_bytes 1000000", "1073741824"),
      ("\"max_age\":60000000000", "max_age 60000000000", "0"),
      ("\"max_msgs\":10", "max_msgs 10", "-1"),
      ("\"max_msg_size\":1000", "max_msg_size 1000", "at least 1048576"),
      ("\"no_ack\":true", "no_ack true", "false"),
      ("\"deny_purge\":true", "deny_purge true", "false"),
      ("\"allow_direct\":true", "allow_direct true", "false"),
      ("\"subjects\":[\"a.b\"]", "subjects ['a.b']", "['weir.NAME.log']"),
      ("\"max_msgs_per_subject\":5", "max_msgs_per_subject 5", "-1"),
    ])
  func settings(_ setting: String, _ found: String, _ wanted: String) throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    guard case .object(var fields) = StreamSettings.log(settings, metadata: [:]).creation,
      case .object(let changed)? = JSONValue(Array("{\(setting)}".utf8))
    else { return }
    fields.merge(changed) { _, new in new }
    let json = String(decoding: JSONWriter.bytes(of: .object(fields)), as: UTF8.self)
    let answer = try server.ask("STREAM.CREATE.\(settings.streamName)", json)
    #expect(!answer.contains("\"error\""), "\(answer)")
    let should = wanted.replacing("NAME", with: settings.name)
    let remedy =
      setting.contains("max_bytes")
      ? "give --cluster.log-size as the nodes of this cluster have it, or change the stream."
      : "change it there."
    #expect(
      failure(opening: settings)
        == .unusable(
          "The stream \(settings.streamName) has \(found), and it must be \(should); \(remedy)"))
  }

  @Test("a server without JetStream")
  func noJetStream() throws {
    let server = try NATSServerProcess()
    server.end()
    server.folder.write("nats.conf", Array("listen: \"127.0.0.1:\(server.port)\"\n".utf8))
    try server.start()
    #expect(
      failure(opening: try server.settings())
        == .unusable(
          "JetStream is not enabled on the NATS server or for this account; set it up in the"
            + " server's configuration (jetstream)."))
  }

  @Test("more replicas than servers")
  func replicas() throws {
    let server = try NATSServerProcess()
    var settings = try server.settings()
    settings.replicas = 3
    #expect(
      failure(opening: settings)
        == .unusable(
          "NATS can't make the stream \(settings.streamName): the servers are no cluster, so"
            + " there can be 1 replica only."))
  }

  @Test("limits of the account and of the server")
  func limits() throws {
    let server = try NATSServerProcess()
    server.end()
    server.write("", jetStream: "max_file_store: 10MB")
    try server.start()
    let settings = try server.settings()
    let remedy =
      "insufficient storage resources available; lower --cluster.log-size, of which the bucket of states has a "
      + "quarter, or give JetStream more room (max_file_store of the servers, or the limits of the account)."
    #expect(
      failure(opening: settings)
        == .full(
          "NATS can't make the stream \(settings.streamName) with room for 1 GiB on 1 server: \(remedy)"
        ))
    // There is room for the log, and not for the bucket.
    var small = settings
    small.logBytesMax = 4 << 20
    #expect(
      failure(opening: small)
        == .full(
          "NATS can't make the bucket of states OBJ_\(settings.bucket) with room for 16 MiB on 1 server: \(remedy)"
        ))
  }

  @Test("the bucket has a quarter of the log, and not too little")
  func sizes() throws {
    var settings = try NATSSettings(servers: ["nats://a:1"], name: "a")
    settings.logBytesMax = 4 << 30
    #expect(settings.storeBytesMax == 1 << 30)
    settings.logBytesMax = 16 << 20
    #expect(settings.storeBytesMax == 16 << 20)
  }

  @Test("a log's bounds say how much room it has")
  func room() throws {
    let server = try NATSServerProcess()
    var settings = try server.settings()
    settings.logBytesMax = 32 << 20
    let setup = try server.open(settings)
    defer { setup.log.close() }
    _ = try setup.log.store(Array(repeating: 7, count: 1_000), as: 1)
    let bounds = try setup.log.bounds(milliseconds: 60_000)
    #expect(bounds.bytesMax == 32 << 20)
    #expect((1_000...2_000).contains(bounds.bytes))
  }

  @Test("no server, and a wrong address")
  func nobody() throws {
    let port = try NATSServerProcess.freePort()
    let settings = try NATSSettings(servers: ["nats://u:secret@127.0.0.1:\(port)"], name: "a")
    #expect(
      failure(opening: settings, milliseconds: 1_500)
        == .disconnected(
          "The NATS server nats://127.0.0.1:\(port) can't be reached: Connection refused."))
    let web = try Greeter("HTTP/1.1 400 Bad Request\r\n\r\n")
    #expect(
      failure(opening: try NATSSettings(servers: ["nats://127.0.0.1:\(web.port)"], name: "a"))
        == .unusable(
          "nats://127.0.0.1:\(web.port) does not greet as a NATS server does; check the address."))
  }

  @Test(
    "servers that are too old",
    arguments: [("2.9.10", true), ("2.11.8", true), ("nonsense", true), ("2.15.1", false)])
  func old(_ version: String, _ hasHeaders: Bool) throws {
    let greeter = try Greeter(
      "INFO {\"server_id\":\"X\",\"version\":\"\(version)\",\"headers\":\(hasHeaders),"
        + "\"max_payload\":1048576}\r\n")
    #expect(
      failure(opening: try NATSSettings(servers: ["nats://127.0.0.1:\(greeter.port)"], name: "a"))
        == .unusable(
          "The NATS server nats://127.0.0.1:\(greeter.port) has version \(version); install"
            + " nats-server 2.12.0 or newer."))
  }

  @Test("a server that takes no large messages")
  func smallMessages() throws {
    let server = try NATSServerProcess("max_payload: 65536")
    #expect(
      failure(opening: try server.settings())
        == .unusable(
          "The NATS server \(server.url) takes messages of at most 65536 bytes; set max_payload"
            + " to at least 1048576 there."))
  }

  @Test("one server of several is enough")
  func several() throws {
    let server = try NATSServerProcess()
    let port = try NATSServerProcess.freePort()
    let greeter = try Greeter("INFO {\"version\":\"1.0.0\"}\r\n")
    let settings = try NATSSettings(
      servers: [
        "nats://127.0.0.1:\(port)", "nats://127.0.0.1:\(greeter.port)", server.url,
      ], name: "a")
    let setup = try server.open(settings)
    defer { setup.log.close() }
    #expect(setup.log.connection.server == server.url)
  }

  @Test("a server that hangs holds nobody up")
  func hanging() throws {
    let (hanging, server) = (try NATSServerProcess(), try NATSServerProcess())
    hanging.signal(SIGSTOP)
    for _ in 0..<3 {
      let setup = try server.open(
        NATSSettings(servers: [hanging.url, server.url], name: "a"))
      defer { setup.log.close() }
      #expect(setup.log.connection.server == server.url)
    }
    #expect(
      failure(opening: try hanging.settings(), milliseconds: 4_000)
        == .disconnected(
          "The NATS server \(hanging.url) can't be reached: Connection timed out."))
  }
}
