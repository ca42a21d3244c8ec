import Foundation
import Testing

extension SystemTests {
  /// `/api/v1/senders`, and the rates of names.
  @Suite("The senders")
  struct SendersApiTests {
    private struct Sender {
      let how: String
      let lines: Double
      let refused: Double
      let framesReceived: Int?
      let framesLost: Int?
      let heardSeconds: Double?
    }

    private func senders(_ weir: Weir, _ query: String = "") throws -> [String: Sender] {
      let answer = try weir.api("senders\(query)")
      let all = try #require(answer["senders"] as? [[String: Any]])
      return Dictionary(
        uniqueKeysWithValues: try all.map { one in
          (
            try #require(one["name"] as? String),
            Sender(
              how: try #require(one["how"] as? String), lines: one["lines"] as? Double ?? -1,
              refused: one["refused"] as? Double ?? -1,
              framesReceived: one["frames_received"] as? Int,
              framesLost: one["frames_lost"] as? Int,
              heardSeconds: one["heard_seconds"] as? Double)
          )
        })
    }

    /// Waits until Weir has read this number of lines.
    private func read(_ lines: Double, _ weir: Weir) throws {
      _ = try eventually("\(lines) lines") {
        let page = try Page(try http(try weir.webAddress(), "/metrics").text)
        return page.sum("weir_lines_total") >= lines ? true : nil
      }
    }

    private func lines(_ line: String, _ count: Int) -> String {
      Array(repeating: line, count: count).joined(separator: "\n")
    }

    @Test("are addresses without ports, and paths, with their lines and what was refused of them")
    func text() throws {
      let folder = try SocketFolder()
      let path = "\(folder.path)/statsd.sock"
      let weir = try Weir("--statsd.listen-unixgram=\(path)")
      // Nobody has asked before, so that nothing of this is shown.
      try weir.send("early_total:1|c")
      try read(1, weir)
      #expect(try senders(weir).isEmpty)
      let address = try #require(weir.udp.first)
      for _ in 0..<3 {
        try SourceSocket(from: "127.0.0.1", to: address).send(lines("a_total:1|c", 100))
      }
      try SourceSocket(from: "127.0.0.2", to: address).send(
        lines("b_total:1|c", 60) + "\n" + lines("b_total:x|c", 40))
      try SourceSocket(toPath: path).send(lines("c_total:1|c", 100))
      try read(501, weir)
      let found = try senders(weir)
      #expect(Set(found.keys) == ["127.0.0.1", "127.0.0.2", path])
      for (name, sender) in found {
        #expect(sender.how == "text", "\(name)")
        #expect(sender.framesLost == nil && sender.framesReceived == nil)
        #expect(try #require(sender.heardSeconds) >= 0)
      }
      let (first, second) = (try #require(found["127.0.0.1"]), try #require(found["127.0.0.2"]))
      // What is some seconds older counts a little less.
      #expect((1.8...5).contains(first.lines / second.lines), "\(found)")
      #expect((0.3...0.5).contains(second.refused / second.lines), "\(found)")
      #expect(first.refused == 0)
      #expect((0.5...2).contains(try #require(found[path]).lines / second.lines), "\(found)")
      // The same is in the status, and others are those that a limit leaves out.
      let status = try weir.api("status")["senders"] as? [[String: Any]]
      #expect(Set((status ?? []).compactMap { $0["name"] as? String }) == Set(found.keys))
      let one = try weir.api("senders?limit=1")
      #expect((one["senders"] as? [Any])?.count == 1)
      let others = try #require(one["others"] as? [String: Any])
      #expect(others["senders"] as? Int == 2 && (others["lines"] as? Double ?? 0) > 0)
      #expect((one["sampled_seconds"] as? Double ?? 0) > 0)
    }

    /// Pushes, and gives the number of the instance.
    private func push(_ weir: Weir, _ words: [String] = []) throws {
      let program = try Programs.weir()
      let result = try runProgram(
        program,
        ["send", "--url=http://\(try weir.webAddress())", try #require(weir.udp.first), "--push"]
          + words + ["pushed_total:3|c", "other_total:1|c"])
      #expect(result.ending == .exit(0), "\(result.output) \(result.error)")
    }

    @Test("that push are instances, with their frames", arguments: [false, true])
    func push(isSigned: Bool) throws {
      let file = FileManager.default.temporaryDirectory
        .appending(path: "weir-keys-\(UUID().uuidString).yml")
      defer { try? FileManager.default.removeItem(at: file) }
      try "keys: [{id: a, secret: \(String(repeating: "0f", count: 16))}]\n"
        .write(to: file, atomically: true, encoding: .utf8)
      chmod(file.path, 0o600)
      let keys = isSigned ? ["--push.keys-file=\(file.path)"] : []
      let weir = try isSigned ? Weir("--push.keys-file=\(file.path)") : Weir()
      #expect(try senders(weir).isEmpty)
      try push(weir, keys)
      let found = try eventually("A sender") {
        let found = try senders(weir)
        return found.isEmpty ? nil : found
      }
      #expect(found.count == 1)
      let (name, sender) = try #require(found.first)
      #expect(sender.how == (isSigned ? "push, signed" : "push"))
      #expect(try #require(sender.framesReceived) >= 1 && sender.framesLost == 0)
      #expect(sender.lines > 0 && sender.refused == 0)
      let instances = try #require(try weir.api("instances")["instances"] as? [[String: Any]])
      #expect(instances.map { $0["instance"] as? String } == [name])
      // Text of the same host is another sender.
      try weir.send("a_total:1|c")
      _ = try eventually("The sender of text") {
        try senders(weir)["127.0.0.1"]?.how == "text" ? true : nil
      }
    }

    @Test("names have their share of the lines once somebody asks")
    func names() throws {
      let weir = try Weir()
      func rates() throws -> [String: Double?] {
        let names = try #require(
          try weir.api("names?sort=lines&limit=1000")["names"] as? [[String: Any]])
        return Dictionary(
          uniqueKeysWithValues: names.map { ($0["name"] as? String ?? "", $0["lines"] as? Double) })
      }
      try weir.send("a_total:1|c\nb_total:1|c")
      _ = try eventually("The names") { try rates().count == 2 ? true : nil }
      #expect(try rates().allSatisfy { $0.value == nil })
      let sender = try weir.sender()
      for number in 0..<1_000 {
        try sender.send(lines("a_total:1|c", 3) + "\nb_total:1|c")
        // So that the receive buffer does not overflow.
        if number.isMultiple(of: 50) { usleep(20_000) }
      }
      // Names are read from the answer before for two seconds.
      let found = try eventually("The rates") {
        let found = try rates()
        let all = found.values.compactMap(\.self)
        return all.count == 2 && all.reduce(0, +) > 20 ? found : nil
      }
      let (a, b) = (try #require(found["a_total"] ?? nil), try #require(found["b_total"] ?? nil))
      #expect((0.6...0.9).contains(a / (a + b)), "\(found)")
      let busiest = try weir.api("status")["names"] as? [[String: Any]]
      #expect(busiest?.map { $0["name"] as? String } == ["a_total", "b_total"])
    }
  }
}
