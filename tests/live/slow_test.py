"""Followers that do not read, and those whose network is gone."""
import os
import sys
import time

from live.namespace import two_machines
from live.stream import LiveServer, LiveTest, await_that

SERVER, CLIENTS = "10.203.0.1", "10.203.0.2"
FOLLOWERS = 200
POLLS = 20


class WiredServer(LiveServer):
    """On a machine with a network of its own."""

    def __init__(self, machine, *arguments, **options):
        self._machine = machine
        machine.run(super().__init__, *arguments, host=SERVER, **options)

    def answer(self, *arguments, **options):
        return self._machine.run(super().answer, *arguments, **options)


class Slow(LiveTest):
    def test_a_follower_that_stops_reading_is_cut_off_and_nobody_else_is_disturbed(self):
        server = self.start("--write-timeout", "1s")
        server.append("first")  # the log's file is open from now on
        with server.follow("offset=next") as reader:
            before = server.descriptors()
            with server.follow("offset=next", receive_bytes=4096) as silent:
                given = 1
                deadline = time.monotonic() + 300
                while server.ends("stalled") == 0:  # each record is read before the next comes
                    self.assertLess(time.monotonic(), deadline, "it is not cut off")
                    self.assertEqual(server.append("x" * 300_000), given)
                    self.assertEqual(reader.offsets(1), [given])
                    given += 1
                await_that(lambda: server.descriptors() <= before, "as many descriptors as before")
                server.await_followers(1)
                self.assertEqual(server.sample('daybook_http_connections_closed_total{reason="write_timeout"}'), 1)
                silent.rest()
                self.assertEqual(silent.how_it_ended, "reset")
            server.append("end")
            self.assertEqual(reader.offsets(1), [given])
            self.assertEqual([server.ends(reason) for reason in ("stalled", "client")], [1, 0])

    def test_followers_whose_network_is_gone_are_noticed_within_a_minute(self):
        machines = two_machines(self.closing, SERVER, CLIENTS)
        if not machines:
            self.skipTest("network namespaces cannot be made here")
        here, there = machines
        options = os.environ.get("VANISH_OPTIONS", "--write-timeout 2s --heartbeat 2s").split()
        server = WiredServer(here, *options, data=self.folder)
        self.closing.enter_context(server)
        server.await_line("the logs are open")
        server.append("a")
        before = server.descriptors()
        for _ in range(FOLLOWERS):
            self.keep(there.run(server.follow, "offset=next"))
        for _ in range(POLLS):
            self.keep(there.run(server.ask_for, "offset=next&wait=30s"))
        server.await_followers(FOLLOWERS)
        server.await_waits(POLLS)
        there.ip("link", "set", "wire", "down")
        begin = time.monotonic()
        server.await_followers(0)  # there is nothing but heartbeats to find it out by
        print(f"{FOLLOWERS} followers without a network: gone after {time.monotonic() - begin:.1f} s", file=sys.stderr)
        await_that(lambda: server.descriptors() <= before, "as many descriptors as before")
        server.await_waits(0)
        self.assertEqual(sum(map(server.ends, ("client", "stalled"))), FOLLOWERS)
        there.ip("link", "set", "wire", "up")
        with there.run(server.follow) as again:
            self.assertEqual(again.offsets(1), [0])
