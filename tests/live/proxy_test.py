"""Live reads through a real nginx, as it is and zipping."""
import signal
import unittest
import zlib

from live.nginx import NGINX, ZIPPING, Nginx
from live.stream import RECORDS, Connection, LiveTest

RECORDS_ONE_BY_ONE = 20
HTTP_1_1 = "proxy_http_version 1.1; proxy_set_header Connection '';"


class ZippedConnection(Connection):
    """A connection with a body that is unzipped as it comes."""

    def head(self):
        super().head()
        self._unzip = zlib.decompressobj(31) if self.fields.get("content-encoding") == "gzip" else None
        return self

    def _more_text(self):
        if not self._unzip:
            return super()._more_text()
        text, self._text = self._text, bytearray()
        try:
            more = super()._more_text()
            text += self._unzip.decompress(bytes(self._text))
        finally:
            self._text = text
        return more


@unittest.skipUnless(NGINX, "there is no nginx here")
class Proxy(LiveTest):
    settings = "", ZIPPING, HTTP_1_1, ZIPPING + HTTP_1_1

    def through(self, server, settings):
        return self.closing.enter_context(Nginx(self.folder, server.port, settings))

    def ask(self, nginx, query, **fields):
        return self.keep(ZippedConnection(nginx.port, f"{RECORDS.format('default')}?{query}",
                                          {"Accept-Encoding": "gzip"} | fields)).head()

    def test_each_event_arrives_before_the_next_record_is_appended(self):
        server = self.start()
        given = 0
        for settings in self.settings:
            with self.subTest(settings):
                nginx = self.through(server, settings)
                stream = self.ask(nginx, "follow=sse&offset=next")
                self.assertEqual((stream.code, stream.event().id), (200, str(given - 1)))
                self.assertEqual(stream.fields.get("content-encoding"), "gzip" if "gzip" in settings else None)
                for _ in range(RECORDS_ONE_BY_ONE):
                    self.assertEqual(server.append("x"), given)
                    self.assertEqual(stream.offsets(1), [given])
                    given += 1

    def test_heartbeats_and_a_last_event_id_come_through(self):
        server = self.start("--heartbeat", "200ms")
        server.append("a", "b")
        for settings in self.settings:
            with self.subTest(settings):
                stream = self.ask(self.through(server, settings), "follow=sse", **{"Last-Event-ID": "0"})
                self.assertEqual(stream.event().id, "0")
                self.assertEqual(stream.offsets(1), [1])
                for _ in range(3):
                    self.assertIsNotNone(stream.event().comment)

    def test_a_poll_waits_through_it(self):
        server = self.start()
        given = 0
        for settings in self.settings:
            with self.subTest(settings):
                nginx = self.through(server, settings)
                poll = self.keep(ZippedConnection(nginx.port, f"{RECORDS.format('default')}?offset={given}&wait=30s"))
                server.await_waits(1)
                server.append("x")
                self.assertEqual(poll.head().json()["records"][0]["offset"], given)
                given += 1
                self.assertEqual(self.ask(nginx, f"offset={given}&wait=2s").json(), {"records": [], "next_offset": given})

    def test_a_stop_and_a_client_that_goes_are_passed_on(self):
        server = self.start()
        streams = []
        for settings in self.settings:
            nginx = self.through(server, settings)
            self.ask(nginx, "follow=sse").close()
            streams.append(self.ask(nginx, "follow=sse"))
        server.await_followers(len(streams))
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        for stream in streams:
            self.assertEqual([event.data for event in stream.rest() if event.name], [{"reason": "draining"}])
            self.assertEqual(stream.how_it_ended, "whole")
