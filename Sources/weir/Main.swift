import Glibc
import WeirConfiguration
import WeirDaemon

@main
struct Main {
  /// Exit statuses: 0 stopped as asked, 1 could not start or a mistake in a
  /// file, 2 a mistake on the command line.
  static func main() async {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    do {
      switch try Invocation.parse(Array(CommandLine.arguments.dropFirst()), cores: cores) {
      case .help(let text): print(text, terminator: "")
      case .version: print("weir \(Version.current)")
      case .checkConfig(let options, let files):
        for line in try ConfigCheck.run(options, files: files) { print(line) }
      case .run(let options):
        let log = Log(level: options.log.level, format: options.log.format)
        try await Daemon(options: options, log: log).run()
      }
    } catch let error as UsageError {
      fail(error.description, status: 2)
    } catch {
      fail("\(error)", status: 1)
    }
  }

  private static func fail(_ sentence: String, status: Int32) -> Never {
    Log.write("weir: \(sentence)\n")
    exit(status)
  }
}
