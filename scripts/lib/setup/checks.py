"""What the checks of the first user's set-up share."""

import re
import sys

import yaml

from programs import ROOT

RULES = ROOT / "docs/prometheus"
# A part of a name may be inserted: "weir_relay_dropped_\(what)_total".
OWN_METRIC = re.compile(r'"((?:weir|process)_(?:\w|\\\(\w+\))+)"')


class Faults:
    """Sentences about what is wrong, printed at the end."""

    def __init__(self, program):
        self.program = program
        self.sentences = []

    def add(self, sentence):
        self.sentences.append(sentence)

    def require(self, condition, sentence):
        if not condition:
            self.add(sentence)

    def finish(self, summary):
        for sentence in self.sentences:
            print(f"{self.program}: {sentence}", file=sys.stderr)
        if self.sentences:
            sys.exit(1)
        print(summary)


def documents(path):
    """The YAML documents of a file, without empty ones."""
    return [each for each in yaml.safe_load_all(path.read_text()) if each is not None]


def own_metrics():
    """A pattern for the names of Weir's own metrics, and of its `process_*`, from the sources."""
    sources = [*(ROOT / "Sources/WeirDaemon").rglob("OwnMetrics*.swift")]
    sources.append(ROOT / "Sources/WeirDaemon/ProcessFamily.swift")
    names = {name for source in sources for name in OWN_METRIC.findall(source.read_text())}
    patterns = sorted(re.sub(r"\\\(\w+\)", r"\\w+", name) for name in names)
    return re.compile(rf"(?:{'|'.join(patterns)})(?:_bucket|_sum|_count)?")


def rule_files():
    """The files of rules that docs/prometheus/prometheus.yml loads."""
    configuration = yaml.safe_load((RULES / "prometheus.yml").read_text())
    return [RULES / name for name in configuration["rule_files"]]


def rules(path):
    """Every rule of a file."""
    return [rule for group in documents(path)[0]["groups"] for rule in group["rules"]]


def tables(path):
    """The rows of a page's tables, each a list of cells."""
    lines = path.read_text().splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines
        if line.startswith("| ")
    ]
