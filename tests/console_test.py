#!/usr/bin/env python3
"""console_test.py DAYBOOK: the page /console in a real browser, where there is a Chromium (Debian's `chromium`, or CHROMIUM).
CONSOLE_SHOTS names a folder for pictures of it."""
import json
import os
import signal
import unittest

from live.stream import free_port
from support.browser import CHROMIUM, Browser
from support.program import Server

JSON = {"Content-Type": "application/json"}
HOSTILE = [
    {"text": "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>", "key": "<b>key</b>",
     "headers": {"source": "<i>here</i>"}},
    {"text": "snow ☃, a rocket 🚀 and a flag 🇮🇸"},
    {"value": "AAH/gA=="},
    {"json": {"large": 12345678901234567890}},
    {"text": ""},
]


@unittest.skipUnless(CHROMIUM, "there is no Chromium here")
class Console(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())
        cls.browser = cls.enterClassContext(Browser())
        cls.address = f"http://127.0.0.1:{cls.server.port}/console"

    def setUp(self):
        self.browser.faults.clear()

    def tearDown(self):
        self.assertEqual(self.browser.faults, [])

    def append(self, log, *records):
        code, _, body = self.server.answer("POST", f"/v1/logs/{log}/records", json.dumps({"records": records}), fields=JSON)
        self.assertEqual(code, 201, body)

    def make(self, *logs):
        for log in logs:
            self.assertIn(self.server.answer("PUT", f"/v1/logs/{log}")[0], (200, 201))

    def show(self, log, **options):
        """Opens the page, and waits until the log is followed."""
        self.browser.open(f"{self.address}#{log}", **options)
        self.browser.wait_for("document.getElementById('follow-state').innerText === 'live'")

    def wait_for_text(self, selector, text):
        """Until an element of those has that among its text."""
        self.browser.wait_for(f"[...document.querySelectorAll({json.dumps(selector)})].some("
                              f"(each) => each.innerText.includes({json.dumps(text)}))")

    def fill(self, **fields):
        for name, value in fields.items():
            self.browser.evaluate(f"document.getElementById('{name}').value = {json.dumps(value)}")

    def submit(self):
        self.browser.evaluate("document.querySelector('#append button').click()")

    def shoot(self, name):
        if folder := os.environ.get("CONSOLE_SHOTS"):
            self.browser.screenshot(os.path.join(folder, name))

    def test_logs_are_listed_by_page_and_prefix(self):
        self.make("orders", *(f"tenant-{number:03}" for number in range(205)))
        self.append("orders", {"text": "a"}, {"text": "b"})
        self.show("orders")
        self.wait_for_text("#logs tr", "default")
        self.assertEqual(self.browser.evaluate("document.querySelector('#logs .chosen td:nth-child(2)').innerText"), "2")
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('#logs tr').length"), 200)
        self.browser.evaluate("document.getElementById('next-page').click()")
        self.wait_for_text("#logs tr", "tenant-204")
        self.browser.evaluate("document.getElementById('previous-page').click()")
        self.wait_for_text("#logs tr", "default")
        self.fill(prefix="tenant-20")
        self.browser.evaluate("document.getElementById('prefix').dispatchEvent(new Event('input'))")
        self.browser.wait_for("document.querySelectorAll('#logs tr').length === 5")
        self.browser.evaluate("document.querySelector('#logs a').click()")
        self.browser.wait_for("document.getElementById('log-title').innerText === 'tenant-200'")

    def test_a_log_is_described_with_its_cursors(self):
        self.make("described")
        self.server.answer("PUT", "/v1/logs/described", '{"retention":{"max_age":"7d"}}', fields=JSON)
        self.append("described", {"text": "a"}, {"text": "b"}, {"text": "c"})
        self.server.answer("PUT", "/v1/logs/described/cursors/billing", '{"offset":1}', fields=JSON)
        self.show("described")
        self.wait_for_text("#facts", "7d")
        self.wait_for_text("#cursors tr", "billing")
        self.assertEqual(self.browser.evaluate("document.querySelector('#cursors td:nth-child(3)').innerText"), "2")

    def test_what_is_appended_comes_by_itself(self):
        self.make("live")
        self.append("live", *({"text": f"old {number}"} for number in range(60)))
        self.show("live")
        self.wait_for_text("#records .offset", "59")
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('#records .record').length"), 50)
        self.append("live", {"text": "new", "key": "k", "headers": {"source": "test"}})
        self.wait_for_text("#records > li:first-child", "new")
        row = self.browser.evaluate("document.querySelector('#records > li').innerText")
        for part in "60", "k", "source: test":
            self.assertIn(part, row)

    def test_a_pause_holds_back_what_comes(self):
        self.make("paused")
        self.show("paused")
        self.browser.evaluate("document.getElementById('pause').click()")
        self.append("paused", {"text": "waits"})
        self.wait_for_text("#pause", "Resume (1 new)")
        self.assertNotIn("waits", self.browser.evaluate("document.getElementById('records').innerText"))
        self.browser.evaluate("document.getElementById('pause').click()")
        self.wait_for_text("#records .value", "waits")

    def test_no_more_rows_than_can_be_looked_at(self):
        self.make("many")
        self.show("many")
        for _ in range(3):
            self.append("many", *({"text": str(number)} for number in range(400)))
        self.wait_for_text("#records .offset", "1199")
        self.assertLessEqual(self.browser.evaluate("document.querySelectorAll('#records > li').length"), 500)

    def test_the_form_appends_once_and_says_where(self):
        self.make("form")
        self.show("form")
        self.fill(value="by the form", key="k1", headers="source: form\ntrace: 1:2")
        self.submit()
        self.wait_for_text("#append-answer.good", "Offset 0 in form")
        self.wait_for_text("#records > li", "by the form")
        told = self.server.ask("GET", None, "/v1/logs/form/records?encoding=text")[1]["records"]
        self.assertEqual([(each["text"], each["key"], each["headers"]) for each in told],
                         [("by the form", "k1", {"source": "form", "trace": "1:2"})])
        self.browser.evaluate("document.querySelector('[value=json]').click()")
        self.fill(value="[1.0, 12345678901234567890]", key="", headers="")
        self.submit()
        self.wait_for_text("#append-answer.good", "Offset 1 in form")
        self.assertEqual(self.server.answer("GET", "/v1/logs/form/records/1", fields={"Accept": "application/octet-stream"})[2],
                         b"[1.0, 12345678901234567890]")
        self.fill(value="{")
        self.submit()
        self.wait_for_text("#append-answer.bad", "the value is not JSON")

    def test_a_refusal_is_told_by_its_title_and_detail(self):
        self.make("refused")
        self.show("refused")
        self.fill(value="x", headers="not a name: x")
        self.submit()
        self.wait_for_text("#append-answer.bad", "is not name: value")
        self.fill(value="x", headers="(: x")
        self.submit()
        self.wait_for_text("#append-answer.bad", "400 invalid request body: record 0")
        # The browser itself tells its console of every answer that is an error.
        self.browser.faults[:] = [fault for fault in self.browser.faults if "status of 400" not in fault]

    def test_records_are_text_whatever_they_hold(self):
        self.make("hostile")
        self.append("hostile", *HOSTILE)
        self.show("hostile")
        self.wait_for_text("#records .offset", str(len(HOSTILE) - 1))
        self.browser.evaluate("document.querySelectorAll('.record').forEach((row) => { row.open = true; })")
        for text in (HOSTILE[0]["text"], "<b>key</b>", "<i>here</i>", HOSTILE[1]["text"], "00 01 ff 80",
                     '"large": 12345678901234567890', "(empty)"):
            self.wait_for_text("#records .record", text)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('#records :is(script, img, b, i)').length"), 0)
        self.assertEqual(self.browser.evaluate("document.title"), "hostile · daybook")
        self.shoot("hostile.png")

    def test_it_fits_a_phone_and_any_scheme_of_colours(self):
        self.make("narrow", "n" * 128)
        self.append("narrow", *HOSTILE, {"text": "x" * 5000, "key": "k" * 500})
        for name, options in {"light": {}, "dark": {"dark": True}, "narrow": {"width": 390, "height": 844}}.items():
            self.show("narrow", **options)
            self.wait_for_text("#records .offset", "5")
            self.wait_for_text("#facts", "everything")
            self.browser.evaluate("document.querySelector('.record').open = true")
            self.browser.wait_for("document.querySelector('.record .whole') !== null")
            self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth - innerWidth"), 0, name)
            self.shoot(f"{name}.png")

    def test_the_charts_have_samples(self):
        self.show("default")
        self.append("default", {"text": "a"})
        self.browser.wait_for("document.querySelector('#rate-chart path.first')?.getAttribute('d').length > 1")
        self.assertRegex(self.browser.evaluate("document.getElementById('rate-all').innerText"), r"^[\d.,]+$")


@unittest.skipUnless(CHROMIUM, "there is no Chromium here")
class ConsoleWithoutAServer(unittest.TestCase):
    def test_it_says_so_and_goes_on_when_there_is_one_again(self):
        port = free_port()  # which nobody takes while the server is away
        with Server(port=port) as first, Browser() as browser:
            browser.open(f"http://127.0.0.1:{port}/console")
            browser.wait_for("document.getElementById('state').innerText === 'ready'")
            browser.wait_for("document.getElementById('follow-state').innerText === 'live'")
            first.stop(signal.SIGTERM)
            browser.wait_for("document.getElementById('state').className === 'bad'")
            with Server(port=port, data=first.data) as second:
                second.await_line("the logs are open")
                browser.wait_for("document.getElementById('state').innerText === 'ready'")
                browser.wait_for("document.getElementById('follow-state').innerText === 'live'")
                second.answer("POST", "/v1/logs/default/records", b"after", fields={"Content-Type": "text/plain"})
                browser.wait_for("document.getElementById('records').innerText.includes('after')")


if __name__ == "__main__":
    unittest.main()
