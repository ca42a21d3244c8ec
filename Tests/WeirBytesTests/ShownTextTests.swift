import Testing

import WeirBytes

struct ShownTextTests {
  @Test(arguments: [
    ("a.b:1|c|#k:\"v\\\"", "a.b:1|c|#k:\"v\\\""), ("é😀", "é😀"), ("", ""),
    ("a\u{1b}[31m\u{7}", "a\\u{1b}[31m\\u{07}"), ("\u{202e}x\u{200b}", "\\u{202e}x\\u{200b}"),
    ("\t\n\r", "\\u{09}\\u{0a}\\u{0d}"), ("\u{e000}", "\\u{e000}"),
    ("\u{2028}", "\\u{2028}"), ("\u{85}", "\\u{85}"),
  ]) func `shows characters, and writes out what a terminal would act on`(
    _ text: String, _ shown: String
  ) {
    #expect(ShownText.of(Array(text.utf8)) == shown)
  }

  @Test(
    arguments: [
      ([0xff], "\\xff"), ([0x61, 0xc3], "a\\xc3"), ([0xc3, 0xa9, 0x80, 0x62], "é\\x80b"),
      ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"), ([0xc0, 0x8a], "\\xc0\\x8a"),
    ] as [([UInt8], String)]) func `writes out bytes that are not UTF-8`(
      _ bytes: [UInt8], _ shown: String
    )
  {
    #expect(ShownText.of(bytes) == shown)
  }
}
