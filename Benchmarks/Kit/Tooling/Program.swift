import Glibc

/// The exit status of a benchmark: 0, 1 for a run that failed, 2 for a mistake in the flags.
package enum Program {
  /// Runs `body`, which returns what was found wrong, a sentence each.
  ///
  /// Sentences go to standard error under the program's name, and end it with status 1 or 2.
  package static func run(_ name: String, _ body: () throws -> [String]) {
    do {
      let faults = try body()
      for fault in faults { Notice.write(fault, from: name) }
      if !faults.isEmpty { exit(1) }
    } catch let error as UsageError {
      Notice.write(error.sentence, from: name)
      exit(2)
    } catch let error as RunError {
      Notice.write(error.sentence, from: name)
      exit(1)
    } catch {
      Notice.write("\(error)", from: name)
      exit(1)
    }
  }
}
