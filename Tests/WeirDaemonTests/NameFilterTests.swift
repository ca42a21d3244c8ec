import Testing
import WeirExposition

@testable import WeirDaemon

@Suite("A filter of names")
struct NameFilterTests {
  private func selects(_ query: String, _ name: String, _ type: ExposedType = .gauge) -> Bool {
    NameFilter(query: query)?.selects(Array(name.utf8), type: type) ?? true
  }

  @Test(
    "does not exist if no name is requested",
    arguments: [
      nil, "", "name=a", "names[]=a", "name[]", "x=name[]", "name[]=%4", "name[]=%zz", "&&",
    ])
  func none(query: String?) {
    #expect(NameFilter(query: query) == nil)
  }

  @Test("selects each of its names and no other, in any encoding")
  func names() {
    let query = "debug=1&name%5B%5D=a&name[]=b%5fc&name%5b]=%C3%A9&name[]=d+e"
    for name in ["a", "b_c", "é", "d e"] { #expect(selects(query, name)) }
    for name in ["", "b", "b_c_", "aa", "debug"] { #expect(!selects(query, name)) }
  }

  @Test("selects a family by its series and by its name in OpenMetrics")
  func series() {
    for name in ["h", "h_bucket", "h_sum", "h_count"] {
      #expect(selects("name[]=\(name)", "h", .histogram))
    }
    #expect(!selects("name[]=h_created", "h", .histogram))
    #expect(!selects("name[]=g_sum", "g", .gauge))
    #expect(selects("name[]=c", "c_total", .counter))
    #expect(selects("name[]=c_total", "c_total", .counter))
    #expect(!selects("name[]=c", "c_total", .gauge))
    #expect(!selects("name[]=c_total", "c", .counter))
  }
}
