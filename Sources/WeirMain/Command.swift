// Safety: C's `main` hands over `argv`, whose `count` words are terminated strings that live as long as
// the process; each is copied before the first task starts.

import Dispatch
import Glibc
import WeirConfiguration
import WeirDaemon

/// What C's `main` calls: runs the command line, and ends the process.
@_cdecl("weir_command")
package func weirCommand(
  _ count: Int32, _ words: UnsafePointer<UnsafePointer<CChar>?>?
) {
  var arguments: [String] = []
  for index in 0..<max(0, Int(count)) {
    guard let word = unsafe words?[index] else { break }
    unsafe arguments.append(String(cString: word))
  }
  guard arguments.count == count, !arguments.isEmpty else {
    // Flags that nobody read may be those that keep people out.
    Command.fail("the command line cannot be read, so that no flag would hold", status: 1)
  }
  let rest = Array(arguments.dropFirst())
  Task { await Command.run(rest) }
  dispatchMain()
}

enum Command {
  /// Exit statuses: 0 stopped as asked, or healthy; 1 could not start, a mistake in a file, or not
  /// healthy; 2 a mistake on the command line.
  static func run(_ arguments: [String]) async -> Never {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    do {
      switch try Invocation.parse(arguments, cores: cores) {
      case .help(let text): print(text, terminator: "")
      case .version: print("weir \(Version.current)")
      case .checkConfig(let options, let files):
        for line in try ConfigCheck.run(options, files: files) { print(line) }
      case .health(let options): print(try HealthCheck.run(options))
      case .run(let options):
        let log = Log(level: options.log.level, format: options.log.format)
        try await Daemon(options: options, log: log).run()
      }
    } catch let error as UsageError {
      // Docker keeps status 2 of a health check for itself.
      fail(error.description, status: Invocation.asksForHealth(arguments) ? 1 : 2)
    } catch {
      fail("\(error)", status: 1)
    }
    exit(0)
  }

  static func fail(_ sentence: String, status: Int32) -> Never {
    Log.write("weir: \(sentence)\n")
    exit(status)
  }
}
