import Foundation
import TestSupport
import Testing
import WeirCluster
import WeirJSON

@testable import WeirNATS

@Suite struct NATSParsingTests {
  @Test("the place of a message in its stream")
  func places() throws {
    let place = try #require(StreamPlace("$JS.ACK.weir_a.weir_x.1.42.7.1700000000123456789.5"))
    #expect(place.stream == "weir_a")
    #expect(place.consumer == "weir_x")
    #expect(place.sequence == 42)
    #expect(place.consumerSequence == 7)
    #expect(place.nanoseconds == 1_700_000_000_123_456_789)
    for rest in ["", ".abc"] {
      let long = "$JS.ACK._.hash.weir_a.weir_x.1.42.7.1700000000123456789.5\(rest)"
      #expect(StreamPlace(long) == place)
    }
  }

  @Test(
    "what is no place of a message",
    arguments: [
      "", ".", "........", "$JS.ACK", "$JS.ACK.a.b.1.2.3.4", "$JS.NAK.a.b.1.2.3.4.5",
      "JS.ACK.a.b.1.2.3.4.5", "$JS.ACK..b.1.2.3.4.5", "$JS.ACK.a.b.1.0.3.4.5",
      "$JS.ACK.a.b.1.2.0.4.5", "$JS.ACK.a.b.1.-2.3.4.5", "$JS.ACK.a.b.1.+2.3.4.5",
      "$JS.ACK.a.b.1.18446744073709551616.3.4.5", "$JS.ACK.a.b.1.9223372036854775808.3.4.5",
      "$JS.ACK.a.b.1.2.3.4é.5", "$JS.ACK.a.b.1.2x.3.4.5", "$JS.ACK.a.b.1. 2.3.4.5",
      "$JS.ACK.a.b.1.2.3.4.5.6", String(repeating: "$JS.ACK.", count: 10_000),
    ])
  func noPlaces(_ subject: String) { #expect(StreamPlace(subject) == nil) }

  @Test("hostile subjects and answers are read without a trap")
  func hostile() {
    var random = SeededGenerator(seed: 20_261_127)
    let starts = [
      "$JS.ACK.weir_a.weir_x.1.42.7.1700000000123456789.5", "INFO {\"version\":\"2.15.1\"}",
      "{\"error\":{\"code\":503,\"err_code\":10077,\"description\":\"maximum bytes exceeded\"}}",
      "{\"stream\":\"weir_a\",\"seq\":12}", "2026-11-27T09:07:47.123456789Z", "2.15.1",
      "{\"created\":\"x\",\"config\":{\"metadata\":{\"a\":\"b\"},\"num_replicas\":3},"
        + "\"state\":{\"messages\":1,\"first_seq\":1,\"last_seq\":1,\"bytes\":9}}",
      "{\"name\":\"a\",\"bucket\":\"b\",\"nuid\":\"n\",\"size\":10,\"chunks\":1,\"deleted\":true}",
      "nats://user:p%40ss@[::1]:4222",
    ].map { Array($0.utf8) }
    for _ in 0..<20_000 {
      var bytes = random.pick(starts)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 1: if index < bytes.count { bytes.remove(at: index) }
        case 2: bytes = Array(bytes.prefix(index))
        default:
          let digits = "99999999999999999999999e308-1.5"
          bytes.insert(
            contentsOf: digits.utf8.prefix(Int.random(in: 1...31, using: &random)), at: index)
        }
      }
      read(bytes)
    }
  }

  private func read(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = StreamPlace(text)
    _ = NATSGreeting(text)
    _ = NATSTime.milliseconds(text)
    _ = NATSVersion(text)
    _ = ObjectInfo(bytes)
    _ = try? NATSServer(text)
    _ = Base64.bytes(text, .usual)
    let message = NATSMessage(subject: text, reply: text, payload: bytes)
    _ = PublishAnswer(message)
    _ = NATSPosts.outcome(message, prefix: "_INBOX.a")
    if let value = JSONValue(bytes) {
      _ = StreamInfo(value)
      _ = JetStreamError(value)?.failure("do this")
      _ = ObjectInfo(JSONWriter.bytes(of: value))
    }
  }

  @Test("numbers that are no sequences are refused, not clamped")
  func numbers() {
    for number in ["-1", "1.5", "1e300", "\"1\"", "null", "18446744073709551616"] {
      let json =
        "{\"created\":\"x\",\"state\":{\"messages\":1,\"first_seq\":1,\"last_seq\":\(number)}}"
      let value = JSONValue(Array(json.utf8))
      #expect(value.flatMap { StreamInfo($0) } == nil, "\(number)")
      let answer = "{\"stream\":\"a\",\"seq\":\(number)}"
      let message = NATSMessage(subject: "a", reply: nil, payload: Array(answer.utf8))
      #expect(PublishAnswer(message) == nil, "\(number)")
    }
  }

  @Test("answers to posts")
  func outcomes() {
    func outcome(_ subject: String, _ json: String, status: String? = nil) -> PostOutcome? {
      var message = NATSMessage(subject: subject, reply: nil, payload: Array(json.utf8))
      message.status = status
      return NATSPosts.outcome(message, prefix: "_INBOX.a")
    }
    #expect(
      outcome("_INBOX.a.17", "{\"stream\":\"s\",\"seq\":4}")
        == PostOutcome(number: 17, result: .stored(sequence: 4)))
    let full =
      "{\"error\":{\"code\":503,\"err_code\":10077,\"description\":\"maximum bytes exceeded\"}}"
    #expect(
      outcome("_INBOX.a.1", full)?.result
        == .refused(.full("The log is full (maximum bytes exceeded).")))
    let large = full.replacing("503", with: "400").replacing("10077", with: "10054")
      .replacing("maximum bytes exceeded", with: "message size exceeds maximum allowed")
    #expect(
      outcome("_INBOX.a.1", large)?.result
        == .refused(
          .other("The NATS server refuses the message (message size exceeds maximum allowed).")))
    let passing = full.replacing("10077", with: "10008")
    #expect(
      outcome("_INBOX.a.1", passing)?.result
        == .refused(
          .noLeader(
            "No NATS server stores messages of the log at the moment (maximum bytes exceeded).")))
    #expect(outcome("_INBOX.a.1", "", status: "503") == nil)
    for subject in ["_INBOX.b.1", "_INBOX.a.", "_INBOX.a.x", "_INBOX.a.1.2", "_INBOX.a1", ""] {
      #expect(outcome(subject, "{\"stream\":\"s\",\"seq\":4}") == nil)
    }
    for json in ["", "{}", "[]", "{\"seq\":0,\"stream\":\"s\"}", "{\"seq\":3}"] {
      #expect(outcome("_INBOX.a.1", json) == nil)
    }
  }

  @Test(
    "times",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-27T09:07:47.123456789Z", 1_795_770_467_123),
      ("2024-02-29T23:59:59.9Z", 1_709_251_199_900), ("2000-03-01T01:00:00+01:00", 951_868_800_000),
    ])
  func times(_ text: String, _ milliseconds: UInt64) {
    #expect(NATSTime.milliseconds(text) == milliseconds)
  }

  @Test(
    "what is no time",
    arguments: [
      "", "2026-11-27", "2026-11-27T09:07:47", "0001-01-01T00:00:00Z", "2026-13-27T09:07:47Z",
      "2026-11-27T09:07:47.Z", "2026-11-27T09:07:47+1:00", "2026-11-27 09:07:47Z",
    ])
  func noTimes(_ text: String) { #expect(NATSTime.milliseconds(text) == nil) }

  @Test("base64 as Foundation has it")
  func base64() {
    var random = SeededGenerator(seed: 64)
    for count in 0..<200 {
      let bytes = random.bytes(count: count)
      let text = Data(bytes).base64EncodedString()
      #expect(Base64.text(bytes, .usual) == text)
      #expect(Base64.bytes(text, .usual) == bytes)
      let url = text.replacing("+", with: "-").replacing("/", with: "_")
      #expect(Base64.text(bytes, .url) == url)
      #expect(Base64.bytes(url, .url) == bytes)
    }
    for text in ["A", "AA", "AAA", "AA=A", "====", "AB==", "AAB=", "A===", "AAA\n", "+/=="] {
      #expect(Base64.bytes(text, .url) == nil, "\(text)")
    }
  }

  @Test("what an object is, as the tools of NATS write it")
  func objects() throws {
    let json = """
      {"name":"state-1","options":{"max_chunk_size":131072},"bucket":"weir_a",\
      "nuid":"xQ2lq0n5n3o8GJ2Ozk2Rn5","size":20000000,"mtime":"0001-01-01T00:00:00Z",\
      "chunks":153,"digest":"SHA-256=abc="}
      """
    let info = try #require(ObjectInfo(Array(json.utf8)))
    #expect(info.name == "state-1")
    #expect(info.bytes == 20_000_000)
    #expect(info.chunks == 153)
    #expect(info.sequence == nil)
    #expect(info.subject == "$O.weir_a.M.c3RhdGUtMQ==")
    var other = info
    other.sequence = 77
    #expect(ObjectInfo(other.json) == other)
    for wrong in [
      "{}", "[]", "{\"name\":\"a\",\"bucket\":\"b\",\"nuid\":\"*\"}",
      "{\"name\":\"a\",\"bucket\":\"b\",\"nuid\":\"a.>\"}",
      "{\"name\":\"a\",\"bucket\":\"b\",\"nuid\":\"n\",\"chunks\":-1}",
      "{\"name\":\"a\",\"bucket\":\"b\",\"nuid\":\"n\",\"options\":{\"link\":{\"bucket\":\"c\"}}}",
    ] {
      #expect(ObjectInfo(Array(wrong.utf8)) == nil, "\(wrong)")
    }
  }

  @Test("versions")
  func versions() throws {
    let least = NATSSettings.versionMin
    for text in ["2.12.0", "2.15.1", "v2.12.3", "3.0.0", "2.12.0-RC.1", "2.12"] {
      #expect(try #require(NATSVersion(text)) >= least, "\(text)")
    }
    for text in ["2.11.99", "2.9.10", "1.4.1", "0.0.0"] {
      #expect(try #require(NATSVersion(text)) < least, "\(text)")
    }
    for text in ["", "2", "2.", "a.b.c", "2.12.x", "99999.1.1", "-1.2.3"] {
      #expect(NATSVersion(text) == nil, "\(text)")
    }
  }
}
