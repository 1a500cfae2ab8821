"""The browser's own EventSource, with the lines that docs/clients.md shows."""
import signal
import unittest

from live.clients_test import DOCS, Appender
from live.nginx import NGINX, ZIPPING, Nginx
from live.stream import RestartTest, await_that
from support.browser import CHROMIUM, Browser

KILLS = 3
RECORDS_PER_KILL = 40
RECORDS_ONE_BY_ONE = 10


@unittest.skipUnless(CHROMIUM, "there is no Chromium here")
class EventSource(RestartTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def follow(self, port):
        """Opens something of that origin, which is to be the page, and follows there."""
        self.browser.open(f"http://127.0.0.1:{port}/version")
        self.closing.callback(self.browser.command, "Page.navigate", url="about:blank")  # ends its EventSources
        self.browser.evaluate("""
            window.tries = 0;
            window.given = [];
            window.EventSource = class extends EventSource {
              constructor(...all) {
                super(...all);
                this.addEventListener("error", () => ++tries);
              }
            };""")
        self.browser.evaluate((DOCS / "clients/follow.js").read_text() + """
            follow("default", -1, (record) => given.push([record.offset, record.json]));""")

    def given(self, begin=0):
        return self.browser.evaluate(f"given.slice({begin})")

    def await_given(self, count):
        await_that(lambda: self.browser.evaluate("given.length") >= count, f"{count} records")

    def see_each_at_once(self, server, port):
        begin = server.append("0")
        self.follow(port)
        self.await_given(begin + 1)
        for n in range(begin + 1, begin + RECORDS_ONE_BY_ONE):
            self.assertEqual(server.append("0"), n)
            self.await_given(n + 1)
        self.assertEqual([offset for offset, _ in self.given()], list(range(begin + RECORDS_ONE_BY_ONE)))

    def go_through_restarts(self, port):
        server = self.serve()
        self.follow(port)
        appender = Appender(self.port)
        appender.start()
        for restart in range(KILLS):
            seen, tries = self.browser.evaluate("[given.length, tries]")
            self.await_given(seen + RECORDS_PER_KILL)
            if restart % 2:
                server.stop(signal.SIGTERM)
            server.kill()
            # It asks while nobody is there, and gets nothing, or a proxy's 502.
            await_that(lambda: self.browser.evaluate("tries") >= tries + 2, "a try that fails")
            server = self.serve()
        self.await_given(self.browser.evaluate("given.length") + RECORDS_PER_KILL)
        appender.stop()
        self.await_given(appender.done)
        self.assertEqual(server.append("-1"), appender.done)
        self.await_given(appender.done + 1)
        self.assertEqual(self.given(), [*([n, n] for n in range(appender.done)), [appender.done, -1]])

    def test_a_page_of_the_server_s_own_sees_each_record_at_once(self):
        self.see_each_at_once(self.serve(), self.port)

    def test_a_page_of_the_server_s_own_loses_and_doubles_nothing_through_restarts(self):
        self.go_through_restarts(self.port)

    @unittest.skipUnless(NGINX, "there is no nginx here")
    def test_a_page_behind_a_proxy_sees_each_record_at_once(self):
        server = self.serve()
        for settings in "", ZIPPING:
            with Nginx(self.folder, self.port, settings) as nginx:
                self.see_each_at_once(server, nginx.port)

    @unittest.skipUnless(NGINX, "there is no nginx here")
    def test_a_page_behind_a_proxy_loses_and_doubles_nothing_through_restarts(self):
        with Nginx(self.folder, self.port, ZIPPING) as nginx:
            self.go_through_restarts(nginx.port)
