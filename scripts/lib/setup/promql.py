"""The selectors of a PromQL expression."""

import re

# In this order: strings, numbers and durations, ranges, labels of a clause, names with matchers.
TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")
      | (?P<number>\b\d[\w.]*)
      | (?P<window>\[[^]]*\])
      | (?P<clause>\b(?:by|without|on|ignoring|group_left|group_right)\b\s*(?:\([^)]*\))?)
      | (?P<call>\b[a-z_0-9]+\s*(?=\(|(?:by|without)\b))
      | (?P<word>\b(?:and|or|unless|offset|bool|inf|nan)\b)
      | (?P<selector>[a-zA-Z_:][\w:]*(?:\{[^}]*\})?|\{[^}]*\})""",
    re.VERBOSE | re.IGNORECASE,
)


def selectors(expression):
    """Every selector, `name{label="value"}`, without its range and offset, in order, each once."""
    found = []
    for match in TOKEN.finditer(re.sub(r"#.*", "", expression)):
        if match["selector"] and match["selector"] not in found:
            found.append(match["selector"])
    return found


def name(selector):
    """The metric's name, or an empty text where the selector matches names."""
    return selector.partition("{")[0]


def self_test():
    for expression, want in [
        ("sum by (le, provider) (rate(a_total{status=\"error\"}[5m]))", ['a_total{status="error"}']),
        ("rate(a[1h] offset 10m) > 1 and ignoring (version) b unless c:d:e * 1e6 == 0", ["a", "b", "c:d:e"]),
        ('label_replace({__name__=~"x_.+"} == 0, "file", "$1", "__name__", "x")', ['{__name__=~"x_.+"}']),
        ("time() - a > 14 * 86400", ["a"]),
        ("sum without (action) (a) / on (provider, model) group_left () b", ["a", "b"]),
        ("a / a  # b", ["a"]),
    ]:
        assert selectors(expression) == want, (expression, selectors(expression))
