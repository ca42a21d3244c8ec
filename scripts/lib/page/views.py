"""Every view with real data, in every window; keys, focus, and what is shown where there is nothing."""

import time
import urllib.request

from page.browser import WINDOWS, faults
from page.traffic import HOSTILE, USERS, Sender, push
from programs import Weir

# What each view must show of the traffic, as text of the page.
VIEWS = {
    "overview": [
        "Loses data", "of the lines are refused", "llm_requests_total", "127.0.0.1", "series per name", "Busiest names",
    ],
    "names": ["user_actions_total", "user_id", f"{USERS}", "counter", "histogram", "names that match"],
    "series?match=llm_request_duration_seconds": ["provider", "anthropic", "p95", "As Prometheus reads it", "+Inf"],
    "refused": ["bad_value", "unknown_type", "type_clash", "Set the client to StatsD", "queue.wait:", "\\xff"],
    "senders": ["127.0.0.1", "text", "push"],
    "limits": ["series per name", "--limit.series-per-name", "user_actions_total", "size of one"],
    "instances": ["ended", "instances."],
    "scrapes": ["127.0.0.1", "200", "text/plain", "since the start"],
    "about": ["--limit.series-per-name", "starting Weir", "running for"],
}  # fmt: skip
# As many as the page's waits for the slowest view.
SETTLE_MILLISECONDS = 1_500


def busy_weir(*flags):
    return Weir.on_free_ports("--limit.series-per-name=500", *flags)


