"""Applies the changes in scripts/lib/mutations one by one to a copy of the tree, and runs their tests.

A file holds blocks with an empty line between them:

    # what the change breaks, in a sentence
    file: Sources/WeirX/Y.swift
    test: WeirXTests.SomeTests
    - the text that is replaced, a line of it behind each "- "
    + the text that takes its place, a line of it behind each "+ "

`test` is what `swift test --filter` takes, or `sh: ` and a command. The text must be in the file once.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

# A build that hangs, or a test that waits for ever, counts as a failure.
SECONDS_MAX = 900
# By SIGKILL, itself or the last command of a shell: as the kernel does where memory is short.
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)


@dataclass
class Mutation:
    """One change, and what should notice it."""

    why: str
    area: str
    file: str = ""
    test: str = ""
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)

    def text(self, lines):
        return "\n".join(lines)

    def mistake(self, root):
        """Why it can't be applied, or None."""
        if not (self.file and self.test and self.before):
            return "it lacks its file, its test or the text to replace"
        path = root / self.file
        if not path.exists():
            return f"there is no {self.file}"
        found = path.read_text(encoding="utf-8").count(self.text(self.before))
        return None if found == 1 else f"its text is {found} times in {self.file}"


def read(path):
    """The mutations of a file."""
    mutations = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.split("\n") if line]
        if not lines:
            continue
        mutation = Mutation(why="", area=path.stem)
        for line in lines:
            if line.startswith("# "):
                mutation.why = (mutation.why + " " + line[2:]).strip()
            elif line.startswith("file: "):
                mutation.file = line[6:].strip()
            elif line.startswith("test: "):
                mutation.test = line[6:].strip()
            elif line.startswith("sh: "):
                mutation.test = line.strip()
            elif line[:1] == "-":
                mutation.before.append(line[2:])
            elif line[:1] == "+":
                mutation.after.append(line[2:])
            else:
                sys.exit(f"{path}: this line is none of a mutation: {line!r}")
        mutations.append(mutation)
    return mutations


def run(command, folder):
    """Whether a command ends with status 0, and the end of what it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS_MAX,
            shell=isinstance(command, str),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, "it took too long"
    if done.returncode in KILLED:
        sys.exit(f"scripts/mutate: {command} was killed from outside, so that nothing is known about it.")
    return done.returncode == 0, done.stdout


def judge(mutation, copy):
    """What became of one change: killed, survived, or does not build."""
    path = copy / mutation.file
    original = path.read_text(encoding="utf-8")
    path.write_text(
        original.replace(mutation.text(mutation.before), mutation.text(mutation.after)),
        encoding="utf-8",
    )
    try:
        if mutation.test.startswith("sh: "):
            passed, _ = run(mutation.test[4:], copy)
            return "survived" if passed else "killed"
        builds, output = run(["swift", "build", "--build-tests"], copy)
        if not builds:
            errors = [line for line in output.split("\n") if "error:" in line]
            return "does not build: " + (errors[0] if errors else output[-200:])
        passed, output = run(
            ["swift", "test", "--skip-build", "--filter", mutation.test], copy
        )
        if passed and "Test run with 0 tests" in output:
            return "no test has this name: " + mutation.test
        return "survived" if passed else "killed"
    finally:
        path.write_text(original, encoding="utf-8")


def copy_of(root, folder):
    """A copy of the tree, as it is now."""
    for name in ("Package.swift", "Sources", "Tests", "Benchmarks", "docs", "scripts"):
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name)
        else:
            shutil.copy2(root / name, folder / name)
    return folder


def judge_all(mutations, copy):
    """Applies one change after another; says what became of each, and how many were not noticed."""
    if any(not mutation.test.startswith("sh: ") for mutation in mutations):
        builds, output = run(["swift", "build", "--build-tests"], copy)
        if not builds:
            sys.exit("scripts/mutate: the tree itself does not build:\n" + output[-2000:])
    survived = 0
    for number, mutation in enumerate(mutations, 1):
        began = time.monotonic()
        outcome = judge(mutation, copy)
        survived += outcome != "killed"
        seconds = time.monotonic() - began
        print(
            f"{number}/{len(mutations)} {mutation.area}: {outcome}: {mutation.why} ({seconds:.0f} s)",
            flush=True,
        )
    return survived


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/mutate",
        description="Changes the code on purpose, one place at a time, in a copy of the tree, and says "
        "which changes the tests notice.",
    )
    parser.add_argument("root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("areas", nargs="*", help="files of scripts/lib/mutations, without .txt")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument(
        "--quiet", action="store_true", help="with --list, only what can't be applied"
    )
    parser.add_argument("--match", default="", help="only changes whose sentence holds this")
    options = parser.parse_args()
    folder = options.root / "scripts" / "lib" / "mutations"
    known = sorted(path.stem for path in folder.glob("*.txt"))
    for area in options.areas:
        if area not in known:
            sys.exit(f'scripts/mutate: there is no "{area}"; there are {", ".join(known)}.')
    mutations = [
        mutation
        for area in options.areas or known
        for mutation in read(folder / f"{area}.txt")
        if options.match in mutation.why
    ]
    if not mutations:
        sys.exit("scripts/mutate: there is nothing to change.")
    wrong = 0
    for mutation in mutations:
        mistake = mutation.mistake(options.root)
        wrong += bool(mistake)
        if mistake or options.list and not options.quiet:
            print(f"{mutation.area}: {mutation.why}: {mistake or 'can be applied'}")
    if options.list or wrong:
        sys.exit(1 if wrong else 0)
    with tempfile.TemporaryDirectory(prefix="weir-mutate-") as folder:
        copy = copy_of(options.root, Path(folder))
        survived = judge_all(mutations, copy)
    print(f"{len(mutations) - survived} killed, {survived} not")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
