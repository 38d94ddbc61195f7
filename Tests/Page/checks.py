# The checks of the dashboard, each in a browser of its own, usually with a scripted router.
# Must not know how the page is built, only what a person and a screen reader find on it.

import contextlib
import json
import os
import sys
import time
import urllib.error
import urllib.request

from standin import HOSTILE, KEY, PAGE, Router, StandIn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Conformance"))

from lib.browser import Browser  # noqa: E402
from lib.frames import Frames, peer_frames, scroll_through  # noqa: E402

CHECKS = []
# How many times a bare page's frame the board's may take.
PEER_FRAMES = 1.5


def check(function):
    CHECKS.append(function)
    return function


@contextlib.contextmanager
def page(width=1440, height=900, dark=False, key=None, guests=(), **script):
    """(browser, router, server) with the page open and its first snapshot drawn. Any error of the page fails the check. `key`: the operator's,
    as the address brings it; `guests`: arguments of `invite`."""
    router = Router(**script)
    for guest in guests:
        router.invite(**guest)
    server = StandIn(router)
    browser = Browser()
    try:
        browser.look(width, height, dark)
        browser.go(server.url + (f"#operator={key}" if key else ""))
        browser.until("document.querySelector('#live').textContent == 'live' && document.querySelectorAll('[role=rowheader]').length > 1")
        yield browser, router, server
        quiet(browser)
    finally:
        browser.close()
        server.end()


def quiet(browser):
    for kind, about in (("Runtime.exceptionThrown", "exceptionDetails"), ("Log.entryAdded", "entry")):
        for event in browser.seen(kind):
            if "ERR_CONNECTION_REFUSED" not in json.dumps(event) and "ERR_INCOMPLETE_CHUNKED" not in json.dumps(event):
                raise AssertionError(f"the page complains: {json.dumps(event[about])[:400]}")


def row(name):
    return f"[...document.querySelectorAll('[role=row]')].find((row) => row.querySelector('.name')?.textContent == {json.dumps(name)})"


def cell(name, column):
    """A cell, by the app's name and the output's index."""
    return f"[...{row(name)}.querySelectorAll('[role=gridcell]')].find((cell) => cell.ariaColIndex == {column + 2})"


def later(browser):
    """Awaits a request that the page makes now: what it asked for before has come to the router too."""
    browser.value("fetch('/').then((answer) => answer.text())")


def posted(router, method, path):
    return [body for one, where, body in router.asked if (one, where) == (method, path)]


