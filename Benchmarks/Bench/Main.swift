import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirWire

func now() -> Double { var t = timespec(); unsafe clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) * 1e9 + Double(t.tv_nsec) }

@main struct Main {
  static func main() {
    for series in [1_000, 100_000] {
      var text: [UInt8] = []
      var datagrams: [(Int, Int)] = []
      var lines = 0
      var start = 0
      let total = 200_000
      for i in 0..<total {
        let s = (i &* 7919) % series
        let route = "route:r\(100000 + s)"
        let line: String
        switch i % 10 {
        case 0..<5: line = "llm_requests_total:1|c|#provider:openai,model:gpt-4o-mini,status:ok,\(route)"
        case 5..<9: line = "llm_request_duration_seconds:0.\(i % 97)|h|#provider:openai,model:gpt-4o-mini,\(route)"
        default: line = "process_heap_bytes:\(i)|g|#provider:openai,model:gpt-4o-mini,\(route)"
        }
        if text.count - start + line.utf8.count + 1 > 1432 { datagrams.append((start, text.count)); start = text.count }
        text.append(contentsOf: line.utf8); text.append(10); lines += 1
      }
      datagrams.append((start, text.count))
      text.append(contentsOf: repeatElement(0, count: 64))
      let decoder = StatsDDecoder()
      let agg = Aggregator()
      var router = Router(aggregator: agg, reader: StatsDIdentityReader())
      var batch = SampleBatch()
      for round in 0..<6 {
        var tDecode = 0.0, tApply = 0.0
        let t0 = now()
        var refused = 0
        for (a, b) in datagrams {
          decoder.decode(text.span, from: a, to: b, into: &batch)
          if batch.samples.count >= SampleBatch.samplesAim {
            let t1 = now()
            router.apply(&batch, bytes: text.span)
            tApply += now() - t1
            refused += batch.refusals.total
            batch.removeAll()
          }
        }
        router.apply(&batch, bytes: text.span); batch.removeAll()
        let t = now() - t0
        tDecode = t - tApply
        print(series, round, refused, "decode", tDecode / Double(lines), "apply", tApply / Double(lines), "bytes/line", text.count / lines)
      }
    }
  }
}