def load(weir):
    """Fills a Weir with everything that the views show."""
    with Sender(weir.udp) as sender:
        # Sampling of names and senders begins with the first question.
        weir.get("/api/v1/status")
        sender.hostile()
        for _ in range(6):
            sender.usual(times=USERS // 5)
            sender.mistakes()
            time.sleep(0.4)
        for number in range(USERS):
            sender.send(f"user_actions_total:1|c|#user_id:u{number},action:open")
            if number % 50 == 0:
                time.sleep(0.02)
    push(weir.udp)
    weir.get("/metrics")


def show(page, weir, view):
    page.goto(f"{weir.url}/#/{view}")
    page.wait_for_selector("#main .view:not(.waiting)")
    page.wait_for_timeout(SETTLE_MILLISECONDS)


def every_view(chromium, pictures):
    found = []
    with busy_weir() as weir:
        load(weir)
        for window in WINDOWS:
            # What was sent two minutes ago is not among the busiest any more.
            push(weir.udp)
            with chromium.page(window) as page, Sender(weir.udp) as sender:
                for view, wanted in VIEWS.items():
                    name = f"{view.split('?')[0]} in {window}"
                    sender.usual(times=20)
                    sender.mistakes()
                    show(page, weir, view)
                    if view == "names":
                        found += open_name(page, name)
                    text = page.inner_text("#main")
                    found += [f"{name} lacks {each!r}" for each in wanted if each not in text and not optional(each, window)]
                    if page.locator(".trouble:visible").count():
                        found.append(f"{name}: {page.inner_text('.trouble')}")
                    found += [f"{name}: {each}" for each in faults(page, window == "mobile")]
                    page.screenshot(path=pictures / f"{window}-{view.split('?')[0]}.png", full_page=True)
            found += [f"{window}: the console says {each}" for each in chromium.take_messages()]
        found += hostile_series(chromium, weir)
    return found


def optional(text, window):
    """What a phone leaves out."""
    return window == "mobile" and text in (
        "user_id", "histogram", "counter", "text", "push", "--limit.series-per-name", "text/plain", "size of one",
        f"{USERS}",
    )  # fmt: skip


def open_name(page, name):
    """The labels of the name that has most series."""
    row = page.locator("tr.go", has_text="user_actions_total")
    row.click()
    page.wait_for_selector(".detail .save")
    text = page.inner_text(".detail")
    wanted = ["Without the label user_id, 1 series would be left", "action", "open"]
    return [f"{name}, opened, lacks {each!r}: {text[:200]!r}" for each in wanted if each not in text]


def hostile_series(chromium, weir):
    """Texts of senders are shown as text: tags as they are, hidden characters written out."""
    found = []
    with chromium.page() as page:
        for match in ("hostile_total", "hostile_labels_total"):
            show(page, weir, f"series?match={match}")
            text = page.inner_text("#main")
            # Names of labels are changed to what Prometheus takes; values stay as they are.
            values = ("<img src=x onerror=window.owned=1>", "\\u202e", "\\u200b", "\\u0007")
            for wanted in values if match == "hostile_total" else ("hostile_labels_total",):
                if wanted not in text:
                    found.append(f"{match} lacks {wanted!r}")
            if "\u202e" in text or "\u200b" in text.replace("\\u200b", ""):
                found.append(f"{match} shows hidden characters")
            rows = page.locator("tr.go").count()
            if rows != len(HOSTILE):
                found.append(f"{match} has {rows} rows, not {len(HOSTILE)}")
            for number in range(rows):
                page.locator("tr.go").nth(number).click()
            found += faults(page, False)
        # The browser itself refuses HTML made of text, also in code that forgets what it must not do.
        refused = page.evaluate(
            "(() => { try { document.createElement('p').innerHTML = '<b>x</b>'; return false } catch { return true } })()"
        )
        if not refused:
            found.append("the browser takes innerHTML")
    return found + [f"the console says {each}" for each in chromium.take_messages(but=["TrustedHTML"])]


def keys(chromium, pictures):
    found = []
    with busy_weir() as weir, chromium.page() as page:
        load(weir)
        show(page, weir, "overview")

        def require(condition, sentence):
            if not condition:
                found.append(sentence)

        for number, view in enumerate(VIEWS, start=1):
            page.keyboard.press(str(number))
            page.wait_for_timeout(300)
            require(page.evaluate("location.hash").startswith("#/" + view.split("?")[0]), f"{number} opens no {view}")
        page.keyboard.press("1")
        page.keyboard.press("/")
        require(page.evaluate("document.activeElement.id") == "find", "/ does not find")
        page.keyboard.type('llm_requests_total{provider="openai"}')
        page.keyboard.press("Enter")
        page.wait_for_selector("text=1 series matches")
        page.keyboard.press("2")
        page.wait_for_selector("tr.go")
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.evaluate("[...document.querySelectorAll('tr.go')].indexOf(document.activeElement.closest('tr'))")
        require(second == 1, f"j j is at row {second}")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_selector(".detail")
        require(page.locator("button[aria-expanded='true']").count() == 1, "Enter opens no row")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        require(outline == "solid", f"the focus on a row is drawn as {outline}")
        page.locator("button[aria-expanded='true']").locator("xpath=ancestor::tr").locator("td").last.click()
        page.wait_for_selector(".detail", state="detached")
        page.keyboard.press("?")
        require(page.evaluate("document.getElementById('help').open"), "? shows no keys")
        found.extend(faults(page, False))
        page.keyboard.press("Escape")
        require(not page.evaluate("document.getElementById('help').open"), "Escape closes nothing")
        for theme in ("light", "dark"):
            page.keyboard.press("t")
            require(page.evaluate("document.documentElement.dataset.theme") == theme, f"t makes it not {theme}")
        page.reload()
        require(page.evaluate("document.documentElement.dataset.theme") == "dark", "the theme is forgotten")
        page.keyboard.press("p")
        require(page.get_attribute("#pause", "aria-pressed") == "true", "p does not pause")
        page.wait_for_timeout(1_500)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(2_500)
        require(not asked, f"while paused it asks {asked[:1]}")
        page.keyboard.press("p")
        page.wait_for_timeout(1_500)
        require(asked, "after the pause it asks nothing")
        foreign = [url for url in asked if not url.startswith(weir.url)]
        require(not foreign, f"it asks {foreign[:1]}")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def focus(chromium, pictures):
    """A row keeps its focus while its numbers change; the crosshair shows one time in all charts."""
    found = []
    with busy_weir() as weir, chromium.page() as page, Sender(weir.udp) as sender:
        load(weir)
        show(page, weir, "overview")
        row = page.locator("tr.go .opener").first
        row.focus()
        name = page.evaluate("document.activeElement.innerText.split('\\n')[0]")
        for _ in range(4):
            sender.usual(times=20)
            page.wait_for_timeout(1_000)
        if page.evaluate("document.activeElement.innerText.split('\\n')[0]") != name:
            found.append("a row loses its focus at a refresh")
        page.locator("figure.chart").first.hover()
        page.wait_for_timeout(200)
        if page.locator(".tip:visible").count() != 4:
            found.append("the crosshair is not in all charts")
        page.click("button[data-step='1m']")
        page.wait_for_selector("button[data-step='1m'][aria-pressed='true']")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def empty(chromium, pictures):
    """A Weir that has just started says in each view what to do."""
    found = []
    sentences = {
        "overview": "weir send", "names": "There is no series yet", "series": "Write a name or a selector",
        "refused": "Nothing has been refused", "senders": "No sender has been heard", "instances": "No process pushes",
        "scrapes": "Nobody has scraped Weir", "about": "running for",
    }  # fmt: skip
    with Weir.on_free_ports() as weir, chromium.page("mobile") as page:
        for view, sentence in sentences.items():
            show(page, weir, view)
            if sentence not in page.inner_text("#main"):
                found.append(f"an empty {view} lacks {sentence!r}")
            found += [f"an empty {view}: {each}" for each in faults(page, True)]
        page.goto(f"{weir.url}/#/series?match=x{{")
        page.wait_for_selector(".trouble:visible")
        if "correct" not in page.inner_text(".trouble") and "write" not in page.inner_text(".trouble"):
            found.append(f"a wrong selector is told of as {page.inner_text('.trouble')!r}")
    return found + [f"the console says {each}" for each in chromium.take_messages(but=["400 (Bad Request)"])]


def mistakes_are_found(chromium, pictures):
    """The checks can fail: each mistake that is made on purpose is found."""
    found = []
    mistakes = {
        "script has run": "window.owned = 1",
        "contrast": "document.querySelector('h2').classList.add('leakt'); document.styleSheets[0].insertRule('h2{color:#ccc!important}')",
        "no name": "document.querySelector('#pause').replaceChildren(); document.querySelector('#pause').title = ''",
        "caption": "document.querySelector('main table').deleteCaption()",
        "a row that acts": "document.querySelector('tr.go').setAttribute('aria-expanded', 'false')",
        "a row without a button": "document.querySelector('tr.go .opener').remove()",
        "too narrow": "document.styleSheets[0].insertRule('h2{width:9px!important;overflow:hidden!important;white-space:nowrap!important}')",
        "wider": "document.styleSheets[0].insertRule('main{min-width:2000px}')",
        "a figure without a name": "document.querySelector('figure').removeAttribute('aria-label')",
        "id twice": "document.querySelector('#main').firstElementChild.id = 'find'",
    }
    with busy_weir() as weir:
        load(weir)
        for wanted, change in mistakes.items():
            with chromium.page() as page:
                show(page, weir, "overview")
                page.keyboard.press("p")
                page.evaluate(change)
                if not any(wanted in each for each in faults(page, False)):
                    found.append(f"{wanted!r} is not found")
    chromium.take_messages()
    return found


def picture(chromium, file):
    """The page as docs/ show it: the traffic of the demo, with a few mistakes."""
    with busy_weir() as weir, Sender(weir.udp) as sender:
        for second in range(60):
            sender.usual(times=30 + second % 7)
            if second > 35:
                sender.mistakes()
            urllib.request.urlopen(weir.url + ("/metrics" if second % 5 == 0 else "/api/v1/status")).read()
            time.sleep(1)
        with chromium.page() as page:
            show(page, weir, "overview")
            page.screenshot(path=file, full_page=True)
