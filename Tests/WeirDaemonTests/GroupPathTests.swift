import Testing
import WeirExposition
import WeirGroups
import WeirMetrics

@testable import WeirDaemon

@Suite("The path of a pushed group")
struct GroupPathTests {
  @Test(
    "gives its key",
    arguments: [
      ("/metrics/job/backup", "{job=\"backup\"}"),
      ("/metrics/job/backup/", "{job=\"backup\"}"),
      ("/metrics/job/backup/host/a", "{host=\"a\",job=\"backup\"}"),
      ("/metrics/job@base64/YS9i", "{job=\"a/b\"}"),
      (
        "/metrics/job/directory_cleaner/path@base64/L3Zhci90bXA",
        "{job=\"directory_cleaner\",path=\"/var/tmp\"}"
      ),
      // With padding, with too much of it, and with the characters that are not in the other alphabet.
      ("/metrics/job/j/p@base64/L3Zhcg==", "{job=\"j\",p=\"/var\"}"),
      ("/metrics/job/j/p@base64/L3Zhcg====", "{job=\"j\",p=\"/var\"}"),
      ("/metrics/job/j/p@base64/fn5-fz8_", "{job=\"j\",p=\"~~~\u{7F}??\"}"),
      (
        "/metrics/job/example/first_label@base64/=/second_label/foobar",
        "{first_label=\"\",job=\"example\",second_label=\"foobar\"}"
      ),
      (
        "/metrics/job/titan/name/%CE%A0%CF%81%CE%BF%CE%BC%CE%B7%CE%B8%CE%B5%CF%8D%CF%82",
        "{job=\"titan\",name=\"Προμηθεύς\"}"
      ),
      (
        "/metrics/job/titan/name@base64/zqDPgc6_zrzOt864zrXPjc-C",
        "{job=\"titan\",name=\"Προμηθεύς\"}"
      ),
      // A plus sign is one, and a slash that is encoded separates too.
      ("/metrics/job/a+b%20c", "{job=\"a+b c\"}"), ("/metrics/job/j/a%2Fb", "{a=\"b\",job=\"j\"}"),
      ("/metrics/job/j/q/%22%5C%0A", "{job=\"j\",q=\"\\\"\\\\\\n\"}"),
      // The job is the first, and of others the last counts.
      ("/metrics/job/j/job/k", "{job=\"j\"}"), ("/metrics/job/j/a/1/a/2", "{a=\"2\",job=\"j\"}"),
    ])
  func keys(path: String, key: String) throws {
    #expect(try GroupPath.key(path, limits: SeriesLimits()).text == key)
  }

  @Test(
    "is refused with what to change",
    arguments: [
      ("/metrics/job//a/b", "the value of \"job\" is empty; write it as job@base64/="),
      ("/metrics/job/", "the value of \"job\" is empty; write it as job@base64/="),
      ("/metrics/job@base64/=", "the name of the job is empty"),
      (
        "/metrics/job/j/a",
        "the path has a label without a value; write /metrics/job/JOB/LABEL/VALUE, and an empty value "
          + "as LABEL@base64/="
      ),
      ("/metrics/job/j/a/", "the value of \"a\" is empty; write it as a@base64/="),
      ("/metrics/job/j//a", "\"\" can't be the name of a label"),
      ("/metrics/job/j/1a/b", "\"1a\" can't be the name of a label"),
      ("/metrics/job/j/__a/b", "\"__a\" can't be the name of a label"),
      ("/metrics/job/j/a.b/c", "\"a.b\" can't be the name of a label"),
      ("/metrics/job/j/@base64/c", "\"@base64\" can't be the name of a label"),
      (
        "/metrics/job/j/a@base64/!",
        "the value of \"a\" is not URL-safe Base64 of a text in UTF-8"
      ),
      (
        "/metrics/job/j/a@base64/_w",
        "the value of \"a\" is not URL-safe Base64 of a text in UTF-8"
      ),
      (
        "/metrics/job/%zz",
        "the path has a percent sign that is not followed by two digits, or is not UTF-8"
      ),
      (
        "/metrics/job/%FF",
        "the path has a percent sign that is not followed by two digits, or is not UTF-8"
      ),
      ("/metrics/job/%00", "the value of \"job\" is too long, or has a null byte"),
    ])
  func refused(path: String, sentence: String) {
    do throws(PushedBodyMistake) {
      _ = try GroupPath.key(path, limits: SeriesLimits())
      Issue.record("\(path) was accepted")
    } catch {
      #expect(error == PushedBodyMistake(isMalformed: true, sentence: sentence))
    }
  }

  @Test(
    "is within the limits of series",
    arguments: [
      ("/metrics/job/j/name/value", nil),
      ("/metrics/job/j/names/value", "\"names\" can't be the name of a label"),
      ("/metrics/job/j/name/values", "the value of \"name\" is too long, or has a null byte"),
      ("/metrics/job@base64/dmFsdWVz", "the value of \"job\" is too long, or has a null byte"),
      ("/metrics/job/j/a/1/b/2", "the path has more than 2 labels"),
    ] as [(String, String?)])
  func limits(path: String, sentence: String?) {
    var limits = SeriesLimits()
    limits.labelNameBytesMax = 4
    limits.labelValueBytesMax = 5
    // With one that the series itself has.
    limits.labelsPerSeriesMax = 3
    do throws(PushedBodyMistake) {
      _ = try GroupPath.key(path, limits: limits)
      #expect(sentence == nil)
    } catch {
      #expect(error.sentence == sentence)
    }
  }
}
