"""`daybook logs` and `daybook cursor`."""
import contextlib
import http.client
import json
import os

from commands.run import CommandTest, FakeServer


class Admin(CommandTest):
    def json(self, *arguments, **options):
        return json.loads(self.out(*arguments, "-o", "json", **options))

    def test_logs_are_made_shown_changed_trimmed_and_deleted(self):
        self.serve()
        made = self.out("logs", "create", "orders", "--max-age", "7d").decode()
        self.assertRegex(made, "(?s)^name: orders\nid: .*\nnext offset: 0\n.*\nmax age: 7d\n$")
        self.assertIn("logs: the log is there already", self.complaint("logs", "create", "orders"))
        self.out("append", "--log", "orders", "a", "b", "c")
        changed = self.json("logs", "set", "orders", "--max-age", "none", "--max-bytes", "10Gi")
        self.assertEqual(changed["retention"], {"max_bytes": "10Gi"})
        self.assertEqual(self.json("logs", "trim", "orders", "--before", 2)["first_offset"], 2)
        self.assertEqual(self.json("logs", "show", "orders")["records"], 1)
        self.complaint("logs", "trim", "orders", "--before", 9)
        table = [line.split() for line in self.out("logs").decode().splitlines()]
        self.assertEqual([row[:3] for row in table], [["NAME", "FIRST", "NEXT"], ["default", "0", "0"], ["orders", "2", "3"]])
        self.assertEqual(self.out("logs", "delete", "orders"), b"")
        self.assertIn("there is no log 'orders'", self.complaint("logs", "delete", "orders"))
        self.assertIn("there is no log 'orders'", self.complaint("logs", "set", "orders", "--max-age", "1d"))
        self.complaint("logs", "delete", "default")

    def test_what_changes_something_is_done_also_where_nobody_reads(self):
        self.serve()
        for command in ("logs", "create", "orders"), ("cursor", "set", "billing", "0"):
            read, write = os.pipe()
            os.close(read)
            process = self.begin(*command, stdout=write)
            os.close(write)
            self.assertEqual(process.wait(20), 1)
            self.assertIn(b"nobody reads standard output", process.stderr.read())
        self.out("logs", "show", "orders")
        self.out("cursor", "get", "billing")

    def test_what_somebody_else_answers_is_nothing_done(self):
        with FakeServer((200, {}, b"<html>Welcome to the network</html>")) as server:
            for command in (["logs"], ["logs", "show", "a"], ["logs", "create", "a"], ["logs", "set", "a", "--max-age", "1d"],
                            ["logs", "delete", "a"], ["logs", "trim", "a", "--before", "1"], ["cursor"], ["cursor", "get", "c"],
                            ["cursor", "set", "c", "1"], ["cursor", "delete", "c"]):
                self.assertIn("the answer is not a daybook's", self.complaint(*command, port=server.port))

    def test_what_is_done_again_is_done_to_the_same_log(self):
        log = 200, {}, b'{"name":"a","id":"i-1","next_offset":3}'
        lost, busy, other = (0, {}, b""), (502, {}, b""), (409, {}, b'{"type":"urn:daybook:problem:other-log","detail":"it is another one"}')
        for first in lost, busy:
            for command, path in ((("logs", "delete", "a"), "/v1/logs/a?log_id=i-1"),
                                  (("cursor", "delete", "c"), "/v1/logs/default/cursors/c?log_id=i-1")):
                with FakeServer(log, first, other) as server:
                    self.assertEqual(self.out(*command, port=server.port), b"")
                    self.assertEqual([path for method, path, _, _ in server.asked if method == "DELETE"], [path] * 2)
        with FakeServer(log, lost, other) as server:
            self.assertIn("it is another one", self.complaint("logs", "trim", "a", "--before", "1", port=server.port))
            self.assertEqual(server.asked[-1][1], "/v1/logs/a/trim?log_id=i-1")

    def test_what_was_made_by_a_try_without_an_answer_is_made(self):
        log, there = (200, {}, b'{"name":"a","id":"i","next_offset":0}'), (412, {}, b'{"detail":"the log is there already"}')
        for first in (0, {}, b""), (502, {}, b""), (504, {}, b""):
            with FakeServer(first, there, log) as server:
                self.assertEqual(self.json("logs", "create", "a", port=server.port)["name"], "a")
        for first in (429, {}, b""), (408, {}, b""):
            with FakeServer(first, there, log) as server:
                self.assertIn("there already", self.complaint("logs", "create", "a", port=server.port))

    def test_all_logs_are_listed_page_by_page(self):
        self.engine = "memory"
        self.start(port=self.port)
        names = [f"log{n:04}" for n in range(1005)]
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            for name in names:
                connection.request("PUT", f"/v1/logs/{name}")
                self.assertEqual(connection.getresponse().read()[:1], b"{")
        listed = [json.loads(line)["name"] for line in self.out("logs", "list", "--prefix", "log", "-o", "json").splitlines()]
        self.assertEqual(listed, names)

    def test_cursors_are_set_shown_and_deleted(self):
        self.serve()
        self.out("append", *range(8))
        self.assertRegex(self.out("cursor", "set", "billing", 3).decode(), r"^offset: 3\nlag: 5\nrevision: \d+\n$")
        revision = self.json("cursor", "get", "billing")["revision"]
        self.assertIn("moved meanwhile", self.complaint("cursor", "set", "billing", 4, "--if-revision", revision + 1))
        self.assertEqual(self.json("cursor", "set", "billing", 4, "--if-revision", revision)["lag"], 4)
        self.assertIn("moved meanwhile", self.complaint("cursor", "delete", "billing", "--if-revision", revision))
        self.assertRegex(self.out("cursor").decode(), r"^NAME +OFFSET +LAG +REVISION\nbilling +4 +4 +\d+\n$")
        self.assertEqual(self.json("cursor", "list")["name"], "billing")
        self.complaint("cursor", "set", "billing", 9)
        self.assertEqual(self.out("cursor", "delete", "billing"), b"")
        self.assertIn("there is no cursor 'billing'", self.complaint("cursor", "get", "billing"))
