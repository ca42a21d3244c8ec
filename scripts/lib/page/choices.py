"""What somebody chooses: while the page is paused, by a link, by the address; and errors of the page itself."""

import json
import time

from page.browser import faults
from page.traffic import USERS, Sender
from page.views import busy_weir, load, show


def paused(chromium, pictures):
    """A pause stops what happens by itself, and nothing that somebody chooses."""
    found = []
    with busy_weir() as weir, chromium.page() as page:
        load(weir)
        show(page, weir, "overview")
        page.keyboard.press("p")
        page.keyboard.press("2")
        page.wait_for_selector("#main .view:not(.waiting)")
        page.wait_for_selector("text=user_actions_total")
        first = page.locator("tr.go").first.inner_text()
        page.click("th button:text('Name')")
        page.wait_for_selector("th[aria-sort] button:text('Name')")
        if page.locator("tr.go").first.inner_text() == first:
            found.append("a sort that is chosen while paused does nothing")
        page.keyboard.press("1")
        page.wait_for_selector("#main .view:not(.waiting)")
        page.click("button[data-step='1m']")
        page.wait_for_selector("button[data-step='1m'][aria-pressed='true']")
        page.keyboard.press("4")
        page.wait_for_selector("text=What to do")
        page.wait_for_timeout(500)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(6_000)
        if asked:
            found.append(f"a paused page asks {asked[0]} by itself")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def own_errors(chromium, pictures):
    """An error of the page's own code is told as one; the rest of the page goes on, and no outage is told of."""
    found = []
    with busy_weir() as weir, chromium.page() as page, Sender(weir.udp) as sender:
        load(weir)

        def without_limits(route):
            answer = route.fetch()
            route.fulfill(response=answer, json=answer.json() | {"limits": None})

        page.route("**/api/v1/status*", without_limits)
        page.route("**/api/v1/scrapes*", lambda route: route.fulfill(json={}))
        show(page, weir, "overview")
        found += told_as_error(page, "a part of the overview")
        before = page.inner_text("#who")
        sender.usual(times=20)
        page.wait_for_timeout(2_500)
        if page.inner_text("#who") == before or not page.locator(".river").count():
            found.append("after an error in one part of the overview the other parts stand still")
        page.unroute("**/api/v1/status*")
        page.reload()
        show(page, weir, "overview")
        if page.is_visible("#fault"):
            found.append("an error is told of where there is none")
        page.goto(f"{weir.url}/#/scrapes")
        page.wait_for_selector("#fault:visible")
        if page.inner_text("#main").strip():
            found.append(f"a view with an error claims {page.inner_text('#main')!r}")
        found += told_as_error(page, "a view")
        page.screenshot(path=pictures / "error.png")
        found += [f"with an error: {each}" for each in faults(page, False)]
        page.keyboard.press("2")
        page.wait_for_selector("text=user_actions_total")
    said = chromium.take_messages()
    if not any("TypeError" in each for each in said):
        found.append("the console does not tell of the page's error, so no check would find one")
    return found


def told_as_error(page, place):
    found = []
    if not page.is_visible("#fault") or "The page has an error" not in page.inner_text("#fault"):
        found.append(f"an error in {place} is not told of")
    if page.is_visible("#stale") or page.locator(".trouble:visible").count():
        found.append(f"an error in {place} is told of as an outage")
    return found