def tell(url, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:
        return answer.read()


@check
def all_files_are_small_and_nothing_is_from_other_hosts():
    total = 0
    for name in os.listdir(PAGE):
        with open(os.path.join(PAGE, name), encoding="utf-8") as file:
            text = file.read()
        total += len(text.encode())
        assert "//" not in "".join(text.split("http://www.w3.org/2000/svg")).replace("\n//", "\n").split("https:")[0] or name.endswith(".js"), name
        assert text.startswith(("// ", "/* ", "<!-- ", "<!doctype html>\n<!-- ")), f"{name} does not say what it is for"
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=", " onclick=", "DOMParser", "cdn"):
            assert word not in text, f"{name} has {word}"
    assert total < 100_000, f"{total} bytes"
    return f"{total} bytes"


@check
def the_app_that_drives_is_bright_and_one_that_waits_is_pale():
    with page(moving=False) as (browser, router, _):
        lit = browser.value(f"{cell('Script player', 0)}.className"), browser.value(f"{cell('Script player', 0)}.innerText")
        pale = browser.value(f"{cell('Dungeon Run', 0)}.className"), browser.value(f"{cell('Dungeon Run', 0)}.innerText")
        assert "drives" in lit[0] and "drives" in lit[1] and "70" in lit[1], lit
        assert "waits" in pale[0] and "waits" in pale[1] and "40" in pale[1], pale
        colours = [browser.value(f"getComputedStyle({cell(name, 0)}.querySelector('.plug')).backgroundColor") for name in ("Script player", "Dungeon Run")]
        assert colours[0] != colours[1], colours
        router.wish((0, 0), list(router.sessions)[0], 0.9)
        browser.until(f"{cell('Dungeon Run', 0)}.classList.contains('drives') && {cell('Script player', 0)}.classList.contains('waits')")
        foot = "[...document.querySelectorAll('.foot')].find((foot) => foot.ariaColIndex == 2).innerText"
        browser.until(f"{foot}.includes('90') && {foot}.includes('Dungeon Run')")
        assert "lease" in browser.value(f"{cell('Script player', 2)}.innerText")
        assert "lease" in browser.value(f"{cell('Dungeon Run', 2)}.innerText"), "an app that waits for a lease does not show it"
        browser.until("document.querySelector('#explain').innerText.includes('because Dungeon Run drives it')")


@check
def a_cap_shows_the_requested_and_the_limited_value():
    with page(moving=False) as (browser, _, _2):
        text = browser.value(f"{cell('Rhythm Lights', 0)}.innerText")
        assert "20" in text and "asks 30" in text, text


@check
def stop_is_posted_at_once():
    with page() as (browser, router, _):
        since = time.monotonic()
        browser.click("#stop")
        router.wait(lambda: posted(router, "POST", "/v1/stop"), 1)
        took = time.monotonic() - since
        browser.until("!document.querySelector('#latched').hidden && document.title.startsWith('STOPPED')")
        browser.until("document.querySelector('#stop').innerText.startsWith('STOPPED')")
        assert len(posted(router, "POST", "/v1/stop")) == 1, "one press is one stop"
        assert browser.value("document.querySelector('#question').open") is False
        assert browser.value("document.querySelectorAll('.drives').length") == 0
        assert took < 0.5, took
        return f"{took * 1000:.0f} ms from the press to the router, with the browser's driver"


@check
def the_sentence_below_the_board_tells_a_stop_in_the_frame_of_its_banner():
    with page(moving=False) as (browser, router, _):
        # The stop comes right after the sentence has changed: it must not wait until that could be read.
        browser.value("""{
            const once = (node, seen) => new MutationObserver((_, watch) => seen(watch.disconnect())).observe(node, { childList: true, subtree: true, attributes: true });
            window.said = new Promise((resolve) => {
                once(document.querySelector('#latched'), () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(document.querySelector('#explain').innerText))));
                once(document.querySelector('#explain'), () => document.querySelector('#stop').click());
            });
            0
        }""")
        router.wish((0, 0), list(router.sessions)[0], 0.9)
        said = browser.value("said")
        assert "is held at zero by the emergency stop" in said, said
        browser.value("document.querySelector('#clear').click()")
        browser.click("#question-yes")
        browser.until("!document.querySelector('#explain').innerText.includes('emergency stop')")


@check
def esc_twice_is_a_stop():
    with page() as (browser, router, _):
        browser.key("Escape")
        # By the clock that the page measures with.
        pressed = browser.value("performance.now()")
        browser.until(f"performance.now() > {pressed} + 1200")
        browser.key("Escape")
        later(browser)
        assert not posted(router, "POST", "/v1/stop"), "two slow Esc are no stop"
        browser.key("Escape")
        router.wait(lambda: posted(router, "POST", "/v1/stop"), 1)
        browser.until("!document.querySelector('#latched').hidden")


@check
def esc_twice_is_a_stop_in_a_field_and_in_the_question_too():
    with page() as (browser, router, _):
        browser.value("document.querySelector('#app-list').scrollIntoView()")
        browser.until("document.querySelector('.app input[type=number]')")
        browser.value("document.querySelector('.app input[type=number]').focus()")
        for _ in "12":
            browser.key("Escape")
        router.wait(lambda: len(posted(router, "POST", "/v1/stop")) == 1, 1)
        browser.until("!document.querySelector('#latched').hidden")
        browser.click("#clear")
        browser.until("document.querySelector('#question').open")
        for _ in "12":
            browser.key("Escape")
        router.wait(lambda: len(posted(router, "POST", "/v1/stop")) == 2, 1)


@check
def clearing_asks_once():
    with page() as (browser, router, _):
        router.stop(True)
        browser.until("!document.querySelector('#latched').hidden")
        browser.click("#clear")
        browser.until("document.querySelector('#question').open")
        assert browser.value("document.activeElement.textContent") == "Stay stopped"
        browser.key("Enter")
        browser.until("!document.querySelector('#question').open")
        later(browser)
        assert not posted(router, "DELETE", "/v1/stop") and router.stopped, "staying stopped clears nothing"
        browser.click("#clear")
        browser.click("#question-yes")
        router.wait(lambda: len(posted(router, "DELETE", "/v1/stop")) == 1)
        browser.until("document.querySelector('#latched').hidden && document.title == 'Plugboard'")
        later(browser)
        assert browser.value("document.querySelector('#question').open") is False and len(posted(router, "DELETE", "/v1/stop")) == 1


@check
def hostile_names_are_plain_text():
    with page(hostile=True, sessions=8) as (browser, _, _2):
        for name in HOSTILE:
            shown = browser.value("[...document.querySelectorAll('.rowhead .name')].map((node) => node.textContent)")
            assert any(name.startswith(one.removesuffix("…")) and len(one) > 10 for one in shown), (name[:40], shown)
        assert browser.value("window.hurt") is None
        assert browser.value("document.querySelectorAll('img').length") == 1, "an image came from a name"
        assert browser.value("document.querySelectorAll('script').length") == 1
        assert browser.value("[...document.querySelectorAll('.rowhead .name')].every((node) => node.tagName == 'BDI' && node.offsetWidth <= 230)")
        assert browser.value("document.documentElement.scrollWidth <= innerWidth")
        browser.look(390, 844)
        browser.until("document.documentElement.scrollWidth <= innerWidth")


@check
def the_operator_controls_apps():
    with page() as (browser, router, _):
        key = list(router.sessions)[1]
        at = "document.querySelectorAll('.app')[1]"
        browser.value(f"{at}.scrollIntoView()")
        browser.until(f"{at}.querySelector('.row button')")
        mute = "#app-list > :nth-child(2) .row button:first-child"
        browser.click(mute)
        router.wait(lambda: router.sessions[key]["mute"])
        browser.until(f"document.querySelector('{mute}').ariaPressed == 'true' && {at}.innerText.includes('muted')")
        browser.click(mute)
        router.wait(lambda: not router.sessions[key]["mute"])
        browser.value(f"(() => {{ const node = {at}.querySelector('input[type=number]'); node.value = 120; node.dispatchEvent(new Event('change')) }})()")
        router.wait(lambda: router.sessions[key]["priority"] == 120)
        browser.value(f"(() => {{ const node = {at}.querySelector('input[type=range]'); node.value = 40; node.dispatchEvent(new Event('change')) }})()")
        router.wait(lambda: router.sessions[key]["cap"] == 0.4)
        browser.value(f"(() => {{ const node = {at}.querySelector('select'); node.value = 'observer'; node.dispatchEvent(new Event('change')) }})()")
        router.wait(lambda: router.sessions[key]["role"] == "observer")
        browser.until(f"{at}.innerText.includes('only looks')")
        browser.click("#app-list > :nth-child(2) .row button:last-child")
        router.wait(lambda: key not in router.sessions)
        browser.until("document.querySelector('#notes').innerText.includes('Script player is disconnected')")
        browser.until("document.querySelectorAll('.app').length == 4")
        browser.value("scrollTo(0, 0)")
        browser.until(f"!{row('Script player')}")


@check
def devices_stop_and_scan():
    with page() as (browser, router, _):
        browser.value("document.querySelector('#device-list').scrollIntoView()")
        browser.until("document.querySelector('#device-list > :first-child .row button')")
        browser.click("#device-list > :first-child .row button")
        router.wait(lambda: posted(router, "POST", "/v1/devices/0/stop"))
        browser.click("#scan")
        router.wait(lambda: posted(router, "POST", "/v1/scan") == [{"for": "10s"}])
        browser.until("document.querySelector('#scan').ariaPressed == 'true'")
        browser.click("#scan")
        router.wait(lambda: posted(router, "DELETE", "/v1/scan"))
        text = browser.until("document.querySelector('#device-list').innerText")
        for part in ("Battery", "82", "usually 0.4 ms", "Failed", "simulated", "ws://127.0.0.1:12346"):
            assert part in text, (part, text)
        browser.until("[...document.querySelectorAll('.output canvas')].some((canvas) => canvas.getContext('2d').getImageData(canvas.width - 8, 0, 8, canvas.height).data.some((part) => part))")


@check
def a_refusal_is_shown():
    with page(moving=False) as (browser, router, _):
        key = list(router.sessions)[0]
        with router.lock:
            router.sessions.pop(key)
        browser.value("document.querySelector('#app-list').scrollIntoView()")
        browser.until("document.querySelector('#app-list > :first-child .row button')")
        browser.click("#app-list > :first-child .row button")
        browser.until("document.querySelector('#problems').innerText.includes('there is nothing at')")
        browser.events = [event for event in browser.events if event[0] != "Log.entryAdded"]


@check
def the_page_survives_a_restart():
    with page() as (browser, _, server):
        port = server.server_port
        server.end()
        browser.until("!document.querySelector('#gone').hidden && document.querySelector('#live').textContent == 'no router'", 3)
        browser.click("#stop")
        browser.until("document.querySelector('#problems').innerText.includes('did not reach')")
        browser.until("document.querySelector('#gone-text').textContent.includes('Trying again in')")
        second = StandIn(Router(lanes=3, sessions=2), port=port)
        try:
            browser.until("document.querySelector('#gone').hidden && document.querySelector('#live').textContent == 'live'", 8)
            browser.until("document.querySelectorAll('.app').length == 2 && document.querySelectorAll('.body [role=row]').length == 2")
            assert browser.value("document.querySelectorAll('.foot').length") == 3
        finally:
            second.end()


@check
def a_silent_router_is_noticed():
    with page() as (browser, router, _):
        with router.lock:
            browser.until("!document.querySelector('#gone').hidden", 12)
        browser.until("document.querySelector('#gone').hidden", 12)


@check
def apps_come_and_go():
    with page(moving=False) as (browser, router, _):
        key = router.join("Late guest")
        browser.until(row("Late guest"))
        router.wish((0, 0), key, 1)
        browser.until(f"{cell('Late guest', 0)}.classList.contains('drives')")
        router.leave(key)
        browser.until(f"!{row('Late guest')}")


@check
def the_keyboard_reaches_everything():
    with page(moving=False) as (browser, router, _):
        seen = []
        for _ in range(60):
            browser.key("Tab")
            seen.append(browser.value("(() => { const node = document.activeElement; const box = node.getBoundingClientRect(); "
                                      "return [node.id || node.tagName, getComputedStyle(node).outlineStyle != 'none', box.width > 0] })()"))
            if seen[-1][0] == "BODY":
                break
        names = [name for name, *_ in seen]
        for wanted in ("scan", "stop", "only-active", "board", "SELECT", "try"):
            assert wanted in names, (wanted, names)
        assert all(outlined for name, outlined, _ in seen if name != "BODY"), seen
        browser.value("document.querySelector('#board').focus()")
        for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
            browser.key(key)
        browser.until("document.getElementById(document.querySelector('#board').getAttribute('aria-activedescendant'))?.classList.contains('active')")
        browser.until("document.querySelector('#explain').innerText.includes('Rotate')")
        browser.key("Enter")
        browser.until("document.activeElement.closest('.app')")


@check
def roles_names_and_contrast():
    with open(os.path.join(HERE, "looks.js"), encoding="utf-8") as file:
        looks = file.read()
    for dark in (False, True):
        for width, height in ((1440, 900), (390, 844)):
            with page(width, height, dark, key=KEY, guests=GUESTS) as (browser, router, server):
                browser.until("document.querySelectorAll('.guest').length == 3")
                for state in ("moving", "inviting", "stopped", "asking", "gone"):
                    if state == "inviting":
                        invite(browser, "zoe")
                    if state == "stopped":
                        browser.value("document.querySelector('#address').close()")
                        router.stop(True)
                        browser.until("!document.querySelector('#latched').hidden")
                    if state == "asking":
                        browser.click("#clear")
                    if state == "gone":
                        browser.value("document.querySelector('#question').close()")
                        server.end()
                        browser.until("!document.querySelector('#gone').hidden")
                    browser.settles()
                    problems = browser.value(looks)
                    assert not problems, (dark, width, state, problems)
                    if state != "gone":
                        tree = browser.call("Accessibility.getFullAXTree")["nodes"]
                        for node in tree:
                            role = node.get("role", {}).get("value")
                            if role in ("button", "slider", "spinbutton", "combobox", "textbox", "checkbox", "grid", "dialog", "img", "link") and not node.get("ignored"):
                                assert node.get("name", {}).get("value") or (role == "img" and not node.get("name")), (role, node)


@check
def a_thousand_lanes_and_two_hundred_apps():
    with page(lanes=1000, sessions=200, pace=500) as (browser, _, _2):
        browser.runs(2)
        board = Frames(browser, lambda: scroll_through(browser))
        browser.value("document.querySelector('.more').click()")
        browser.until("document.querySelectorAll('.app').length == 80 && document.activeElement.closest('.app:nth-child(41)')")
        nodes = browser.value("document.querySelectorAll('*').length")
        peer = peer_frames(browser)
        said = f"{board}; a bare page: {peer}; {nodes} elements"
        # A frame has 16 ms. A machine on which a bare page needs much of that is too slow to say more than how both compare.
        assert board.late < max(16, PEER_FRAMES * peer.late), said
        assert nodes < 6000, said
        return said


def open_router(simulate):
    """A real router with an admin listener on a free port: (server, address of the admin listener)."""
    from lib.server import Server

    server = Server(simulate, config='[admin]\nlisten = ["http://127.0.0.1:0"]\n')
    return server, server.wait_match(r"admin interface.*?http://([\d.:]+)").group(1)


@contextlib.contextmanager
def real_page(simulate="rabbit,stroker,plug,kegel"):
    """(browser, server) at a real router: at its own page when it has one, else through standin.py."""
    server, address = open_router(simulate)
    standin = None
    browser = Browser()
    try:
        url = f"http://{address}/"
        try:
            tell(url)
        except urllib.error.HTTPError:
            standin = StandIn(address=address)
            url = standin.url
        browser.look()
        browser.go(url)
        browser.until("document.querySelector('#live').textContent == 'live'")
        yield browser, server, url
        quiet(browser)
    finally:
        browser.close()
        if standin:
            standin.end()
        server.stop()
        server.clean()


def drive(client, device, feature, value):
    client.ok("OutputCmd", DeviceIndex=device, FeatureIndex=feature, Command={"Vibrate": {"Value": value}})


@check
def two_real_apps_drive_and_stop_is_quick():
    from lib.client import Client

    with real_page() as (browser, server, url):
        one, two = Client(server, name="First app"), Client(server, name="Second app")
        devices = one.device_list() if hasattr(one, "device_list") else None
        browser.click("#scan")
        browser.until("document.querySelectorAll('.foot').length >= 3")
        drive(one, 0, 0, 8)
        drive(two, 0, 0, 15)
        browser.until(f"{cell('Second app', 0)}.classList.contains('drives') && {cell('First app', 0)}.classList.contains('waits')")
        browser.until("document.querySelector('.foot').innerText.includes('75')")
        since = time.monotonic()
        browser.click("#stop")
        server.journal.until(lambda: not server.journal.running(), 2)
        took = time.monotonic() - since
        browser.until("!document.querySelector('#latched').hidden && document.querySelectorAll('.drives').length == 0")
        browser.click("#clear")
        browser.click("#question-yes")
        browser.until("document.querySelector('#latched').hidden")
        del devices
        assert took < 0.3, took
        return f"{took * 1000:.0f} ms from the press to the journal's zero, with the browser's driver"


@check
def try_it_makes_the_page_an_app():
    with real_page() as (browser, server, url):
        browser.click("#scan")
        browser.until("document.querySelectorAll('.card').length >= 3")
        browser.value("document.querySelector('#device-list').scrollIntoView()")
        browser.click("#try")
        browser.until(row("Plugboard panel"))
        slider = "document.querySelector('#device-list .try:not([hidden]) input')"
        browser.until(slider)
        browser.value(f"(() => {{ const node = {slider}; for (let i = 1; i <= 12; i++) {{ node.value = i; node.dispatchEvent(new Event('input')) }} }})()")
        browser.until(f"{cell('Plugboard panel', 0)}.classList.contains('drives') && {cell('Plugboard panel', 0)}.innerText.includes('60')")
        server.journal.until(lambda: server.journal.running(), 5)
        browser.until("document.querySelector('#device-list').innerText.match(/Battery\\s+\\d+/)")
        # A card that leaves the window and comes back has its slider at the same value.
        browser.look(1440, 300)
        browser.value("scrollTo(0, 0)")
        browser.until("!document.querySelector('#device-list .try')")
        browser.value("document.querySelector('#device-list').scrollIntoView()")
        browser.until(f"{slider}?.value == 12")
        browser.value("document.querySelector('#stop').click()")
        browser.until(f"{slider}?.value == 0 && !document.querySelector('#latched').hidden")
        server.journal.until(lambda: not server.journal.running(), 2)
        browser.click("#clear")
        browser.click("#question-yes")
        browser.until("document.querySelector('#latched').hidden")
        browser.value(f"(() => {{ const node = {slider}; node.value = 12; node.dispatchEvent(new Event('input')) }})()")
        server.journal.until(lambda: server.journal.running(), 5)
        browser.look()
        browser.click("#try")
        server.journal.until(lambda: not server.journal.running(), 2)
        browser.value("scrollTo(0, 0)")
        browser.until(f"!{row('Plugboard panel')}")
        # A person who leaves the page also leaves the panel.
        browser.value("document.querySelector('#device-list').scrollIntoView()")
        browser.click("#try")
        browser.until(slider)
        browser.value(f"(() => {{ const node = {slider}; node.value = 20; node.dispatchEvent(new Event('input')) }})()")
        server.journal.until(lambda: server.journal.running(), 5)
        asked = [event["request"]["url"] for event in browser.seen("Network.requestWillBeSent")]
        strange = [one for one in asked if not one.startswith(url)]
        sockets = {event["url"] for event in browser.seen("Network.webSocketCreated")}
        browser.call("Page.navigate", url="about:blank")
        server.journal.until(lambda: not server.journal.running(), 2)
        assert not strange, strange
        assert sockets == {"ws://%s:%d/" % server.address}, sockets
        return f"{len(asked)} requests, all of the page's own origin"


@check
def a_slider_that_goes_both_ways_is_not_half_filled_at_rest():
    with real_page("rotator,plug") as (browser, _, _2):
        browser.click("#scan")
        browser.until("document.querySelectorAll('.card').length == 2")
        browser.value("document.querySelector('#device-list').scrollIntoView()")
        browser.click("#try")
        shown = "[...document.querySelectorAll('.try:not([hidden]) input')]"
        browser.until(f"{shown}.length == 2")
        # What the browser itself draws is filled up to the knob.
        looks = browser.value(f"{shown}.map((one) => [Number(one.min), getComputedStyle(one).appearance == 'none'])")
        assert sorted(looks) == [[-100, True], [0, False]], looks


@check
def an_open_page_survives_a_real_router_that_is_reloaded_killed_and_started_again():
    import signal

    from lib.client import Client
    from lib.server import Server

    # The next router has the same folder, so the same state, and the same ports.
    config = '[devices]\npresent_at_start = true\n[admin]\nlisten = ["http://127.0.0.1:%d"]\n'
    server = Server("rabbit,plug", config=config % 0)
    folder = server.folder
    browser = Browser()
    live = "document.querySelector('#gone').hidden && document.querySelector('#live').textContent == 'live'"
    servers = [server]
    try:
        address = server.wait_match(r"admin interface.*?http://([\d.:]+)").group(1)
        config = config % int(address.rsplit(":", 1)[1])
        browser.look()
        browser.go(f"http://{address}/")
        browser.until(f"{live} && document.querySelectorAll('.foot').length == 3")
        first = Client(server, name="First app")
        browser.until(row("First app"))
        drive(first, 0, 0, 8)
        browser.until(f"{cell('First app', 0)}.classList.contains('drives')")

        # A reload closes nothing: neither the page nor the app is told of an end, and a new rule is in force.
        with open(os.path.join(folder, "plugboard.toml"), "w") as file:
            file.write(config + '[[rule]]\nmatch = { client = "Second*" }\ncap = 0.5\n')
        server.signal(signal.SIGHUP)
        server.wait_log("configuration read")
        second = Client(server, name="Second app")
        browser.until(row("Second app"))
        drive(second, 1, 0, 20)
        browser.until(f"{cell('Second app', 2)}.innerText.includes('asks 100') && {cell('First app', 0)}.classList.contains('drives')")
        assert browser.value(live)

        # A killed router: the page says so and shows nothing that moves, and a press of STOP that arrives nowhere is not shown as one.
        server.kill()
        browser.until("!document.querySelector('#gone').hidden && document.querySelector('#live').textContent == 'no router'")
        browser.click("#stop")
        browser.until("document.querySelector('#problems').innerText.includes('did not reach')")
        assert browser.value("document.querySelector('#latched').hidden"), "a stop that arrived nowhere is shown as one"

        servers.append(Server("rabbit,plug", config=config, listen=("ws://%s:%d" % server.address,), folder=folder))
        browser.until(f"{live} && document.querySelectorAll('.foot').length == 3", 20)
        browser.until(f"!{row('First app')} && !{row('Second app')} && document.querySelectorAll('.drives').length == 0")
        again = Client(servers[-1], name="First app")
        browser.until(row("First app"))
        drive(again, 0, 0, 12)
        browser.until(f"{cell('First app', 0)}.classList.contains('drives') && {cell('First app', 0)}.innerText.includes('60')")
        browser.click("#stop")
        servers[-1].journal.until(lambda: not servers[-1].journal.running(), 5)
        browser.until("!document.querySelector('#latched').hidden")

        # The page of a router that ended as it should comes back too, and the stop is still there.
        servers[-1].stop()
        browser.until("!document.querySelector('#gone').hidden")
        servers.append(Server("rabbit,plug", config=config, listen=("ws://%s:%d" % server.address,), folder=folder))
        browser.until(f"{live} && !document.querySelector('#latched').hidden", 20)
        quiet(browser)
    finally:
        browser.close()
        for one in servers:
            if one.alive():
                one.stop()
        for one in reversed(servers):
            one.clean()


@check
def an_app_that_waits_to_be_let_in_is_shown_read_out_and_answered():
    with page(moving=False) as (browser, router, _):
        rows = "document.querySelectorAll('#consents li')"
        assert browser.value("document.querySelector('#consents').hidden") is True
        browser.value("document.querySelector('#stop').focus()")
        first = router.knock(HOSTILE[0], token="home", devices_allow=["*Rabbit*"])
        browser.until(f"{rows}.length == 1 && !document.querySelector('#consents').hidden")
        text = browser.value(f"{rows}[0].innerText")
        for part in (HOSTILE[0], "priority 30", "cap 50", "*Rabbit*", "203.0.113.9", "home", "left"):
            assert part in text, (part, text)
        assert browser.value("window.hurt") is None
        # It is read out, and the focus stays where it was.
        assert browser.value("document.querySelector('#asked').getAttribute('role')") == "alert"
        assert "wants to be let in" in browser.value("document.querySelector('#asked').textContent")
        assert browser.value("document.activeElement.id") == "stop"
        over = "(() => { const box = document.querySelector('#stop').getBoundingClientRect(); return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).closest('button')?.id; })()"
        assert browser.value(over) == "stop", "something covers STOP"
        second, third = router.knock("Second"), router.knock("Third")
        browser.until(f"{rows}.length == 3")
        assert "3 apps" in browser.value("document.querySelector('#asked').textContent")
        assert browser.value("document.activeElement.id") == "stop"
        # With the keyboard alone: Tab reaches the first row's answers before the board.
        seen = []
        for _ in range(4):
            browser.key("Tab")
            seen.append(browser.value("document.activeElement.getAttribute('aria-label') ?? document.activeElement.id"))
        assert any(one.startswith("Always") for one in seen) and any(one.startswith("Let ") for one in seen), seen
        browser.value(f"{rows}[0].querySelector('input').checked = true")
        browser.value(f"{rows}[0].querySelector('button').focus()")
        browser.key("Enter")
        browser.until(f"{rows}.length == 2")
        assert posted(router, "POST", f"/v1/consents/{first}") == [{"answer": "approve", "always": True}]
        # A press just after the rows have moved is not taken for another row's.
        router.give_up(second)
        browser.until(f"{rows}.length == 1")
        browser.value("document.querySelector('#stop').focus()")
        fourth = router.knock("Fourth")
        browser.until(f"{rows}.length == 2")
        router.give_up(third)
        browser.until(f"{rows}.length == 1 && ({rows}[0].querySelectorAll('button')[1].click(), true)")
        assert not posted(router, "POST", f"/v1/consents/{fourth}")
        moved = browser.value("performance.now()")
        browser.until(f"performance.now() > {moved} + 800")
        browser.value(f"{rows}[0].querySelectorAll('button')[1].click()")
        browser.until("document.querySelector('#consents').hidden")
        assert posted(router, "POST", f"/v1/consents/{fourth}") == [{"answer": "deny", "always": False}]
        router.knock("Fifth")
        browser.until(f"{rows}.length == 1")
        browser.key("Escape")
        browser.key("Escape")
        router.wait(lambda: posted(router, "POST", "/v1/stop"), 1)


GUESTS = (
    {"name": "ann", "expires": 7_090, "cap": 0.7, "devices": ["*Rabbit*"], "note": "for Ann"},
    {"name": "old", "expires": -60, "state": "expired", "sessions": 1},
    {"name": "living-room", "expires": None, "source": "configuration"},
)


def invite(browser, name, **fields):
    """Fills the form and sends it by the keyboard."""
    for field, value in {"name": name, **fields}.items():
        browser.value(f"document.querySelector('#invite').elements['{field}'].value = {json.dumps(value)}")
    browser.value("document.querySelector('#invite').elements.name.focus()")
    browser.key("Enter")
    browser.until("document.querySelector('#address').open && document.querySelector('#paste').value")
    return browser.value("document.querySelector('#paste').value")


def guest(name):
    return f"[...document.querySelectorAll('.guest')].find((row) => row.querySelector('.name').textContent == {json.dumps(name)})"


@check
def guests_are_seen_with_the_operators_key_only():
    with page(guests=GUESTS, moving=False) as (browser, router, server):
        assert browser.value("document.querySelector('#invite').hidden && !document.querySelector('#guests-locked').hidden")
        assert "plugboard dashboard" in browser.value("document.querySelector('#guests-locked').innerText")
        later(browser)
        assert not [one for one in router.asked if "token" in one[1]], "without a key nothing is asked"
        # The address with the key, pasted into the same tab.
        browser.value(f"location.hash = 'operator={KEY}'")
        browser.until("document.querySelectorAll('.guest').length == 3 && !document.querySelector('#invite').hidden")
        assert browser.value("location.href") == server.url, "the key stays in the address bar"
        text = browser.value(f"{guest('ann')}.innerText")
        for part in ("ends in 1\u00a0h 58\u00a0min", "0 of 4 sessions", "cap 70\u00a0%", "*Rabbit*", "for Ann", "Nobody is connected"):
            assert part in text, (part, text)
        assert "expired" in browser.value(f"{guest('old')}.innerText") and "until revoked" in browser.value(f"{guest('living-room')}.innerText")
        assert browser.value(f"{guest('living-room')}.querySelector('button').hidden"), "the configuration's own is changed there"
        # Another tab has no key, and a key that does not count is dropped.
        browser.value("sessionStorage.setItem('operator', 'pb_wrong')")
        browser.call("Page.reload")
        browser.until("document.readyState == 'complete' && document.querySelector('#invite')?.hidden && !document.querySelector('#guests-locked').hidden && sessionStorage.length == 0")
        browser.events = [event for event in browser.events if event[0] != "Log.entryAdded"]


@check
def a_page_whose_token_was_replaced_asks_for_the_new_one():
    with page(moving=False) as (browser, router, _):
        def asked():
            browser.wait("Page.javascriptDialogOpening")
            words = browser.seen("Page.javascriptDialogOpening")[-1]["message"]
            browser.events.clear()
            return words

        def lives():
            browser.until("document.querySelector('#live').textContent == 'live'")

        browser.value("sessionStorage.setItem('operator', 'pb_old')")
        router.replace_token("pb_new")
        assert "This token does not count" in asked()
        browser.call("Page.handleJavaScriptDialog", accept=True, promptText="pb_wrong")
        assert "This token does not count" in asked()
        browser.call("Page.handleJavaScriptDialog", accept=True, promptText=" pb_new ")
        lives()
        assert browser.value("sessionStorage.getItem('operator')") == "pb_new"
        # The operator has none: the page goes on without, and asks no more.
        router.replace_token("pb_newer")
        asked()
        browser.call("Page.handleJavaScriptDialog", accept=False)
        lives()
        assert browser.value("sessionStorage.length") == 0
        router.replace_token("pb_newest")
        browser.until("document.querySelector('#live').textContent != 'live'")
        lives()
        assert not browser.seen("Page.javascriptDialogOpening")
        browser.events = [event for event in browser.events if event[0] != "Log.entryAdded"]


@check
def the_operator_invites_and_the_secret_is_shown_once():
    with page(390, 844, dark=True, key=KEY, moving=False) as (browser, router, server):
        browser.until("!document.querySelector('#no-guests').hidden")
        address = invite(browser, "zoe", expires="12h", cap="50", devices="*Rabbit*, Hush", sessions="2")
        assert posted(router, "POST", "/v1/tokens") == [{"name": "zoe", "expires": "12h", "cap": 0.5, "devices": ["*Rabbit*", "Hush"], "sessions": 2}]
        secret = address.split("token=")[1]
        assert address.startswith("ws://table.lan:12345/?token=pb_"), address
        text = browser.value("document.querySelector('#address').innerText")
        assert "Invite zoe" in text and "only now" in text and "readable" in text, text
        assert browser.value("document.activeElement.id") == "copy"
        assert browser.value("document.documentElement.scrollWidth <= innerWidth")
        browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        browser.key("Enter")
        browser.until("document.querySelector('#notes').innerText.includes('is copied')")
        assert browser.value("navigator.clipboard.readText()") == address
        browser.click("#address .row button:last-child")
        browser.until("!document.querySelector('#address').open && document.querySelector('#paste').value == ''")
        browser.until("document.querySelectorAll('.guest').length == 1")
        browser.until("!document.querySelector('#notes').children.length", 12)
        everything = browser.value("document.documentElement.outerHTML + JSON.stringify([sessionStorage, localStorage, location.href, history.state])"
                                   " + [...document.querySelectorAll('input, textarea')].map((node) => node.value)")
        assert secret not in everything and browser.value("document.querySelector('#code').width") == 8
        assert not any(secret in json.dumps(one) for one in (router.asked, router.snapshot(), router.tokens))
        # What the configured rules decide is not sent, and a refusal keeps what was written.
        invite(browser, "max", expires="never")
        assert posted(router, "POST", "/v1/tokens")[1] == {"name": "max", "expires": "never", "sessions": 4}
        browser.click("#address .row button:last-child")
        browser.until("!document.querySelector('#address').open")
        browser.value("document.querySelector('#invite').elements.name.value = 'max'; document.querySelector('#invite').requestSubmit()")
        browser.until("document.querySelector('#problems').innerText.includes('max already')")
        assert browser.value("document.querySelector('#invite').elements.name.value") == "max"
        browser.events = [event for event in browser.events if event[0] != "Log.entryAdded"]


@check
def revoking_asks_once_and_says_what_happens():
    with page(key=KEY, guests=GUESTS, moving=False) as (browser, router, _):
        for name in ("Ann's game", "Ann's film"):
            router.join(name, token="ann")
        browser.until(f"{guest('ann')}?.innerText.includes('2 of 4 sessions')")
        text = browser.value(f"{guest('ann')}.innerText")
        assert "Connected: Ann's game, Ann's film" in text, text
        # The apps and the board say it too.
        browser.value("document.querySelector('#app-list').scrollIntoView()")
        browser.until("document.querySelector('#app-list').innerText.includes('remote 203.0.113.9 · token ann')")
        assert "this machine" in browser.value("document.querySelector('#app-list').innerText")
        browser.value(f"{guest('ann')}.querySelector('button').focus()")
        assert browser.value("document.activeElement.ariaLabel") == "Revoke ann"
        browser.key("Enter")
        browser.until("document.querySelector('#question').open")
        text = browser.value("document.querySelector('#question').innerText")
        assert "Revoke ann?" in text and "Its 2 apps are disconnected and their outputs go to zero." in text, text
        assert browser.value("document.activeElement.textContent") == "Keep it"
        browser.key("Enter")
        browser.until("!document.querySelector('#question').open")
        later(browser)
        assert not posted(router, "DELETE", "/v1/tokens/ann"), "keeping it revokes nothing"
        browser.value(f"{guest('ann')}.querySelector('button').focus()")
        browser.key("Enter")
        browser.until("document.querySelector('#question').open")
        browser.click("#question-yes")
        browser.until(f"!({guest('ann')}) && document.querySelector('#notes').innerText.includes('ann is revoked')")
        router.wait(lambda: len(posted(router, "DELETE", "/v1/tokens/ann")) == 1)
        browser.until("!document.querySelector('#app-list').innerText.includes('token ann')")
        # Esc is a no, and two are a stop.
        browser.value(f"{guest('old')}.querySelector('button').click()")
        browser.until("document.querySelector('#question').innerText.includes('No app uses it')")
        browser.key("Escape")
        browser.key("Escape")
        router.wait(lambda: posted(router, "POST", "/v1/stop"), 1)
        assert browser.value("document.querySelector('#question').open") is False and not posted(router, "DELETE", "/v1/tokens/old")


@check
def stop_is_in_reach_while_the_page_asks_or_shows_an_address():
    with page(390, 844, key=KEY, guests=GUESTS, moving=False) as (browser, router, _):
        browser.until(f"{guest('ann')}")
        browser.value(f"{guest('ann')}.querySelector('button').click()")
        browser.until("document.querySelector('#question').open")
        browser.click("#stop")
        router.wait(lambda: len(posted(router, "POST", "/v1/stop")) == 1, 1)
        # Another question takes the place of the first, which is a no.
        browser.until("!document.querySelector('#latched').hidden")
        browser.value("document.querySelector('#clear').click()")
        browser.until("document.querySelector('#question').innerText.includes('Clear the stop?')")
        browser.click("#question-yes")
        router.wait(lambda: len(posted(router, "DELETE", "/v1/stop")) == 1)
        invite(browser, "zoe")
        browser.value("scrollTo(0, document.querySelector('#address').offsetTop)")
        pressed = browser.value("performance.now()")
        browser.until(f"performance.now() > {pressed} + 500")
        browser.click("#stop")
        router.wait(lambda: len(posted(router, "POST", "/v1/stop")) == 2, 1)
        assert not posted(router, "DELETE", "/v1/tokens/ann")


@check
def a_guest_comes_in_by_the_invitation_of_a_real_router():
    import subprocess
    import tempfile

    from lib.admin import Admin
    from lib.client import Client
    from lib.server import Server
    from lib.wire import Closed

    # Open to other machines, so that the address has a code.
    server = Server("rabbit,plug", config='[devices]\npresent_at_start = true\n[admin]\nlisten = ["unix", "http://127.0.0.1:0"]\n', listen=("ws://0.0.0.0:0",))
    browser = Browser()
    try:
        made = Admin(server).ask("POST", "/v1/operator-keys", status=201)
        browser.look()
        browser.go(f"{made['pages'][0]}/#operator={made['key']}")
        browser.until("document.querySelector('#live').textContent == 'live' && !document.querySelector('#no-guests').hidden")
        address = invite(browser, "ann", cap="50", devices="*Rabbit*")
        assert "docs/tls.md" in browser.value("document.querySelector('#warning').innerText")
        read = "no zbarimg"
        with tempfile.TemporaryDirectory() as folder:
            picture = os.path.join(folder, "page.png")
            browser.shot(picture)
            try:
                done = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True, timeout=20)
                assert done.stdout.strip() == address, (done.stdout, done.stderr)
                read = "zbarimg reads the code"
            except FileNotFoundError:
                pass
        browser.click("#address .row button:last-child")
        ann = Client(server, name="Ann's game", path="/?" + address.split("?")[1])
        assert [one["DeviceName"] for one in ann.devices()] == ["Simulated Rabbit"]
        browser.until(f"{guest('ann')}?.innerText.includes(\"Ann's game\")")
        drive(ann, 0, 0, 20)
        server.journal.until(lambda: server.journal.running(), 5)
        browser.value(f"{guest('ann')}.querySelector('button').click()")
        browser.until("document.querySelector('#question').innerText.includes('Its app is disconnected')")
        browser.click("#question-yes")
        server.journal.until(lambda: not server.journal.running(), 2)
        browser.until(f"!({guest('ann')})")
        try:
            while True:
                ann.message()
        except Closed as end:
            assert end.code == 1008, end
        quiet(browser)
        return read
    finally:
        browser.close()
        server.stop()
        server.clean()


