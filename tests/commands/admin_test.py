"""`daybook logs` and `daybook cursor`."""
import contextlib
import http.client
import json
import os

from commands.run import CommandTest


class Admin(CommandTest):
    def json(self, *arguments):
        return json.loads(self.out(*arguments, "-o", "json"))

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
