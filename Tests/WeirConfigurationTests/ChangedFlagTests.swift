import Testing
import WeirConfiguration

@Suite("Flags that differ from their defaults")
struct ChangedFlagTests {
  private func changed(_ arguments: [String]) -> [String] {
    ChangedFlag.all(in: arguments, cores: 2).map { "\($0.flag)=\($0.value) (\($0.usual ?? "-"))" }
  }

  @Test("are none without flags, and none where a flag repeats its default")
  func usual() {
    #expect(changed([]) == [])
    #expect(changed(["--log.level=info", "--web.ui"]) == [])
  }

  @Test("have their value and their default")
  func values() {
    #expect(
      changed([
        "--log.level", "warn", "--no-web.ui", "--statsd.listen-udp=:1", "--statsd.listen-udp=:2",
      ]) == [
        "--statsd.listen-udp=:1 :2 (127.0.0.1:8125)", "--web.ui=off (on)",
        "--log.level=warn (info)",
      ])
  }

  @Test("have what is given for some names, in any unit")
  func names() {
    #expect(
      changed(["--observe=a*=summary", "--series.ttl=gauge=300s", "--series.ttl=b*=1m"]) == [
        "--observe=histogram a*=summary (histogram)",
        "--series.ttl=counter=0 gauge=5m histogram=0 set=0 b*=1m (counter=0 gauge=0 histogram=0 set=0)",
      ])
  }

  @Test("have the names of files, which have no default")
  func files() {
    #expect(changed(["--web.config.file=/etc/web.yml"]) == ["--web.config.file=/etc/web.yml (-)"])
  }

  @Test(
    "never have a password or a token of a URL",
    arguments: ["https://me:secret@weir.example/api?secret=1", "https://secret@weir.example/api"])
  func secrets(url: String) {
    let shown = changed(["--forward.url=\(url)"])
    #expect(shown == ["--forward.url=https://weir.example/api (-)"])
  }

  @Test("also have what another program's defaults change")
  func compatibility() {
    let shown = changed(["--compat=statsd_exporter"])
    #expect(shown.contains { $0.hasPrefix("--compat=statsd_exporter") })
    #expect(shown.contains { $0.hasPrefix("--statsd.listen-udp=:9125") })
  }
}