def shots(folder):
    """Pictures of the page, wide and narrow, light and dark, moving and stopped."""
    os.makedirs(folder, exist_ok=True)
    for scheme in ("light", "dark"):
        with page(1440, 900, scheme == "dark", key=KEY, guests=({"name": "evening", "cap": 0.7, "note": "for tonight"}, *GUESTS)) as (browser, router, _):
            browser.runs(32)
            for kind, width, height in (("wide", 1440, 900), ("phone", 390, 844)):
                browser.look(width, height, scheme == "dark")
                for part, scroll in (("board", "scrollTo(0, 0)"), ("apps", "document.querySelector('#apps-title').scrollIntoView()"),
                                     ("guests", "document.querySelector('#guests-title').scrollIntoView()"),
                                     ("devices", "document.querySelector('#devices-title').scrollIntoView()")):
                    browser.value(scroll)
                    browser.settles()
                    browser.shot(os.path.join(folder, f"{kind}-{scheme}-{part}.png"))
            router.stop(True)
            browser.value("scrollTo(0, 0)")
            for kind, width, height in (("phone", 390, 844), ("wide", 1440, 900)):
                browser.look(width, height, scheme == "dark")
                browser.settles()
                browser.shot(os.path.join(folder, f"{kind}-{scheme}-stopped.png"))
