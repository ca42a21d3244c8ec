// Safety: C's `main` passes `argv`, whose `count` words are terminated strings that are valid until
// the process ends; each is copied before the first task starts.

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
    guard let text = unsafe String(validatingCString: word) else {
      Program.fail(
        "argument \(index) is not valid UTF-8; write it in UTF-8, or give such a line to weir explain on "
          + "its standard input", status: Command.misuseStatus)
    }
    arguments.append(text)
  }
  guard arguments.count == count, !arguments.isEmpty else {
    // The flags that cannot be read may be those that restrict access.
    Program.fail("the command line cannot be read, so no flag would apply", status: 1)
  }
  if let fault = OwnProcess.fault() { Program.fail(fault, status: 1) }
  let rest = Command.arguments(of: arguments)
  Task { await Program.run(rest) }
  dispatchMain()
}

enum Program {
  /// Exit statuses: 0 stopped as requested, or healthy; 1 could not start, a mistake in a file, or
  /// not healthy; 2 a mistake on the command line; 3 can't reach the weir that is asked.
  static func run(_ arguments: [String]) async -> Never {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    do {
      switch try Command.parse(arguments, cores: cores) {
      case .print(let text):
        if !Log.write(text, to: STDOUT_FILENO) {
          fail("the output cannot be written; free space, or write it elsewhere", status: 1)
        }
      case .run(let action): try await action()
      case .serve(let options):
        let log = Log(level: options.log.level, format: options.log.format)
        let flags = ChangedFlag.all(in: arguments, cores: cores)
        try await Daemon(options: options, flags: flags, log: log).run()
      }
    } catch let error as UsageError {
      fail(error.description, status: Command.misuseStatus(of: arguments))
    } catch let failure as CommandFailure {
      fail(failure.description, status: failure.status)
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
