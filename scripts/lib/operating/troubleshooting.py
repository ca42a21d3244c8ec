"""Checks one section of docs/troubleshooting.md, in a namespace of its own; see scripts/check-troubleshooting."""

import sys

from operating import (
    namespace,
    troubles_of_arrival,
    troubles_of_clusters,
    troubles_of_inputs,
    troubles_of_scrapes,
    troubles_of_values,
)
from operating.page import Mismatch, Steps, sections
from operating.trouble import TROUBLES
from programs import ROOT

PAGE = ROOT / "docs/troubleshooting.md"
# They have registered their troubles.
MODULES = (troubles_of_arrival, troubles_of_clusters, troubles_of_inputs, troubles_of_scrapes, troubles_of_values)


def main(title):
    namespace.enter()
    steps = Steps(sections(PAGE)[title])
    try:
        TROUBLES[title](steps)
        steps.done()
    except (Mismatch, TimeoutError, RuntimeError, ValueError) as error:
        sys.exit(f"{title}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
