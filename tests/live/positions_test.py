"""Where a follower begins, goes on and ends, on every engine that needs nobody else."""
import json
import signal

from live.stream import JSON, RECORDS, LiveTest, await_that

LOG_ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
POLLS = 5


class Positions(LiveTest):
    """For subclasses, each with an engine."""

    def test_a_client_that_saw_the_first_block_alone_misses_nothing(self):
        server = self.start()
        for before in range(0, 6, 3):
            with server.follow("offset=next") as stream:
                self.assertEqual(stream.began, str(before - 1))
            server.append("a", "b", "c")
            with server.follow("offset=next", after=before - 1) as again:
                self.assertEqual(again.began, str(before - 1))
                self.assertEqual(again.offsets(3), [before, before + 1, before + 2])

    def test_a_client_that_saw_the_first_block_alone_is_told_what_a_trim_took(self):
        server = self.start()
        self.keep(server.follow("offset=next")).close()
        server.append("a", "b", "c", "d")
        server.trim(2)
        with server.follow("offset=next", after=-1) as again:
            self.assertEqual(again.told()[:3], ("gap", None, {"first_offset": 2, "reason": "trimmed"}))
            self.assertEqual(again.offsets(2), [2, 3])
        server.trim(4)
        with server.follow(after=-1) as again:
            self.assertEqual(again.told().data["first_offset"], 4)
            server.append("e")
            self.assertEqual(again.offsets(1), [4])

    def test_a_trim_before_the_records_that_a_waiting_follower_has_seen_is_none_of_its_business(self):
        server = self.start()
        server.append("a", "b", "c")
        with server.follow() as stream:
            self.assertEqual(stream.offsets(3), [0, 1, 2])
            server.trim(3)
            server.append("d")
            self.assertEqual(stream.offsets(1), [3])

    def fall_behind(self, take):
        """What follows while `take` takes away what a follower that does not read has before it."""
        server = self.start("--write-timeout", "1h", "--segment-size", "1Mi")
        with server.follow(receive_bytes=4096) as stream:
            for _ in range(300):  # more than sockets, the feed and a page take
                server.append("x" * 100_000)
            first_offset = take(server)
            server.append("end")
            offsets = []
            while (event := stream.told()).name == "record":
                offsets.append(int(event.id))
            self.assertEqual(offsets, list(range(len(offsets))))
            self.assertLess(len(offsets), first_offset)
            self.assertEqual(event[:3], ("gap", None, {"first_offset": first_offset, "reason": "trimmed"}))
            self.assertEqual(stream.offsets(301 - first_offset), list(range(first_offset, 301)))
            server.append("more")
            self.assertEqual(stream.offsets(1), [301])

    def test_a_follower_that_is_behind_a_trim_is_told_of_the_gap_and_goes_on_from_there(self):
        def trim(server):
            server.trim(250)
            return 250

        self.fall_behind(trim)

    def test_a_follower_that_is_behind_the_retention_is_told_of_the_gap_and_goes_on_from_there(self):
        def keep_little(server):
            code, _, _ = server.answer("PUT", "/v1/logs/default", '{"retention":{"max_bytes":"4Mi"}}', fields=JSON)
            self.assertEqual(code, 200)

            def first_offset():
                log = json.loads(server.answer("GET", "/v1/logs/default")[2])
                return log["bytes"] <= 4 << 20 and log["first_offset"]
            return await_that(first_offset, "a log that keeps 4 MiB")

        self.fall_behind(keep_little)

    def test_ids_that_are_none_are_400_and_those_beyond_the_end_416(self):
        server = self.start()
        server.append("a", "b", "c")
        for wrong in "-2", "x", "1.5", "+1", "1,2", "18446744073709551615", "99999999999999999999", "1e3":
            for answer in (server.ask_for("follow=sse", {"Last-Event-ID": wrong}),
                           server.ask_for("follow=sse&last_event_id=" + wrong.replace("+", "%2B"))):
                with answer:
                    self.assertEqual((wrong, answer.head().code), (wrong, 400))
                    self.assertIn("event", answer.json()["detail"].lower().replace("_", "-"))
        for beyond in 3, 4, 18446744073709551614:
            with server.ask_for("follow=sse", {"Last-Event-ID": str(beyond)}).head() as answer:
                self.assertEqual((answer.code, answer.json()["next_offset"]), (416, 3))
        with server.ask_for("follow=sse&offset=4").head() as answer:
            self.assertEqual((answer.code, answer.json()["next_offset"]), (416, 3))
        with server.follow(after=2) as at_the_end:
            server.append("d")
            self.assertEqual(at_the_end.offsets(1), [3])

    def test_the_header_of_a_reconnect_counts_and_the_query_no_more(self):
        server = self.start()
        server.append(*"abcde")
        for query in "offset=0", "last=1", "last_event_id=0", "offset=next", "since=2020-01-01T00:00:00Z":
            with server.follow(query, after=1) as stream:
                self.assertEqual((query, stream.began, stream.offsets(3)), (query, "1", [2, 3, 4]))
        with server.follow("offset=0&last_event_id=3") as stream:
            self.assertEqual(stream.offsets(1), [4])

    def test_followers_and_pollers_of_a_deleted_log_see_nothing_of_the_next_one(self):
        server = self.start()
        old = server.make("orders")
        server.append("a", "b", log="orders")
        followers = [self.keep(server.follow(query, log="orders")) for query in ("offset=next", "offset=0", "last=1")]
        follower_1_0 = self.keep(server.follow("offset=next", log="orders", version="1.0"))
        polls = [self.keep(server.ask_for("offset=next&wait=30s", log="orders")) for _ in range(POLLS)]
        server.await_waits(POLLS)
        server.await_followers(4)
        server.delete("orders")
        new = server.make("orders")
        self.assertNotEqual(new, old)
        server.append("c", "d", "e", log="orders")
        for follower in [*followers, follower_1_0]:
            events = follower.rest()
            self.assertEqual(events[-1][:3], ("end", None, {"reason": "deleted"}))
            self.assertTrue({event.data.get("value") for event in events} <= {None, "YQ==", "Yg=="}, events)
            self.assertEqual(follower.how_it_ended, "closed" if follower is follower_1_0 else "whole")
            if follower is not follower_1_0:
                self.assertEqual(follower.fields["log-id"], old)
        for poll in polls:
            self.assertEqual(poll.head().code, 404)
        self.assertEqual(server.ends("deleted"), 4)
        server.await_followers(0)
        server.await_waits(0)
        with server.ask_for("follow=sse", {"Last-Event-ID": "7"}, log="orders").head() as answer:
            self.assertEqual(answer.code, 416)
        for query in "follow=sse", "offset=next&wait=30s":
            with server.ask_for(f"{query}&log_id={old}", log="orders").head() as answer:
                self.assertEqual((answer.code, answer.json()["id"]), (409, new))
        with server.follow(f"log_id={new}", log="orders") as stream:
            self.assertEqual((stream.offsets(3), stream.fields["log-id"]), ([0, 1, 2], new))

    def test_a_log_that_is_not_there_is_404_and_another_one_409_at_once(self):
        server = self.start()
        for query in "follow=sse", "offset=next&wait=30s":
            with server.ask_for(query, log="none").head() as answer:
                self.assertEqual(answer.code, 404)
            with server.ask_for(f"{query}&log_id={LOG_ID}").head() as answer:
                self.assertEqual(answer.code, 409)

    def test_head_neither_waits_nor_streams(self):
        server = self.start()
        server.append("a")
        targets = ("offset=next&wait=30s", {}), ("follow=sse", {}), ("", {"Accept": "text/event-stream"})
        for query, fields in targets:
            with server.ask_for(query, fields, method="HEAD").head() as answer:
                self.assertEqual(answer.code, 200, query)
                # The connection goes on with the next request: nothing of a body came.
                answer.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(answer.head().json(), {"status": "ok"})
        self.assertEqual([server.sample(f"daybook_live_{name}") for name in ("waits", "followers")], [0, 0])

    def test_headers_of_a_stream_are_those_that_proxies_and_caches_need(self):
        server = self.start()
        with server.follow() as stream:
            wanted = {"content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no",
                      "transfer-encoding": "chunked", "vary": "Accept, Accept-Encoding, Authorization"}
            self.assertEqual({name: stream.fields.get(name) for name in wanted}, wanted)
            self.assertNotIn("content-length", stream.fields)
        with server.ask_for("follow=sse", {"Accept-Encoding": "gzip"}).head() as zipped:
            self.assertNotIn("content-encoding", zipped.fields)

    def test_to_a_client_of_http_1_0_a_stream_goes_unframed_until_it_is_closed(self):
        server = self.start()
        server.append("a", "b")
        for fields in {}, {"Connection": "keep-alive"}:
            with server.ask_for("follow=sse", fields, version="1.0").head() as stream:
                self.assertEqual((stream.code, stream.fields["connection"]), (200, "close"))
                self.assertNotIn("transfer-encoding", stream.fields)
                self.assertEqual(stream.event().id, "-1")
                self.assertEqual(stream.offsets(2), [0, 1])
        with server.follow("offset=next", version="1.0") as stream:
            server.append("c")
            self.assertEqual(stream.offsets(1), [2])
            self.assertEqual(server.stop(signal.SIGTERM), 0)
            self.assertEqual([event[:3] for event in stream.rest()], [("end", None, {"reason": "draining"})])
            self.assertEqual(stream.how_it_ended, "closed")

    def test_heartbeats_are_comments_and_move_no_id(self):
        server = self.start("--heartbeat", "200ms")
        with server.follow("offset=next") as stream:
            for round in range(3):
                for _ in range(2):
                    event = stream.event()
                    self.assertEqual((event.name, event.id, event.data), (None, None, None))
                    self.assertIsNotNone(event.comment)
                server.append("a")
                self.assertEqual(stream.offsets(1), [round])

    def test_a_poll_waits_for_the_record_that_it_wants_and_no_longer(self):
        server = self.start("--max-wait", "1h")
        server.append("a")
        with server.ask_for("offset=1&wait=1h") as poll, server.ask_for("offset=1&wait=1h&key=k") as keyed:
            server.await_waits(2)
            server.append("b")
            document = poll.head().json()
            self.assertEqual((document["next_offset"], [record["offset"] for record in document["records"]]), (2, [1]))
            server.await_waits(1)
            body = json.dumps({"records": [{"text": "c", "key": "k"}]})
            server.answer("POST", RECORDS.format("default"), body, fields=JSON)
            self.assertEqual([record["offset"] for record in keyed.head().json()["records"]], [2])
        with server.ask_for("offset=3&wait=10ms").head() as poll:
            self.assertEqual((poll.code, poll.json()), (200, {"records": [], "next_offset": 3}))
            self.assertEqual(poll.fields["cache-control"], "no-store")

    def test_what_is_followed_is_counted(self):
        server = self.start()
        with server.follow("offset=next") as stream, server.follow() as other:
            server.await_followers(2)
            server.append("a", "b")
            self.assertEqual((stream.offsets(2), other.offsets(2)), ([0, 1], [0, 1]))
            self.assertEqual(server.sample("daybook_live_records_total"), 4)
            self.assertGreaterEqual(server.sample("daybook_live_delay_seconds_count"), 1)
            server.make("b")
            third = self.keep(server.follow(log="b"))
            server.await_followers(3)
            server.delete("b")
            self.assertEqual(third.rest()[-1].data, {"reason": "deleted"})
            server.await_followers(2)
        server.await_followers(0)
        self.assertEqual([server.ends(reason) for reason in ("client", "deleted", "draining", "stalled", "failed")],
                         [2, 1, 0, 0, 0])
        with server.ask_for("offset=next&wait=30s"):
            server.await_waits(1)
        server.await_waits(0)


class OnDisk(Positions):
    engine = "disk"


class OnMemory(Positions):
    engine = "memory"


del Positions
