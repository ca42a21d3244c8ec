"""What a terminal shows after the escape sequences that `weir top` writes, and the same as a picture (SVG)."""

import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

# One escape sequence, or one character.
TOKEN = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b.|([^\x1b])", re.DOTALL)

BACKGROUND = "#0d1117"
BORDER = "#3d444d"
TEXT = "#d1d7e0"
DIM = "#8b949e"
COLOURS = {31: "#ff7b72", 32: "#56d364", 33: "#e3b341", 36: "#56c8d8", 37: "#ffffff", 41: "#a40e26"}
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Look:
    """The attributes of a character."""

    front: int | None = None
    back: int | None = None
    strong: bool = False
    dim: bool = False
    reverse: bool = False

    def after(self, number):
        """The attributes after one number of an SGR sequence."""
        if number == 0:
            return Look()
        if number in (1, 2, 7):
            return replace(self, **{{1: "strong", 2: "dim", 7: "reverse"}[number]: True})
        if number // 10 == 3:
            return replace(self, front=number)
        if number // 10 == 4:
            return replace(self, back=number)
        raise ValueError(f"The colour {number} is not known here.")

    @property
    def colours(self):
        """The colours of the character and of what is behind it; None for the background of the screen."""
        front = COLOURS.get(self.front, DIM if self.dim else TEXT)
        back = COLOURS.get(self.back)
        return (BACKGROUND, front) if self.reverse else (front, back)


BLANK = (" ", Look())


class Screen:
    """A terminal of characters that are one column wide each."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.clear()
        self.look = Look()
        self.is_whole = False

    def clear(self):
        self.cells = [[BLANK] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def write(self, text):
        for match in TOKEN.finditer(text):
            parameters, command, character = match.groups()
            if command:
                self.control(parameters, command)
            elif character == "\r":
                self.column = 0
            elif character == "\n":
                self.row = min(self.rows - 1, self.row + 1)
            elif character and character >= " " and self.column < self.columns:
                self.cells[self.row][self.column] = (character, self.look)
                self.column += 1

    def control(self, parameters, command):
        if parameters.startswith("?"):
            # 1049 is the second screen, which the command begins with.
            if parameters == "?1049":
                self.clear()
                self.is_whole = command == "h"
            return
        numbers = [int(number or 0) for number in parameters.split(";")]
        if command == "H":
            self.row, self.column = (max(1, number) - 1 for number in (*numbers, 1)[:2])
        elif command == "J":
            first = 0 if numbers == [2] else self.row
            for row in range(first, self.rows):
                self.cells[row] = [BLANK] * self.columns
        elif command == "K":
            self.cells[self.row] = [BLANK] * self.columns
        elif command == "m":
            for number in numbers:
                self.look = self.look.after(number)
        else:
            raise ValueError(f"The sequence ESC [ {parameters} {command} is not known here.")

    @property
    def lines(self):
        return ["".join(character for character, _ in row).rstrip() for row in self.cells]

    def copy(self):
        other = Screen(self.columns, self.rows)
        other.cells = [list(row) for row in self.cells]
        return other


class Picture:
    """A screen as SVG: text in runs of one look, which keep their columns in any font, and bars as rectangles."""

    WIDTH, HEIGHT, MARGIN, SIZE = 8, 18, 14, 13.3

    def __init__(self, screen, title):
        self.screen = screen
        self.title = title
        self.parts = []

    def text(self):
        for row, cells in enumerate(self.screen.cells):
            for start, end, look in self.runs(cells):
                self.run(row, start, [character for character, _ in cells[start:end]], look)
        width = self.screen.columns * self.WIDTH + 2 * self.MARGIN
        height = self.screen.rows * self.HEIGHT + 2 * self.MARGIN
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img">\n<title>{escape(self.title)}</title>\n'
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"'
            f' fill="{BACKGROUND}" stroke="{BORDER}"/>\n'
            f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"'
            f' font-size="{self.SIZE}">\n'
        )
        return head + "\n".join(self.parts) + "\n</g>\n</svg>\n"

    @staticmethod
    def runs(cells):
        """Where the look of a row changes. A line drawn by bars is a run of its own."""
        start = 0
        kinds = [(look, character in BARS) for character, look in cells]
        for end in range(1, len(cells) + 1):
            if end == len(cells) or kinds[end] != kinds[start]:
                yield start, end, kinds[start][0]
                start = end

    def run(self, row, start, characters, look):
        front, back = look.colours
        left, top = self.MARGIN + start * self.WIDTH, self.MARGIN + row * self.HEIGHT
        if back:
            self.rectangle(left, top, len(characters) * self.WIDTH, self.HEIGHT, back)
        if characters[0] in BARS:
            self.bars(left, top, characters, front)
            return
        text = "".join(characters)
        left += (len(text) - len(text.lstrip())) * self.WIDTH
        text = text.strip()
        if text:
            weight = ' font-weight="bold"' if look.strong else ""
            self.parts.append(
                f'<text x="{left}" y="{top + 13}" textLength="{len(text) * self.WIDTH}"'
                f' lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="{front}"{weight}>{escape(text)}</text>'
            )

    def bars(self, left, top, characters, colour):
        """Bars as one shape, so that no gap is between them."""
        bottom = top + self.HEIGHT - 2
        path = f"M{left} {bottom}"
        for character in characters:
            high = bottom - (BARS.index(character) + 1) * (self.HEIGHT - 4) / 8
            path += f"V{high:g}h{self.WIDTH}"
        self.parts.append(f'<path d="{path}V{bottom}z" fill="{colour}"/>')

    def rectangle(self, left, top, width, height, colour):
        self.parts.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="{colour}"/>')
