import BenchmarkKit
import WeirSockets

/// Counts what arrives, and prints what that took.
@main
struct Main {
  static func main() {
    Program.run("BareReceiver") {
      let options = try Options.parse(CommandLine.arguments.dropFirst())
      if options.help {
        print(Options.usage)
      } else {
        let figures = try run(options)
        print(options.json ? figures.json : figures.list)
      }
      return []
    }
  }

  private static func run(_ options: Options) throws -> Figures {
    let stop = StopSignal()
    let socket = try UDPSocket.bind(
      to: .loopback(port: UInt16(options.port)), readBufferBytes: options.readBufferBytes,
      flag: "--port")
    Notice.write("listening address=\(socket.address)", from: "BareReceiver")
    let granted = socket.receiveBufferBytes
    var loop = Loop(socket, gatherMilliseconds: options.gatherMilliseconds)
    let (start, cpu) = (Clock.now(), Clock.cpuTime())
    try loop.run(until: start + options.seconds * Clock.nanosecondsPerSecond, stop: stop)
    try loop.finish()
    return figures(
      of: loop, granted: granted, cpuNanoseconds: Clock.cpuTime() - cpu,
      nanoseconds: Clock.now() - start)
  }

  private static func figures(
    of loop: borrowing Loop, granted: Int, cpuNanoseconds: Int, nanoseconds: Int
  ) -> Figures {
    let counter = loop.counter
    let cpuSeconds = Double(cpuNanoseconds) / 1e9
    func perMillion(_ count: Int) -> Double? { count > 0 ? cpuSeconds * 1e6 / Double(count) : nil }
    var figures = Figures()
    figures.add("datagrams received", "datagrams_received", counter.datagrams)
    figures.add("datagrams dropped", "datagrams_dropped", Int(loop.dropped))
    figures.add("lines", "lines", counter.lines)
    figures.add("bytes", "bytes", counter.bytes)
    figures.add(
      "datagrams a call", "datagrams_per_call",
      loop.calls > 0 ? Double(counter.datagrams) / Double(loop.calls) : nil, places: 1)
    figures.add("receive buffer, bytes", "receive_buffer_bytes", granted)
    figures.add("seconds", "seconds", Double(nanoseconds) / 1e9, places: 3)
    figures.add("CPU seconds", "cpu_seconds", cpuSeconds, places: 3)
    figures.add(
      "CPU s a million datagrams", "cpu_seconds_per_million_datagrams",
      perMillion(counter.datagrams), places: 4)
    figures.add(
      "CPU s a million lines", "cpu_seconds_per_million_lines", perMillion(counter.lines),
      places: 4)
    return figures
  }
}
