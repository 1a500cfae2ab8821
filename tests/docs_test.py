#!/usr/bin/env python3
"""docs_test.py DAYBOOK: the page /docs in a real browser, where there is a Chromium (Debian's `chromium`, or CHROMIUM).
DOCS_SHOTS names a folder for pictures of it."""
import json
import os
import shutil
import subprocess
import unittest

from support.browser import CHROMIUM, Browser
from support.program import Server

METHODS = ("get", "put", "post", "delete")


@unittest.skipUnless(CHROMIUM, "there is no Chromium here")
class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.browser = cls.enterClassContext(Browser())
        cls.address = f"http://127.0.0.1:{cls.server.port}/docs"
        cls.document = json.loads(cls.server.answer("GET", "/openapi.json")[2])

    def setUp(self):
        self.browser.faults.clear()

    def tearDown(self):
        self.assertEqual(self.browser.faults, [])

    def show(self, operation="", **options):
        self.browser.open(f"{self.address}#{operation}", **options)
        self.browser.wait_for("document.querySelectorAll('article').length > 0")

    def shoot(self, name):
        if folder := os.environ.get("DOCS_SHOTS"):
            self.browser.screenshot(os.path.join(folder, name))

    def names(self):
        return sorted(item[method]["operationId"] for item in self.document["paths"].values()
                      for method in METHODS if method in item)

    def test_every_operation_is_shown_and_listed(self):
        self.show()
        shown = self.browser.evaluate("[...document.querySelectorAll('article')].map(({id}) => id)")
        listed = self.browser.evaluate("[...document.querySelectorAll('nav li a')].map(({hash}) => hash.slice(1))")
        self.assertEqual(sorted(shown), self.names())
        self.assertEqual(sorted(listed), self.names())
        text = self.browser.evaluate("document.body.innerText")
        self.assertEqual([wrong for wrong in ("undefined", "[object", "NaN") if wrong in text], [])
        self.shoot("docs.png")

    def test_a_link_leads_to_its_operation(self):
        self.show("putCursor", dark=True)
        self.assertEqual(self.browser.evaluate("document.querySelector('[aria-current]').hash"), "#putCursor")
        place = self.browser.evaluate("document.getElementById('putCursor').getBoundingClientRect().top")
        self.assertTrue(0 <= place < 200, place)
        self.shoot("dark.png")

    def test_the_filter_leaves_what_has_its_text(self):
        self.show()
        self.browser.evaluate("document.getElementById('filter').value = 'CURSORS/'")
        self.browser.evaluate("document.getElementById('filter').dispatchEvent(new Event('input'))")
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('nav li:not([hidden])').length"), 3)

    def test_nothing_is_wider_than_a_phone(self):
        self.show(width=390, height=844)
        self.assertEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 390)
        self.assertFalse(self.browser.evaluate("document.getElementById('contents').open"))
        self.shoot("narrow.png")

    @unittest.skipUnless(shutil.which("curl"), "there is no curl here")
    def test_its_commands_work(self):
        self.server.answer("PUT", "/v1/logs/orders")
        for _ in range(5):
            self.server.answer("POST", "/", '{"record":{"value":""}}')
            self.server.answer("POST", "/v1/logs/orders/records", "a", fields={"Content-Type": "text/plain"})
        self.show()
        # What is deleted goes last.
        commands = self.browser.evaluate("""[...document.querySelectorAll('article')].flatMap((article) =>
            [...article.querySelectorAll('pre')].map(({innerText}) => innerText).filter((text) => text.startsWith('curl')))""")
        self.assertGreater(len(commands), len(self.names()))
        commands.sort(key=lambda command: ("-X DELETE" in command, "-X PUT" not in command, "/cursors/" not in command))
        for command in commands:
            run = command.replace("curl", "curl -s -w '\\n%{http_code}' --max-time 4", 1)
            said = subprocess.run(["bash", "-c", run], capture_output=True, timeout=60).stdout.split(b"\n")
            self.assertIn(said[-1], (b"200", b"201", b"204"), f"{command}\n{said}")

    def test_it_says_so_where_scripts_do_not_run(self):
        self.browser.command("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.browser.command("Page.navigate", url=self.address)
            self.browser.wait_for("document.readyState === 'complete' && !!document.getElementById('state')")
            self.assertIn("does not run here", self.browser.evaluate("document.getElementById('state').innerText"))
            self.assertEqual(self.browser.evaluate("document.querySelector('#state a').getAttribute('href')"), "openapi.json")
            self.shoot("no-script.png")
        finally:
            self.browser.command("Emulation.setScriptExecutionDisabled", value=False)


if __name__ == "__main__":
    unittest.main()
