"""Runs what a page of the documentation says, and compares it with what the page shows.

A section is what stands below a heading of the second level. Its blocks are steps, in their order:

    ```sh      commands; what they print has to have all lines of the block without a language that follows,
    ```        in its order. `…` stands for any text within a line
    ```yaml    the configuration of a Prometheus, or a file
"""

import re
import shlex
import subprocess
import time
from pathlib import Path

from programs import STEP_SECONDS_MAX

# From the first attempt: what a command shows may need a scrape.
RETRIES_SECONDS = 10


class Mismatch(Exception):
    """A page that says something else than what happens."""


def sections(path):
    """The text of each section by its title."""
    text = Path(path).read_text(encoding="utf-8")
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return dict(zip((title.strip() for title in parts[1::2]), parts[2::2]))


def blocks(text):
    """Language and content of each block, without the indentation of its fences."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", text, flags=re.MULTILINE | re.DOTALL)
    return [
        (language, re.sub(rf"^{indentation}", "", content, flags=re.MULTILINE))
        for indentation, language, content in found
    ]


def table(text):
    """The rows of the tables of a section, each a list of cells, without the head."""
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    heads = {index - 1 for index, row in enumerate(rows) if set(row[0]) <= set("-: ")}
    return [row for index, row in enumerate(rows) if index not in heads | {head + 1 for head in heads}]


def agrees(expected, printed):
    """Whether all expected lines were printed, in their order."""
    lines = iter(printed.splitlines())
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
        if not any(re.fullmatch(pattern, other.strip()) for other in lines):
            return False
    return True


class Steps:
    """The steps of one section. Each is used once, and all of them have to be used."""

    def __init__(self, text):
        self.text = text
        self.left = blocks(text)

    def next(self, *languages):
        if not self.left:
            raise Mismatch("the section has no further block.")
        language, content = self.left.pop(0)
        if language not in languages:
            raise Mismatch(f"the next block is not one of {languages}:\n{content}")
        return content

    def expected(self):
        """The output that follows the commands, or None."""
        return self.next("") if self.left and self.left[0][0] == "" else None

    def run(self, retry=True):
        """Runs the next commands, again and again until they print what the page shows."""
        commands, expected = self.next("sh"), self.expected()
        end = time.monotonic() + RETRIES_SECONDS
        while True:
            printed = shell(commands)
            if expected is None or agrees(expected, printed):
                return printed
            if not retry or time.monotonic() > end:
                raise Mismatch(f"{commands}printed:\n{printed}and the page shows:\n{expected}")
            time.sleep(0.2)

    def once(self):
        """The same for commands that must not be repeated, such as those that send a line."""
        return self.run(retry=False)

    def flags(self, **replaced):
        """The flags of the next block, which starts Weir; without those that need other values here."""
        words = shlex.split(self.next("sh").replace("\\\n", " "), comments=True)
        if words[0] != "weir":
            raise Mismatch(f"{words} does not start Weir.")
        for old, new in replaced.values():
            if old not in words:
                raise Mismatch(f"{words} has no {old}.")
            words[words.index(old)] = new
        return words[1:]

    def configuration(self):
        return self.next("yaml")

    def expect(self, what, read):
        """Compares the next output with what a function returns, until both agree."""
        expected = self.next("")
        end = time.monotonic() + RETRIES_SECONDS
        while not agrees(expected, found := read()):
            if time.monotonic() > end:
                raise Mismatch(f"{what} is:\n{found}and the page shows:\n{expected}")
            time.sleep(0.2)

    def done(self):
        if self.left:
            raise Mismatch(f"the check does not use this block:\n{self.left[0][1]}")


def shell(commands):
    """What commands print, with errors."""
    run = subprocess.run(
        ["bash", "-c", commands], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=STEP_SECONDS_MAX,
    )  # fmt: skip
    return run.stdout


def self_test():
    page = "| a | b |\n| --- | --- |\n| `x…y` | c |\n\n"
    page += "- item\n\n  ```sh\n  echo one\n  echo two\n  ```\n\n  ```\n  o…\n  ```\n"
    assert table(page) == [["`x…y`", "c"]]
    assert blocks(page) == [("sh", "echo one\necho two\n"), ("", "o…\n")]
    steps = Steps(page)
    assert steps.once() == "one\ntwo\n"
    steps.done()
    for wrong in ("three\n", "two\none\n", "one…three\n", "o\n"):
        steps = Steps(f"```sh\necho one; echo two\n```\n\n```\n{wrong}```\n")
        try:
            steps.once()
        except Mismatch:
            continue
        raise AssertionError(wrong)
    try:
        Steps(page).done()
    except Mismatch:
        return
    raise AssertionError("a block that is not used")
