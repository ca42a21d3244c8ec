import Foundation

/// A self-signed certificate, valid for two days, and its key.
struct TestCertificate {
  let certificate: [UInt8]
  let key: [UInt8]

  struct ProgramFailed: Error {
    let status: Int32
  }

  /// Makes both with the openssl program.
  ///
  /// It is started with posix_spawn, because Foundation's `Process` leaks a little memory, which
  /// the address sanitizer reports.
  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (keyFile, certificateFile) = (folder.appending(path: "key"), folder.appending(path: "crt"))
    try Self.run([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-days", "2", "-subj", "/CN=weir.test", "-keyout", keyFile.path, "-out", certificateFile.path,
    ])
    certificate = Array(try Data(contentsOf: certificateFile))
    key = Array(try Data(contentsOf: keyFile))
  }

  /// Runs a program and waits for its end. Its standard error is discarded.
  private static func run(_ command: [String]) throws {
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
    var process = pid_t()
    let started = posix_spawnp(&process, command[0], &files, nil, words, environ)
    guard started == 0 else { throw ProgramFailed(status: started) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw ProgramFailed(status: status) }
  }
}
