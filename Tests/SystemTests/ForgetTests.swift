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
  }
}
