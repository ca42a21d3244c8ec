import Foundation
import Testing

extension WaitingTests {
  /// `weir health`, asked of servers that run.
  @Suite("weir health")
  struct HealthTests {
    private func ask(
      _ arguments: [String], by starter: [String] = []
    ) throws -> (ending: ChildProcess.Ending, output: String, error: String) {
      let words = starter + [try Programs.weir(), "health"] + arguments
      return try runProgram(words[0], Array(words.dropFirst()), within: 20)
    }

    private func expectReady(_ address: String) throws {
      let result = try ask(["--web.listen-address=\(address)"])
      #expect(result.ending == .exit(0))
      #expect(result.output == "weir at \(address) is ready\n")
      #expect(result.error.isEmpty)
    }

    private func expectNot(_ address: String, _ sentence: String, by starter: [String] = []) throws
    {
      let result = try ask(["--web.listen-address=\(address)"], by: starter)
      #expect(result.ending == .exit(1))
      #expect(result.output.isEmpty)
      #expect(result.error == "weir: \(sentence)\n")
    }

    private func none(_ address: String) -> String {
      "no weir serves \(address); start it, or use the --web.listen-address of the running weir"
    }

    @Test("finds each of several servers, and not one that has ended")
    func several() throws {
      let (first, second) = (try Weir(), try Weir())
      try expectReady(try first.webAddress())
      try expectReady(try second.webAddress())
      #expect(try first.stop() == .exit(0))
      try expectNot(try first.webAddress(), none(try first.webAddress()))
      try expectReady(try second.webAddress())
    }

    @Test("needs neither TLS nor a certificate nor a password, and counts towards no rate")
    func secured() throws {
      let certificates = try Certificates()
      let weir = try Weir(
        "--web.config.file="
          + (try certificates.configureTLS(
            ["client_ca_file: ca.crt", "client_auth_type: RequireAndVerifyClientCert"],
            and: Security.users + "rate_limit: {interval: 1h, burst: 1}\n")))
      for _ in 0..<3 { try expectReady(try weir.webAddress()) }
    }

    @Test("finds a server of all addresses by any of them")
    func wide() throws {
      let weir = try Weir("--web.listen-address=:0")
      let port = try HostPort(try weir.webAddress()).port
      for host in ["127.0.0.1", "[::1]", "[::]", "0.0.0.0", "10.1.2.3"] {
        try expectReady("\(host):\(port)")
      }
    }

    @Test("says so when a server stands still")
    func standing() throws {
      let weir = try Weir()
      weir.process.signal(SIGSTOP)
      defer { weir.process.signal(SIGCONT) }
      let address = try weir.webAddress()
      try expectNot(
        address, "weir at \(address) did not answer within 5 seconds; look at its log")
    }

    @Test("believes no other user, and gives no other user an answer", .enabled(if: geteuid() == 0))
    func otherUser() throws {
      let weir = try Weir()
      let address = try weir.webAddress()
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "weir-health-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      chmod(folder.path, 0o755)
      let python = """
        import os, socket, sys
        os.setuid(12345)
        if len(sys.argv) > 2: os.execv(sys.argv[2], sys.argv[2:])
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(10)
        client.connect('\\0weir-health/' + sys.argv[1])
        print(client.recv(100))
        """
      let copy = folder.appending(path: "weir").path
      // By another program: a copy that this one has open for writing can't run in a child that another test
      // has begun meanwhile.
      let copying = try runProgram("/bin/cp", [try Programs.weir(), copy])
      try #require(copying.ending == .exit(0), "\(copying.error)")
      chmod(copy, 0o755)
      let answer = try runProgram(try Programs.anyPython(), ["-c", python, address])
      #expect(answer.output == "b''\n")
      #expect(answer.error.isEmpty)
      let flag = "--web.listen-address=\(address)"
      let asked = try runProgram(
        try Programs.anyPython(), ["-c", python, address, copy, "health", flag])
      #expect(asked.ending == .exit(1))
      #expect(
        asked.error
          == "weir: the process that answers for \(address) belongs to user 0, not 12345; run this command as "
          + "the user of weir\n")
      try expectReady(address)
    }

    @Test("ends with status 1 for a wrong flag, because Docker keeps 2 for itself")
    func wrongFlag() throws {
      let wrong = try ask(["--web.listen-adress=:1"])
      #expect(wrong.ending == .exit(1))
      #expect(
        wrong.error
          == "weir: --web.listen-adress is not a flag of weir; did you mean --web.listen-address?\n"
      )
      try expectNot(
        "127.0.0.1:0",
        "--web.listen-address: port 0 does not identify a running weir; write the port from its log"
      )
    }

    @Test("helps")
    func helps() throws {
      let result = try ask(["--help"])
      #expect(result.ending == .exit(0))
      #expect(result.output.hasPrefix("usage: weir health [<flags>]\n"))
    }
  }
}
