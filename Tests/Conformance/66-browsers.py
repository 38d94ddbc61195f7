#!/usr/bin/env python3
# versions: 4
# Pages of others in a real browser: a foreign origin, a sandboxed frame, a file, a name that was pointed here. None of them reaches a device.

import functools
import http.server
import json
import os
import tempfile
import threading

from lib.admin import OperatedRouter
from lib.browser import Browser
from lib.client import Client
from lib.programs import absent
from lib.script import Script
from lib.server import run

script = Script(server=False)
# What a page does: it connects, and says hello. Its answer is the server's, or how the connection ended.
CONNECT = """(url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send('[{"RequestServerInfo":{"Id":1,"ClientName":"Page","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]');
    socket.onmessage = (message) => { done(message.data); socket.close(); };
    socket.onclose = (event) => done("closed " + event.code);
})"""
READ = """(url) => fetch(url).then((answer) => answer.text()).then((text) => "read " + text, (error) => "failed " + error)"""
# The frame has no rights but to run a script, so that it has no origin; its answer comes to the page around it.
FRAME = """(url) => new Promise((done) => {
    window.onmessage = (message) => done(message.data);
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.srcdoc = "<script>(" + %s + ")(" + JSON.stringify(url) + ").then((said) => parent.postMessage(said, '*'))</" + "script>";
    document.body.append(frame);
})""" % json.dumps(CONNECT)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Pages:
    """A folder with a page that does nothing, and a web server for it, for a `with` block."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.folder.name, "page.html")
        with open(self.file, "w") as file:
            file.write("<!doctype html><title>A page</title><body>")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=self.folder.name))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


@script.check(4)
def no_foreign_page_sandboxed_frame_file_or_pointed_name_gets_in_without_a_token():
    if absent("chromium"):
        return
    with OperatedRouter() as world, Pages() as pages:
        # Evil's name leads here: for the page of another origin, and for a name that is pointed at another server later.
        browser = Browser("--host-resolver-rules=MAP evil.example 127.0.0.1")
        log = world.server
        port = world.server.address[1]
        router, pointed = f"ws://127.0.0.1:{port}/", f"ws://evil.example:{port}/"
        try:
            def says(how, url):
                return browser.value(f"({how})({json.dumps(url)})")

            browser.go(f"http://evil.example:{pages.port}/page.html")
            assert says(CONNECT, router) == "closed 1006"
            log.wait_log(f'Origin \\"http://evil.example:{pages.port}\\" is not allowed')
            assert says(CONNECT, f"ws://localhost:{port}/") == "closed 1006"
            assert says(CONNECT, pointed) == "closed 1006"
            log.wait_match(r'Host \\"evil\.example')
            assert says(FRAME, router) == "closed 1006"
            log.wait_log('Origin \\"null\\" is not allowed')
            # Nor does it read what the operator reads, by the address or by a name of its own.
            admin = world.address()
            for url in (admin, admin.replace("127.0.0.1", "evil.example")):
                said = says(READ, url + "/v1/status")
                assert said.startswith("failed") or '"uptime' not in said and "sessions" not in said, said
            browser.go("file://" + pages.file)
            assert says(CONNECT, router) == "closed 1006"
            assert '"client":"Page"' not in log.log(), log.log()[-800:]
            # Who was given a token may use it in any page.
            code, out, err = run("token", "add", "page", "--json", folder=world.server.folder)
            assert code == 0, err
            browser.go(f"http://evil.example:{pages.port}/page.html")
            for how in (CONNECT, FRAME):
                assert "ServerInfo" in says(how, f"{router}?token={json.loads(out)['secret']}")
            # A page of this computer needs none.
            browser.go(f"http://127.0.0.1:{pages.port}/page.html")
            assert "ServerInfo" in says(CONNECT, router)
            Client(world.server).close()
        finally:
            browser.close()


script.main()
