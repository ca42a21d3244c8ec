import Foundation
import Testing

extension SystemTests {
  @Suite("weir forget")
  struct ForgetTests {
    @Test("removes series from a running Weir, which counts on from there")
    func forget() throws {
      let weir = try Weir("--web.enable-lifecycle")
      let address = try weir.webAddress()
      func run(_ arguments: String...) throws -> (ending: ChildProcess.Ending, output: String) {
        let result = try runProgram(
          try Programs.weir(), ["forget", "--web.listen-address=\(address)"] + arguments)
        return (result.ending, result.output)
      }
      try weir.send("bad_total:3|c|#user:u1\nbad_total:3|c|#user:u2", "good_total:1|c|#user:u1")
      _ = try weir.scrape(afterDatagrams: 2)
      let dry = try run("bad_*{user=\"u*\"}", "--dry-run")
      #expect(dry.ending == .exit(0))
      #expect(dry.output == "would forget 2 series of 1 name\n  bad_total  2\n")
      #expect(try weir.scrape().sum("bad_total") == 6)
      #expect(try run("bad_*{user=\"u*\"}").output == "forgot 2 series of 1 name\n  bad_total  2\n")
      let page = try weir.scrape()
      #expect(page.family("bad_total") == nil)
      #expect(page.value("good_total", ["user": "u1"]) == 1)
      #expect(page.value("weir_series_forgotten_total", ["type": "counter"]) == 2)
      #expect(try run("bad_*{user=\"u*\"}").ending == .exit(1))
      #expect(try run("*").ending == .exit(2))
      try weir.send("bad_total:4|c|#user:u1")
      let again = try weir.scrape(until: "The new series") { $0.family("bad_total") != nil }
      #expect(again.value("bad_total", ["user": "u1"]) == 4)
      let answer = try CurlAnswer(
        "http://\(address)/api/v1/forget?match%5B%5D=bad_total", ["-X", "POST"])
      #expect(answer.status == 200)
      #expect(try weir.scrape().family("bad_total") == nil)
    }

    @Test("keeps a client's total, also over a restart: only what comes later is counted")
    func client() throws {
      let folder = try StateFolder()
      let udp = try TestSocket.freeAddress()
      let first = try Weir(folder.flag, "--statsd.listen-udp=\(udp)")
      let client = try ChildProcess(
        try Programs.python(), [try Programs.client("push_steps.py"), udp, folder.path])
      /// Lets the client count so many more, and push that.
      func step(_ name: String, _ amount: Int) throws {
        // Renamed, so that the client never sees half of it.
        try "\(amount)".write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
        _ = try eventually("The client's \(name)", within: 30) {
          FileManager.default.fileExists(atPath: "\(folder.path)/\(name).done") ? true : nil
        }
      }
      func forget(_ weir: Weir) throws -> String {
        try runProgram(
          try Programs.weir(),
          ["forget", "--web.listen-address=\(try weir.webAddress())", "steps_*"]
        ).output
      }
      try step("step1", 5)
      _ = try first.scrape(until: "The first total") { $0.value("steps_total") == 5 }
      #expect(
        try forget(first) == "forgot 2 series of 2 names\n  steps_seconds  1\n  steps_total  1\n")
      // It pushes again, but nothing of what was forgotten.
      try step("step2", 0)
      let none = try first.scrape(until: "The other series") { $0.value("other_total") == 2 }
      #expect(none.family("steps_total") == nil)
      #expect(none.family("steps_seconds") == nil)
      #expect(none.value("weir_series_forgotten_total", ["type": "histogram"]) == 1)
      #expect(try first.stop() == .exit(0))
      let second = try Weir(folder.flag, "--statsd.listen-udp=\(udp)")
      #expect(try second.scrape().family("steps_total") == nil)
      try step("step3", 0)
      let still = try second.scrape(until: "The other series") { $0.value("other_total") == 3 }
      #expect(still.family("steps_total") == nil)
      try step("step4", 7)
      let gained = try second.scrape(until: "The gain") { $0.family("steps_total") != nil }
      #expect(gained.value("steps_total") == 7)
      #expect(gained.value("steps_seconds_count") == 7)
      #expect(try client.wait(within: 30) == .exit(0))
    }
  }
}