def refused_lines_of(chromium, pictures):
    """The refused lines of a sender or of a reason have an address, and the way back."""
    found = []
    with busy_weir() as weir, chromium.page() as page, Sender(weir.udp) as sender:
        load(weir)
        sender.mistakes()
        show(page, weir, "senders")
        page.click("a[title='Show its refused lines']")
        page.wait_for_selector(".chosen-by:visible")
        if "sender=127.0.0.1" not in page.url or "127.0.0.1" not in page.inner_text(".chosen-by"):
            found.append(f"a sender's refused lines are at {page.url}")
        page.locator("tr.go", has_text="bad_value").locator("td").last.click()
        page.wait_for_url("**reason=bad_value**")
        page.wait_for_selector("a[aria-current='true']:text('bad_value')")
        page.wait_for_function("() => !document.querySelector('#main').innerText.includes('orders.paid')")
        text = page.inner_text("#main")
        if "sender=127.0.0.1" not in page.url or "queue.wait" not in text:
            found.append(f"lines of a reason and a sender are {text[:200]!r}")
        page.locator(".opener:text('unknown_type')").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**reason=unknown_type**")
        if "unknown_type" not in page.evaluate("document.activeElement.innerText"):
            found.append("the focus is lost when a reason is chosen")
        page.go_back()
        page.wait_for_url("**reason=bad_value**")
        page.wait_for_selector(".chosen-by:has-text('bad_value')")
        page.screenshot(path=pictures / "refused-chosen.png")
        found += [f"with a choice: {each}" for each in faults(page, False)]
        # Shared, the address shows the same.
        page.reload()
        page.wait_for_selector(".chosen-by:has-text('bad_value')")
        page.click("text=Show all")
        page.wait_for_selector(".chosen-by", state="hidden")
        page.wait_for_selector("text=orders.paid")
        show(page, weir, "refused?reason=type_clash")
        if "llm_requests_total is a counter here; 127.0.0.1 sends it as a gauge." not in page.inner_text("#main"):
            found.append("a clash of types is not explained")
        show(page, weir, "refused?sender=192.0.2.1")
        if "None is kept" not in page.inner_text("#main"):
            found.append("a sender without refused lines is not told of")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def owned(value):
    """Answers with these owners of each series, or without any for `...`."""

    def answer(route):
        real = route.fetch()
        body = real.json()
        for each in body["series"]:
            each.pop("owners", None)
            if value is not ...:
                each["owners"] = value
        route.fulfill(response=real, json=body)

    return answer


def owners(chromium, pictures):
    """The owners of a series are shown where Weir tells them."""
    found = []
    instance = "00000000075bcd15"
    answers = {
        "text": (None, "text"),
        "two": ({"instances": 2, "first": [instance, "0" * 16]}, "pushed by 2"),
        "absent": (..., None),
    }
    with busy_weir() as weir, chromium.page() as page:
        load(weir)
        for name, (value, wanted) in answers.items():
            page.route("**/api/v1/series*", owned(value))
            show(page, weir, "overview")
            show(page, weir, "series?match=llm_requests_total")
            terms = page.locator("dt:text('owners') + dd")
            text = terms.inner_text().replace("\u00a0", " ") if terms.count() else None
            if (text is None) != (wanted is None) or wanted and wanted not in text:
                found.append(f"owners, {name}: {text!r}")
            if name == "two" and not page.locator(f"a[href='#/instances?instance={instance}']").count():
                found.append("an owner leads to no instance")
            page.unroute("**/api/v1/series*")
        show(page, weir, f"instances?instance={instance}")
        if "is not among the first" not in page.inner_text("#main"):
            found.append("an instance that is not known is not told of")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def parts_of_names(chromium, pictures):
    """Somebody who does not know the names finds them by a part; a series without text leads to it."""
    found = []
    with busy_weir() as weir, chromium.page() as page:
        load(weir)
        show(page, weir, "names")
        page.fill("input[aria-label='Show names that contain']", "duration")
        page.wait_for_selector("text=1 name that match")
        if "match=duration" not in page.url or page.locator("tr.go").count() != 1:
            found.append(f"names with a part are at {page.url}")
        page.keyboard.press("Escape")
        page.fill("#find", "duration")
        page.press("#find", "Enter")
        page.wait_for_selector("text=Names that contain it")
        page.click("a.chip:has-text('llm_request_duration_seconds')")
        page.wait_for_selector("text=As Prometheus reads it")
        show(page, weir, "series?match=user_actions_total")
        if page.locator("tr.go").count() != 100:
            found.append(f"{page.locator('tr.go').count()} series are shown at first, not 100")
        page.click("text=Show more")
        page.wait_for_function(f"() => document.querySelectorAll('tr.go').length === {USERS}")
        page.locator("tr.go").nth(USERS - 1).click()
        page.click("text=Show it alone")
        page.wait_for_selector("text=1 series matches")
        page.wait_for_selector("text=As Prometheus reads it")
    return found + [f"the console says {each}" for each in chromium.take_messages()]
