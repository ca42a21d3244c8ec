import Foundation
import Testing

extension SystemTests {
  /// What becomes of lines that clients really send, and what the flags say of them.
  @Suite("Lines")
  struct LineTests {
    @Test("with addresses and routes in the tags of their names count what they say")
    func colons() throws {
      let weir = try Weir()
      try weir.send(
        "req_total,addr=10.0.0.1:8080:1|c\nreq_total,addr=10.0.0.1:8080:2|c",
        "lat,up=2606:4700:20:12|ms\nlat,up=2606:4700:20:13|ms",
        "hits_total,route=/a/:id:1|c", "s,env=prod:a:b|s\ns,env=prod:a:c|s")
      let page = try weir.scrape(afterDatagrams: 4)
      #expect(page.value("req_total", ["addr": "10.0.0.1:8080"]) == 3)
      #expect(page.value("lat_count", ["up": "2606:4700:20"]) == 2)
      #expect(page.value("hits_total", ["route": "/a/:id"]) == 1)
      #expect(page.value("s", ["env": "prod"]) == 2)
      #expect(page.sum("weir_lines_refused_total") == 0)
    }

    @Test("whose names have marks that begin no tags are a series for each name")
    func marks() throws {
      let weir = try Weir()
      try weir.send(
        "queue#1.size:3|g\nqueue#2.size:5|g\npool[0].used:1|g\npool[1].used:2|g\ndisk.data,logs.used:4|g"
      )
      let page = try weir.scrape(afterDatagrams: 1)
      #expect(page.value("queue_1_size") == 3)
      #expect(page.value("queue_2_size") == 5)
      #expect(page.value("pool_0__used") == 1)
      #expect(page.value("pool_1__used") == 2)
      #expect(page.value("disk_data_logs_used") == 4)
      #expect(page.sum("weir_tags_dropped_total") == 0)
    }

    @Test("with empty packed values, timestamps on any type and blanks after it are taken")
    func lenience() throws {
      let weir = try Weir()
      try weir.send("a:21::22|h\nb_total:1:2:|c\nc:1|ms|T1656581400\nd_total:1|c \ne:|c\nf:::|c")
      let page = try weir.scrape(afterDatagrams: 1)
      #expect(page.value("a_count") == 2)
      #expect(page.value("b_total") == 3)
      #expect(page.value("c_count") == 1)
      #expect(page.value("d_total") == 1)
      #expect(page.value("weir_lines_refused_total", ["reason": "missing_value"]) == 2)
      #expect(page.sum("weir_lines_refused_total") == 2)
    }

    @Test("of pods that name themselves in Datadog's own tags are one series, and the tags counted")
    func internalTags() throws {
      let weir = try Weir()
      for pod in 0..<5 {
        try weir.send("a_total:1|c|#env:prod,dd.internal.entity_id:pod-\(pod),bare|e:it-false")
      }
      let page = try weir.scrape(afterDatagrams: 5)
      #expect(page.value("a_total", ["env": "prod"]) == 5)
      #expect(page.sum("weir_series") == 1)
      #expect(page.value("weir_tags_dropped_total", ["reason": "internal"]) == 5)
      #expect(page.value("weir_tags_dropped_total", ["reason": "unusable"]) == 5)
    }

    @Test("have a sign's meaning of the listener that they come to")
    func signs() throws {
      let weir = try Weir(
        "--statsd.listen-udp=127.0.0.1:0", "--statsd.listen-udp=[::1]:0",
        "--statsd.gauge-sign=[::1]:0=absolute")
      let etsy = try TestSocket.connect(.udp, weir.udp[0])
      let datadog = try TestSocket.connect(.udp, weir.udp[1])
      try etsy.send("a:10|g\na:-4|g")
      try datadog.send("b:10|g\nb:-4|g")
      let page = try weir.scrape(afterDatagrams: 2)
      #expect(page.value("a") == 6)
      #expect(page.value("b") == -4)
      // One gauge that both send: the meaning is of the listener, and is not kept with the series.
      try datadog.send("a:-4|g")
      #expect(try weir.scrape(afterDatagrams: 3).value("a") == -4)
      try etsy.send("a:-4|g")
      #expect(try weir.scrape(afterDatagrams: 4).value("a") == -8)
    }

    @Test("have no sign's meaning of an address that nobody listens on")
    func signMistake() throws {
      for subcommand in [[], ["check-config"]] {
        let result = try runProgram(
          try Programs.weir(),
          subcommand + [
            "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0",
            "--statsd.gauge-sign=:9125=absolute",
          ])
        #expect(result.ending == .exit(1))
        #expect(
          (result.error + result.output).contains(
            "--statsd.gauge-sign: \":9125\" is not an address of --statsd.listen-udp or --statsd.listen-tcp; write it as there, "
              + "or leave it out to mean all of them"))
      }
    }

    @Test("have Graphite's tags, unless they are turned off")
    func graphite() throws {
      let weir = try Weir()
      try weir.send("a_total;k=v;l=w:1|c")
      #expect(try weir.scrape(afterDatagrams: 1).value("a_total", ["k": "v", "l": "w"]) == 1)
      let off = try Weir("--no-statsd.parse-graphite-tags")
      try off.send("a;k=v_total:1|c")
      #expect(try off.scrape(afterDatagrams: 1).value("a_k_v_total") == 1)
    }

    @Test("have labels of tags without a value and of container ids where that is asked for")
    func labels() throws {
      let weir = try Weir(
        "--statsd.valueless-tags=true", "--statsd.container-id-label=container_id")
      try weir.send(
        "a_total:1|c|#red,k:v|c:ci-1", "a_total:1|c|c:ci-2", "a_total:1|c|#red,k:v|c:ci-1")
      let page = try weir.scrape(afterDatagrams: 3)
      #expect(page.value("a_total", ["red": "true", "k": "v", "container_id": "ci-1"]) == 2)
      #expect(page.value("a_total", ["container_id": "ci-2"]) == 1)
      #expect(page.sum("weir_tags_dropped_total") == 0)
    }

    @Test("that are accepted are in the log at debug level")
    func debugLog() throws {
      let weir = try Weir("--log.level=debug")
      let sender = try weir.sender()
      try sender.send("a_total:1|c|#k:v")
      _ = try weir.scrape(afterDatagrams: 1)
      let address = try sender.localAddress
      let line = try eventually("The line in the log") {
        weir.log.first { $0["msg"] == "accepted a line" }
      }
      #expect(line["line"] == "a_total:1|c|#k:v")
      #expect(line["sender"] == address)
    }

    @Test("and frames that are refused are both shown")
    func refusedFrames() throws {
      let weir = try Weir()
      let sender = try weir.sender()
      try sender.send("no colon")
      try sender.send([0xF7, 0x57, 0x01])
      _ = try weir.scrape(afterDatagrams: 2)
      let shown = try http(try weir.webAddress(), "/debug/refused").text
      let sections = shown.components(separatedBy: "\n\n")
      #expect(sections.count == 2)
      #expect(sections[0].contains("\(try sender.localAddress) missing_value \"no colon\""))
      #expect(sections[1].contains("\(try sender.localAddress) - frame truncated\n"))
    }
  }
}
