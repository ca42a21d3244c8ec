"""Debian's Chromium, and what is checked of every page that it shows."""

import contextlib

from playwright.sync_api import sync_playwright

from programs import program

# What a window is, by the name that its pictures have.
WINDOWS = {
    "light": {"viewport": {"width": 1440, "height": 1000}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 1000}, "color_scheme": "dark"},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "color_scheme": "light"},
    "mobile": {
        "viewport": {"width": 390, "height": 844}, "color_scheme": "light",
        "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
    },
}  # fmt: skip
WAIT_MILLISECONDS = 30_000

# The ratio of WCAG 2.2 between each text that can be seen and what is behind it.
CONTRAST = """() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = text => {
    const n = text.match(/[\\d.]+/g).map(Number);
    return n.length < 4 ? [...n, 1] : n;
  };
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility() || node.closest('.hidden, script, noscript')) continue;
    const style = getComputedStyle(node);
    const inRiver = node.closest('.flow svg') && (node.closest('.big, .unit'));
    const back = inRiver ? parse(getComputedStyle(document.querySelector('.river')).fill) : behind(node);
    const front = parse(node instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} of "${text.data.trim().slice(0, 40)}"`);
  }
  return [...new Set(bad)];
}"""

# What readers of the screen need: a name for all that can be used, heads for tables, one language, one h2 a card.
NAMES = """() => {
  const bad = [];
  const name = node => node.getAttribute('aria-label') || node.innerText || node.title ||
    (node.labels && [...node.labels].map(l => l.innerText).join(' ')) || '';
  for (const node of document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')) {
    // What is hidden from readers has its text elsewhere, if the keyboard does not reach it either.
    if (node.tabIndex < 0 && node.closest('[aria-hidden=true]')) continue;
    if (node.checkVisibility() && !name(node).trim()) bad.push('no name: ' + node.outerHTML.slice(0, 80));
  }
  for (const table of document.querySelectorAll('main table')) {
    if (!table.caption) bad.push('a table without a caption');
    if (!table.querySelector('th[scope]')) bad.push('a table without heads');
  }
  // A row of a plain table has no states, and takes no focus: a link or a button in its first cell does.
  for (const row of document.querySelectorAll('tr[aria-expanded], tr[aria-selected], tr[aria-pressed], tr[tabindex]'))
    bad.push('a row that acts as a button: ' + row.innerText.slice(0, 40));
  for (const row of document.querySelectorAll('tr.go')) {
    const opener = row.cells[0].querySelector('a[href], button');
    if (!opener) bad.push('a row without a button: ' + row.innerText.slice(0, 40));
    else if (opener.ariaExpanded === 'true' && !document.getElementById(opener.getAttribute('aria-controls')))
      bad.push('an open row that controls nothing');
  }
  for (const figure of document.querySelectorAll('figure')) {
    if (!figure.checkVisibility()) continue;
    if (!figure.getAttribute('aria-label')) bad.push('a figure without a name');
    if (!figure.innerText.trim() && !figure.querySelector('.hidden').textContent) bad.push('a figure without text');
  }
  for (const image of document.querySelectorAll('svg:not(svg svg)')) {
    if (image.getAttribute('aria-hidden') !== 'true' && !image.getAttribute('aria-label'))
      bad.push('a picture without a name');
  }
  const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  if (new Set(ids).size < ids.length) bad.push('an id twice');
  if (!document.documentElement.lang) bad.push('no language');
  if (document.querySelectorAll('nav [aria-current]').length !== 1) bad.push('no current view');
  return bad;
}"""

# Text that is cut without a sign of it, and cells that hide a part of their text. What may be cut ends with "…".
CLIPPED = """() => {
  const bad = [];
  for (const node of document.querySelectorAll('header *, main *')) {
    if (node instanceof SVGElement || !node.checkVisibility() || node.closest('.hidden, pre, input')) continue;
    // What only readers of the screen get is clipped to a dot.
    if (node.clientWidth <= 1) continue;
    const style = getComputedStyle(node);
    if (style.overflowX === 'visible' || style.display === 'inline' || style.textOverflow === 'ellipsis') continue;
    if (node.matches('nav')) continue;
    if (node.scrollWidth > node.clientWidth + 1) bad.push(`${node.tagName} ${node.className} is ${node.scrollWidth - node.clientWidth} px too narrow`);
  }
  return [...new Set(bad)];
}"""

TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


class Browser:
    """Chromium with the messages of its console."""

    def __init__(self, chromium):
        self.chromium = chromium
        self.messages = []

    @contextlib.contextmanager
    def page(self, window="light", **more):
        context = self.chromium.new_context(**(WINDOWS[window] | more))
        page = context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        try:
            yield page
        finally:
            context.close()

    def take_messages(self, but=()):
        """What the console has said since the last call, without messages that have one of these texts."""
        messages, self.messages = self.messages, []
        return [each for each in messages if not any(text in each for text in but)]


@contextlib.contextmanager
def browser():
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work as root.
        chromium = playwright.chromium.launch(
            executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield Browser(chromium)
        finally:
            chromium.close()


def faults(page, is_narrow):
    """What is wrong with a page whatever it shows, as sentences."""
    found = [f"contrast {each}" for each in page.evaluate(CONTRAST)]
    found += page.evaluate(NAMES)
    found += page.evaluate(CLIPPED)
    if page.evaluate("window.owned") is not None:
        found.append("a sender's script has run")
    width = page.evaluate(TOO_WIDE)
    if width > 0:
        found.append(f"the page is {width} px wider than its window" + (" on a phone" if is_narrow else ""))
    return found
