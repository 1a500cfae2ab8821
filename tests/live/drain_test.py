"""A stop while many follow and wait."""
import resource
import signal
import sys
import time

from live.stream import LiveTest

FOLLOWERS = 1000
POLLS = 200


class Drain(LiveTest):
    def setUp(self):
        super().setUp()
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, before[1]), before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, before)

    def test_a_stop_ends_each_follower_and_each_poll_with_a_word_and_is_exit_0(self):
        server = self.start("--drain-timeout", "1m")
        server.append("a")
        followers = [self.keep(server.follow("offset=next")) for _ in range(FOLLOWERS)]
        polls = [self.keep(server.ask_for("offset=next&wait=30s")) for _ in range(POLLS)]
        server.await_followers(FOLLOWERS)
        server.await_waits(POLLS)
        server.append("b")
        self.assertEqual({poll.head().json()["next_offset"] for poll in polls}, {2})
        for poll in polls:
            poll.socket.sendall(b"GET /v1/logs/default/records?offset=next&wait=30s HTTP/1.1\r\nHost: a\r\n\r\n")
        server.await_waits(POLLS)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for follower in followers:
            self.assertEqual(follower.offsets(1), [1])
            self.assertEqual([event[:3] for event in follower.rest()], [("end", None, {"reason": "draining"})])
            self.assertEqual(follower.how_it_ended, "whole")
            follower.close()
        for poll in polls:
            self.assertEqual((poll.head().code, poll.json()), (200, {"records": [], "next_offset": 2}))
            self.assertEqual(poll.fields["connection"], "close")
            poll.close()
        self.assertEqual(server.process.wait(60), 0)
        print(f"a stop with {FOLLOWERS} followers and {POLLS} polls took {time.monotonic() - begin:.2f} s", file=sys.stderr)

    def test_a_stop_waits_for_a_follower_that_does_not_read_no_longer_than_the_drain_time_out(self):
        server = self.start("--drain-timeout", "300ms")
        for _ in range(40):
            server.append("x" * 500_000)
        with server.follow(receive_bytes=4096), server.follow("offset=next") as reader:
            self.assertEqual(server.stop(signal.SIGTERM), 0)
            self.assertEqual(reader.rest()[-1].data, {"reason": "draining"})

    def test_a_stop_tells_a_follower_that_is_far_behind_where_it_ended(self):
        server = self.start("--drain-timeout", "1m")
        for _ in range(40):
            server.append("x" * 500_000)
        with server.follow(receive_bytes=4096) as stream:
            server.process.send_signal(signal.SIGTERM)
            events = stream.rest()
            self.assertEqual(events[-1][:3], ("end", None, {"reason": "draining"}))
            self.assertEqual([int(event.id) for event in events[:-1]], list(range(len(events) - 1)))
            self.assertEqual(stream.how_it_ended, "whole")
            self.assertEqual(server.process.wait(60), 0)
