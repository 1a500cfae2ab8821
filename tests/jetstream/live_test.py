"""Reads that wait and follow, of what is appended through another daybook, and through NATS' troubles."""
import http.client
import json
import threading

from jetstream.daybook import TwoDaybooksTest
from nats.server import wait_until

PATIENCE_SECONDS = 60


class Follower:
    """An event stream of a log, whose events are taken one by one."""

    def __init__(self, daybook, log="default", query=""):
        self.connection = http.client.HTTPConnection("127.0.0.1", daybook.port, timeout=PATIENCE_SECONDS)
        self.connection.request("GET", f"/v1/logs/{log}/records?follow=sse&encoding=text{query}")
        self.answer = self.connection.getresponse()

    def event(self):
        """The next event's name and data; none when the stream has ended."""
        name = data = None
        for line in iter(self.answer.readline, b""):
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = json.loads(value)
            elif not line.strip() and name:
                return name, data
        return None

    def texts(self, count):
        return [self.event()[1]["text"] for _ in range(count)]

    def close(self):
        self.connection.close()


class Live(TwoDaybooksTest):
    def follow(self, *arguments):
        follower = Follower(*arguments)
        self.addCleanup(follower.close)
        return follower

    def test_a_follower_of_one_gets_what_is_appended_through_the_other(self):
        follower = self.follow(self.a)
        values = [str(number) for number in range(30)]
        for number, value in enumerate(values):
            self.assertEqual((self.a, self.b)[number % 2].append(value).code, 201)
        self.assertEqual(follower.texts(len(values)), values)
        self.assertEqual(self.b.append("x", "y", "z").code, 201)  # as one batch
        self.assertEqual(follower.texts(3), ["x", "y", "z"])

    def test_a_read_that_waits_at_one_is_answered_when_the_other_appends(self):
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(self.a.read("offset=next&wait=30s")))
        waiting.start()
        self.assertEqual(self.b.append("awaited").code, 201)
        waiting.join(PATIENCE_SECONDS)
        # It may have begun when the record was there.
        records = answers[0].document["records"] or self.a.read("last=1").document["records"]
        self.assertEqual([record["text"] for record in records], ["awaited"])

    def test_a_log_that_is_deleted_through_the_other_ends_its_followers(self):
        self.assertEqual(self.b.request("PUT", "/v1/logs/gone").code, 201)
        follower = self.follow(self.a, "gone")
        self.assertEqual(self.b.request("DELETE", "/v1/logs/gone").code, 204)
        self.assertEqual(self.b.request("PUT", "/v1/logs/gone").code, 201)
        self.assertEqual(follower.event(), ("end", {"reason": "deleted"}))
        self.assertIsNone(follower.event())

    def test_a_follower_goes_on_when_nats_was_away(self):
        cluster = self.start_cluster(3)
        daybook = self.daybook(cluster)
        follower = self.follow(daybook)
        self.assertEqual(daybook.append("before").code, 201)
        self.assertEqual(follower.texts(1), ["before"])
        for i in range(3):
            cluster.server(i).kill()
        daybook.await_ready(503)
        for i in range(3):
            cluster.server(i).start()
        daybook.await_ready()
        wait_until(lambda: True if daybook.append("after", key="once").code == 201 else None, "an append", PATIENCE_SECONDS)
        self.assertEqual(follower.texts(1), ["after"])
