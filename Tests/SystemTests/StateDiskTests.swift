import Foundation
import Testing

extension WaitingTests {
  /// What happens when the disk of the state fails. Disks are file systems in memory, in a mount namespace of
  /// the server; where that is not permitted, these tests fail.
  @Suite("A disk that fails")
  struct StateDiskTests {
    private func protection(_ weir: Weir, _ value: Double) throws -> Page {
      try weir.scrape(until: "weir_state_protected \(value)", within: 90) {
        $0.value("weir_state_protected") == value
      }
    }

    @Test("when it is full, scrapes are served, and the state comes back when there is room")
    func full() throws {
      let folder = try StateFolder()
      let weir = try Weir.start([folder.flag], by: try folder.asDisk(kilobytes: 256))
      try weir.send("hits_total:5|c")
      _ = try protection(weir, 1)
      let room = folder.seen(by: weir) + "/room"
      // As much as there is room for.
      _ = try runProgram(
        "/bin/sh", ["-c", "dd if=/dev/zero of=\"$0\" bs=4096 count=1000 2>/dev/null; true", room])
      for index in 0..<200 { try weir.send("more_total:1|c|#index:\(index)") }
      let page = try protection(weir, 0)
      #expect(page.value("hits_total") == 5)
      #expect(
        weir.log.contains { $0["msg"]?.hasPrefix("the state is not saved: Weir goes on") == true })
      #expect(!FileManager.default.fileExists(atPath: folder.seen(by: weir) + "/weir.state"))
      try FileManager.default.removeItem(atPath: room)
      _ = try protection(weir, 1)
      #expect(weir.logged("the state is saved again") != nil)
      #expect(FileManager.default.fileExists(atPath: folder.seen(by: weir) + "/weir.state"))
      #expect(try weir.stop() == .exit(0))
    }

    @Test("when it is read-only, scrapes are refused or served", arguments: [false, true])
    func readOnly(serves: Bool) throws {
      let folder = try StateFolder()
      let weir = try Weir.start(
        [folder.flag] + (serves ? ["--state.on-error=serve"] : []),
        by: try folder.asDisk(kilobytes: 1_024))
      try weir.send("hits_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      try mount(folder, weir, "mount -t tmpfs -o ro tmpfs \"$1\"")
      if serves {
        let page = try protection(weir, 0)
        #expect(page.value("hits_total") == 5)
      } else {
        let answer = try eventually("A refusal", within: 20) {
          let answer = try http(try weir.webAddress(), "/metrics")
          return answer.status == 503 ? answer : nil
        }
        #expect(answer.text.hasPrefix("the state file can't be removed: "))
        #expect(try http(try weir.webAddress(), "/metrics", method: "HEAD").status == 200)
      }
      try mount(folder, weir, "umount \"$1\"")
      _ = try eventually("A page", within: 90) {
        let answer = try http(try weir.webAddress(), "/metrics")
        return answer.status == 200 && answer.text.contains("weir_state_protected 1\n") ? true : nil
      }
      #expect(try weir.stop() == .exit(0))
    }

    /// Runs a command where the server sees its disks; `$1` is the directory.
    ///
    /// A disk with a file that is open for writing can't be remounted read-only, so another one is mounted over it.
    private func mount(_ folder: StateFolder, _ weir: Weir, _ command: String) throws {
      let result = try runProgram(
        "/bin/sh",
        [
          "-c", "exec nsenter -t \"$0\" -m /bin/sh -c \"$2\" sh \"$1\"", "\(weir.process.pid)",
          folder.path, command,
        ])
      try #require(result.ending == .exit(0), "\(result.error)")
    }

    @Test(
      "when it hangs, scrapes are refused or served, and what was counted meanwhile is kept after it",
      .enabled(if: geteuid() == 0, "only root may mount the disk that is frozen here"),
      arguments: [false, true])
    func hangs(serves: Bool) throws {
      let folder = try StateFolder()
      let disk = try folder.asDiskThatFreezes()
      let flags = [folder.flag] + (serves ? ["--state.on-error=serve"] : [])
      let weir = try Weir.start(flags, by: disk)
      try weir.send("hits_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      try mount(folder, weir, "fsfreeze -f \"$1\"")
      do {
        // Else neither the server nor the file system could ever be ended.
        defer { try? mount(folder, weir, "fsfreeze -u \"$1\"") }
        if serves {
          #expect(try protection(weir, 0).value("hits_total") == 5)
        } else {
          let answer = try eventually("A refusal", within: 20) {
            let answer = try http(try weir.webAddress(), "/metrics")
            return answer.status == 503 ? answer : nil
          }
          #expect(answer.text.hasPrefix("the disk did not remove the state file in time"))
        }
        try weir.send("hits_total:6|c")
      }
      let page = try eventually("A page", within: 90) {
        let answer = try http(try weir.webAddress(), "/metrics")
        let page = answer.status == 200 ? try Page(answer.text) : nil
        return page?.value("weir_state_protected") == 1 ? page : nil
      }
      #expect(page.value("hits_total") == 11)
      #expect(page.value("weir_state_commits_total", ["result": "late"]) == 1)
      try weir.kill()
      let next = try Weir.start(flags, by: disk)
      #expect(try next.scrape().value("hits_total") == 11)
      #expect(try next.stop() == .exit(0))
    }

    @Test("when the directory vanishes, scrapes are served, and the state comes back with it")
    func vanishes() throws {
      let folder = try StateFolder()
      let weir = try Weir(folder.flag)
      try weir.send("hits_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      try FileManager.default.removeItem(atPath: folder.path)
      let page = try protection(weir, 0)
      #expect(page.value("hits_total") == 5)
      try FileManager.default.createDirectory(
        atPath: folder.path, withIntermediateDirectories: false)
      _ = try protection(weir, 1)
      #expect(folder.hasState)
      #expect(try weir.stop() == .exit(0))
    }
  }
}
