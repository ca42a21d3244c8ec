import Foundation
import Testing

extension WaitingTests {
  /// `weir top`, `weir tap`, `weir completion` and `weir man`.
  @Suite struct Terminal {
    private let folder: CaptureFolder

    init() throws { folder = try CaptureFolder() }

    /// A command for a shell: `weir top` in a process whose number goes into a file.
    private func top(_ url: String, pid file: String) throws -> String {
      "bash -c 'echo $$ >\(file); exec \(try Programs.weir()) top --interval=200ms --url=\(url)'"
    }

    private func pid(_ file: String) throws -> pid_t {
      try #require(pid_t(try String(contentsOfFile: file, encoding: .utf8).dropLast()))
    }

    private func weir(
      _ words: String..., locale: String = "C.UTF-8"
    ) throws -> (ending: ChildProcess.Ending, output: String, error: String) {
      try runProgram("/usr/bin/env", ["LC_ALL=\(locale)", try Programs.weir()] + words)
    }

    @Test func `the report has status 1 if data is lost, and 3 without a server`() throws {
      let server = try ApiServer(prefix: "/behind/a")
      let result = try weir("top", "--once", "--url=\(server.url)")
      #expect(result.ending == .exit(0))
      for text in [
        "Weir 9.9", "mock\\u{1b}]0;owned\\u{07}", "12.3 k lines/s", "first_name", "10.9.8.7",
        "the_limit",
      ] {
        #expect(result.output.contains(text), "\(text)")
      }
      #expect(!result.output.contains("\u{1b}") && !result.output.contains("\u{202e}"))
      #expect(try weir("top", "--url=\(server.url)/metrics").output.contains("first_name"))
      let plain = try weir("top", "--url=\(server.url)", locale: "C")
      #expect(plain.output.utf8.allSatisfy { $0 < 0x80 } && plain.output.contains("first_name"))
      let bad = try ApiServer(prefix: "/bad")
      #expect(try weir("top", "--once", "--url=\(bad.url)").ending == .exit(1))
      let json = try weir("top", "--once", "--json", "--url=\(server.url)")
      #expect(json.output.split(separator: "\n").count == 1 && json.output.hasPrefix("{"))
      #expect(!json.output.contains("\u{202e}"))
      try server.stop()
      #expect(try weir("top", "--once", "--url=\(server.url)").ending == .exit(3))
      #expect(try weir("top", "--view=nothing").ending == .exit(2))
      let (empty, none) = (folder.path("empty"), folder.path("none"))
      try Data().write(to: URL(filePath: empty))
      // Not 1, which says that data is lost.
      let unasked = try weir("top", "--once", "--user=a", "--password-file=\(empty)")
      #expect(unasked.ending == .exit(3))
      #expect(
        unasked.error
          == "weir: --password-file: \(empty): the first line is empty; write the password there\n")
      #expect(
        try weir("top", "--url=https://127.0.0.1:9", "--ca-file=\(none)").error
          == "weir: \(none): there is no such file; name a file of certificates in PEM with --ca-file\n"
      )
    }

    @Test func `the tap shows lines, counts them, and says what it could not show`() throws {
      let server = try ApiServer()
      let result = try weir("tap", "--url=\(server.url)", "--count-by=shop")
      #expect(result.ending == .exit(0))
      #expect(result.output.contains("14:13:20.001Z  10.0.0.1:5  a\\u{1b}[31m.b:0|c|#shop:de\n"))
      #expect(result.output.contains("… 12,480 lines matched that are not shown\n"))
      #expect(result.output.hasSuffix("          3    100 %  de\n"))
      #expect(result.error == "weir: 3 lines shown, 12,480 more matched\n")
      #expect(try weir("tap", "--url=\(server.url)", "--name=none").ending == .exit(1))
      let refused = try weir("tap", "--url=\(server.url)", "--refused", "--reason=nonsense")
      #expect(refused.ending == .exit(2) && refused.error.contains("write another reason"))
      #expect(try weir("tap", "--accepted", "--refused").ending == .exit(2))
      let json = try weir("tap", "--json", "--url=\(server.url)")
      #expect(json.output.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
      let waiting = try ChildProcess(
        try Programs.weir(), ["tap", "--url=\(server.url)", "--name=wait"])
      _ = try eventually("lines") { waiting.standardOutput.contains("12,480") ? () : nil }
      waiting.signal(SIGINT)
      #expect(try waiting.wait() == .exit(0))
      #expect(waiting.standardError.contains("3 lines shown"))
      try server.stop()
      #expect(try weir("tap", "--url=\(server.url)").ending == .exit(3))
    }

    @Test(arguments: ["q", "C-c", "TERM", "HUP"])
    func `the terminal is as it was, whatever ends it`(ending: String) throws {
      let server = try ApiServer()
      let tmux = try Tmux()
      let file = folder.path("pid")
      let command = try top(server.url, pid: file)
      try tmux.type("stty -a | md5sum; \(command); echo st\"\"atus $?; stty -a | md5sum\n")
      try tmux.wait(for: "2 senders")
      #expect(try tmux.screen().contains("first_name"))
      if ["TERM", "HUP"].contains(ending) {
        kill(try pid(file), ending == "TERM" ? SIGTERM : SIGHUP)
      } else {
        try tmux.press(ending)
      }
      try tmux.wait(for: "status 0")
      _ = try eventually("both sums") {
        let sums = try tmux.screen().split(separator: "\n").filter { $0.hasSuffix("  -") }
        return sums.count == 2 && sums[0] == sums[1] ? () : nil
      }
    }

    @Test(arguments: ["C-z", "TSTP"])
    func `a stopped screen gives the terminal back, and fg takes it again`(way: String) throws {
      let server = try ApiServer()
      let tmux = try Tmux()
      let (pids, sums) = (folder.path("pid"), folder.path("sums"))
      let sum = "stty -a | md5sum >>\(sums)"
      let command = try top(server.url, pid: pids)
      try tmux.type("\(sum); \(command)\n")
      for round in 1...2 {
        try tmux.wait(for: "2 senders")
        if way == "C-z" {
          try tmux.press(way)
        } else {
          kill(try pid(pids), SIGTSTP)
        }
        // On the shell's own screen, bash tells of the stopped job.
        try tmux.wait(for: "Stopped")
        #expect(!(try tmux.screen().contains("2 senders")))
        if round == 1 {
          // In the background it stops again, and leaves the screen and the terminal alone.
          try tmux.type("clear; bg; while jobs | grep -q Running; do sleep 0.1; done; jobs\n")
          try tmux.wait(for: "Stopped")
          #expect(!(try tmux.screen().contains("2 senders")))
        }
        try tmux.type("\(sum); echo st\"\"ty \(round)\n")
        try tmux.wait(for: "stty \(round)")
        try tmux.type("clear; fg\n")
        try tmux.wait(for: "first_name")
        // The terminal is raw again: a key works without Enter.
        try tmux.press("3")
        try tmux.wait(for: "the_limit")
        try tmux.press("1")
        try tmux.wait(for: "first_name")
      }
      try tmux.press("q")
      try tmux.type("\(sum); echo en\"\"ded\n")
      try tmux.wait(for: "ended")
      let lines = try String(contentsOfFile: sums, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 4 && Set(lines).count == 1)
    }

    @Test func `keys choose, a resize fits, an outage is shown and ends`() throws {
      var server = try ApiServer()
      let tmux = try Tmux()
      try tmux.type("\(try Programs.weir()) top --interval=200ms --url=\(server.url)\n")
      try tmux.wait(for: "first_name")
      try tmux.press("2")
      try tmux.wait(for: "10.9.8.7")
      try tmux.press("3")
      try tmux.wait(for: "the_limit")
      try tmux.press("?")
      try tmux.wait(for: "draw the screen again")
      try tmux.press("?")
      try tmux.press("p")
      try tmux.wait(for: "PAUSED")
      try tmux.press("p")
      try tmux.resize(columns: 50, rows: 12)
      try tmux.wait(for: "the_limit")
      try server.stop()
      try tmux.wait(for: "Weir has not answered since")
      server = try ApiServer(port: server.port)
      _ = try eventually("the end of the outage", within: 60) {
        try tmux.screen().contains("not answered") ? nil : ()
      }
      try tmux.press("q")
    }

    @Test func `completions and the manual page are read by what they are for`() throws {
      let script = "source <(\(try Programs.weir()) completion bash); complete -p weir; "
      func completed(_ words: String) throws -> [String] {
        try runProgram(
          "/bin/bash",
          [
            "-c",
            script
              + "COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _weir; printf '%s\\n' \"${COMPREPLY[@]}\"",
          ]
        ).output.split(separator: "\n").map(String.init)
      }
      // What is not whole has another status than 0.
      for words in ["man", "completion bash", "--help"] {
        let full = try runProgram("/bin/sh", ["-c", "\(try Programs.weir()) \(words) >/dev/full"])
        #expect(full.ending == .exit(1))
        #expect(full.error.hasPrefix("weir: the output cannot be written"))
      }
      #expect(try completed("weir to") == ["complete -F _weir weir", "top"])
      #expect(try completed("weir top --vi").dropFirst() == ["--view="])
      #expect(try completed("weir top --view = s").dropFirst() == ["senders"])
      #expect(try completed("weir --log.level = w").dropFirst() == ["warn"])
      #expect(try completed("weir state ch").dropFirst().contains("check"))
      for shell in ["zsh", "fish"] {
        let file = folder.path(shell)
        let result = try runProgram(
          "/bin/bash",
          [
            "-c",
            "\(try Programs.weir()) completion \(shell) >\"$0\" && /usr/bin/\(shell) -n \"$0\"",
            file,
          ])
        #expect(result.ending == .exit(0) && result.error.isEmpty, "\(shell): \(result.error)")
      }
      let page = try runProgram(
        "/bin/bash",
        [
          "-c",
          "\(try Programs.weir()) man | LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -E UTF-8 -l - ",
        ])
      #expect(page.ending == .exit(0) && page.error.isEmpty, "\(page.error)")
      #expect(page.output.contains("--statsd.listen-udp=ADDRESS"))
      #expect(page.output.contains("OPTIONS OF WEIR TOP"))
    }
  }
}
