"""Checks the page in a browser; see scripts/check-page."""

import sys
import time
from pathlib import Path

from playwright.sync_api import Error

from page import choices, places, views
from page.browser import browser
from programs import ROOT

PICTURES = ROOT / ".build-page/pictures"


def main():
    if sys.argv[1:] == ["--picture"]:
        with browser() as chromium:
            views.picture(chromium, ROOT / "docs/img/page.png")
        return
    if any(each.startswith("-") for each in sys.argv[1:]):
        sys.exit("usage: scripts/check-page [--picture | CHECK…]")
    PICTURES.mkdir(parents=True, exist_ok=True)
    checks = [
        views.every_view, views.keys, views.focus, views.empty, views.mistakes_are_found,
        choices.paused, choices.own_errors, choices.refused_lines_of, choices.owners, choices.parts_of_names,
        places.outage, places.password, places.prefix, places.folder, places.hidden_lines, places.turned_off,
    ]  # fmt: skip
    if sys.argv[1:]:
        checks = [check for check in checks if check.__name__ in sys.argv[1:]]
    faults = []
    with browser() as chromium:
        for check in checks:
            began = time.monotonic()
            try:
                found = check(chromium, PICTURES) or []
            except (Error, TimeoutError, RuntimeError) as error:
                chromium.take_messages()
                found = [f"did not come to its end: {error}"]
            faults += [f"{check.__name__}: {each}" for each in found]
            print(f"{check.__name__}: {len(found)} faults, {time.monotonic() - began:.0f} s", flush=True)
    for fault in faults:
        print(f"check-page: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    pictures = len(list(Path(PICTURES).glob("*.png")))
    print(f"The page is in order in {len(checks)} checks; {pictures} pictures are in .build-page/pictures.")


if __name__ == "__main__":
    main()
