import Foundation
import Testing

extension SystemTests {
  /// What the README promises to someone who has only a shell.
  @Suite struct FirstMetric {
    @Test func `a line sent by the shell shows up in the scrape`() throws {
      let weir = try Weir()
      let target = try HostPort(try #require(weir.udp.first))
      let script = """
        echo -n "orders_total:3|c|#shop:berlin" >/dev/udp/\(target.host)/\(target.port)
        """
      let shell = try runProgram("/bin/bash", ["-c", script])
      #expect(shell.ending == .exit(0), "\(shell.error)")
      _ = try weir.scrape(afterDatagrams: 1)

      let url = "http://\(try weir.webAddress())/metrics"
      let curl = try runProgram(try Programs.curl(), ["--silent", "--show-error", url])
      #expect(curl.ending == .exit(0), "\(curl.error)")
      let lines = curl.output.split(separator: "\n")
      #expect(lines.contains("# TYPE orders_total counter"))
      #expect(lines.contains("orders_total{shop=\"berlin\"} 3"))
    }

    @Test func `a fresh server answers with its own metrics only`() throws {
      let weir = try Weir()
      let page = try weir.scrape()
      let foreign = page.families.map(\.name)
        .filter { !$0.hasPrefix("weir_") && !$0.hasPrefix("process_") }
      #expect(foreign == [])
      #expect(page.sum("weir_build_info") == 1)
      #expect(page.sum("weir_datagrams_received_total") == 0)
      #expect(page.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
    }
  }
}
