import BenchmarkKit
import Testing

@Suite struct FiguresTests {
  private var figures: Figures {
    var figures = Figures()
    figures.add("who", "who", "weir")
    figures.add("lines", "lines", 12)
    figures.add("seconds", "seconds", 0.0625, places: 2)
    figures.add("lost", "lost", Int?.none)
    figures.add("right", "right", true)
    return figures
  }

  @Test func `JSON has every figure and null for those not measured`() {
    #expect(
      figures.json == #"{"who":"weir","lines":12,"seconds":0.06,"lost":null,"right":true}"#)
  }

  @Test func `a row leaves out the quotes and what was not measured`() {
    #expect(figures.row == "| weir | 12 | 0.06 |  | true |")
  }

  @Test func `a list leaves out what was not measured`() {
    #expect(figures.list == "who      weir\nlines    12\nseconds  0.06\nright    true")
  }

  @Test(arguments: [([3], 3), ([4, 1], 2.5), ([9, 1, 2], 2)] as [([Double], Double)])
  func `a median is the middle`(values: [Double], middle: Double) {
    #expect(values.median == middle)
  }
}
