import Foundation
import Testing

extension SystemTests {
  /// Flags hold wherever the server is started.
  @Suite("The flags of the command line")
  struct ArgumentsTests {
    /// Asks for a password, and takes datagrams from nowhere near.
    private func expectProtection(by starter: [String]) throws {
      let certificates = try Certificates()
      let weir = try Weir.start(
        [
          "--web.config.file=\(try certificates.configure(WaitingTests.Security.users))",
          "--statsd.allow=10.0.0.0/8",
        ], by: starter)
      let web = "http://\(try weir.webAddress())/metrics"
      #expect(try CurlAnswer(web).status == 401)
      try weir.send("stranger_total:1|c")
      _ = try eventually("A datagram from nowhere near") {
        let answer = try CurlAnswer(web, ["-u", "prometheus:right"])
        #expect(answer.status == 200)
        #expect(!answer.text.contains("stranger_total"))
        let address = weir.udp[0]
        return answer.text.contains(
          "weir_datagrams_refused_total{listener=\"\(address)\",reason=\"source\"} 1\n")
          ? true : nil
      }
      #expect(try weir.stop() == .exit(0))
    }

    @Test("are refused if they are not UTF-8, because another text would be used")
    func invalidText() throws {
      let shell = #"exec "$0" explain "$(printf 'a:1|c|#k:\377')""#
      let weir = try ChildProcess("/bin/sh", ["-c", shell, try Programs.weir()])
      #expect(try weir.wait(within: 20) == .exit(2))
      #expect(
        weir.standardError
          == "weir: argument 2 is not valid UTF-8; write it in UTF-8, or give such a line to weir "
          + "explain on its standard input\n")
    }

    /// Flags would hold there; but Dispatch would end the server when it is busy.
    @Test(
      "do not matter where /proc does not show the server, because it does not start there",
      arguments: [
        [
          "-m", "/bin/sh", "-c", "mount -t tmpfs none /proc && test ! -e /proc/self && exec \"$@\"",
          "sh",
        ],
        ["--pid", "--fork"],
      ])
    func withoutProc(unshare: [String]) throws {
      let words =
        (geteuid() == 0 ? [] : ["-r"]) + unshare + [
          try Programs.weir(), "--web.listen-address=127.0.0.1:0",
        ]
      let result = try runProgram(try Programs.unshare(), words)
      #expect(result.ending == .exit(1))
      #expect(
        result.error
          == "weir: /proc does not show this process, and without it Swift's runtime ends Weir sooner or later; "
          + "mount it where Weir runs: mount -t proc proc /proc\n")
    }

    @Test("hold where a preloaded library has moved them, as those that set a process' title do")
    func preloaded() throws {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "weir-preload-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let (source, library) = (folder.appending(path: "move.c"), folder.appending(path: "move.so"))
      try """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <stdlib.h>
      #include <string.h>

      typedef int Start(void *, int, char **, void *, void *, void *, void *);

      int __libc_start_main(void *start, int count, char **words, void *init, void *end, void *rtld,
                            void *stack) {
        char **moved = calloc(count + 1, sizeof *moved);
        for (int index = 0; index < count; index++) {
          moved[index] = strdup(words[index]);
          memset(words[index], 'x', strlen(words[index]));
          // The dynamic linker needs the program's name: by it, it tells Swift's runtime which file it is.
          if (index > 0) words[index] = 0;
        }
        Start *real = (Start *)dlsym(RTLD_NEXT, "__libc_start_main");
        return real(start, count, moved, init, end, rtld, stack);
      }
      """.write(to: source, atomically: true, encoding: .utf8)
      let result = try runProgram(
        try Programs.compiler(), ["-shared", "-fPIC", "-o", library.path, source.path, "-ldl"])
      try #require(result.ending == .exit(0), "\(result.error)")
      try expectProtection(by: ["/usr/bin/env", "LD_PRELOAD=\(library.path)"])
    }
  }
}
