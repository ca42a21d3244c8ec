"""Reads a scrape from standard input with prometheus_client's parser and prints it as JSON.

The argument is "text" or "openmetrics". Prints {"types": {family: type}, "samples": [[name, labels,
value], ...]}, values as text; ends with the parser's error where it finds one.
"""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics

READERS = {"text": parser.text_string_to_metric_families, "openmetrics": read_openmetrics}


def main():
    read = READERS[sys.argv[1]]
    types, samples = {}, []
    for family in read(sys.stdin.buffer.read().decode()):
        types[family.name] = family.type
        samples += [[s.name, s.labels, repr(float(s.value))] for s in family.samples]
    json.dump({"types": types, "samples": samples}, sys.stdout)


if __name__ == "__main__":
    main()
