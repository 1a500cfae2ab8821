"""`daybook read`."""
import base64
import json
import os
import random
import subprocess

from commands.run import DAYBOOK, CommandTest, FakeServer, Proxy, environment, frame


def record_lines(values):
    return b"".join(b'{"value":"%b"}\n' % base64.b64encode(value) for value in values)


class Read(CommandTest):
    def test_it_begins_and_ends_where_it_is_told(self):
        self.serve()
        self.out("append", *range(10))
        for arguments, values in {
                (): range(10), ("--offset", 7): [7, 8, 9], ("--offset", "next"): [], ("--last", 2): [8, 9],
                ("--offset", 3, "--limit", 1): [3], ("--last", 100, "--limit", 2): [0, 1], ("--limit", 0): [],
                ("--since", "2026-01-01T00:00:00Z", "--limit", 1): [0], ("--since", "1h"): range(10),
                ("--offset", 10): []}.items():
            self.assertEqual(self.out("read", *arguments).split(), [b"%d" % value for value in values], arguments)
        self.assertIn("11", self.complaint("read", "--offset", 11))

    def test_each_output_has_all_of_every_page(self):
        self.serve("--max-page-records", "3", "--max-page-bytes", "100")
        values = [random.Random(n).randbytes(n) for n in range(60)]
        self.out("append", "--records", stdin=record_lines(values))
        self.assertEqual(self.out("read", "-o", "raw"), b"".join(values))
        self.assertEqual(self.out("read"), b"".join(b"%b\n" % value for value in values))
        records = [json.loads(line) for line in self.out("read", "-o", "json", "--encoding", "base64").splitlines()]
        self.assertEqual([record["offset"] for record in records], list(range(60)))
        self.assertEqual([base64.b64decode(record["value"]) for record in records], values)

    def test_of_one_key_there_are_only_its_records(self):
        self.serve()
        for n in range(6):
            self.out("append", "--key", f"k&{n % 2}", n)
        self.assertEqual(self.out("read", "--key", "k&1"), b"1\n3\n5\n")
        self.assertEqual(self.out("read", "--key", "k"), b"")

    def test_what_is_trimmed_or_not_there_is_said(self):
        server = self.serve()
        self.out("append", *range(5))
        server.trim(3)
        self.assertEqual(self.complaint("read", "--offset", 1),
                         "daybook: read: offset 1 was trimmed; the log begins at 3\n")
        self.assertEqual(self.out("read"), b"3\n4\n")
        self.assertIn("there is no log 'orders'", self.complaint("read", "--log", "orders"))

    def test_answers_that_are_cut_off_over_and_over_lose_and_double_nothing(self):
        server = self.serve("--max-page-bytes", "1Mi")
        values = [random.Random(n).randbytes(n % 5000) for n in range(3000)]
        self.out("append", "--records", stdin=record_lines(values))
        for form, expected in ("raw", b"".join(values)), ("json", self.out("read", "-o", "json")):
            with Proxy(server.port, 5, 1 << 20) as proxy:
                self.assertEqual(self.run_for(0, "read", "-o", form, "--timeout", "60s", port=proxy.port)[0], expected)
                self.assertGreater(proxy.resets, 0)

    def test_a_page_that_ends_with_the_connection_is_whole_only_if_all_of_it_came(self):
        def page(*values, begin, **fields):
            body = b"".join(frame(begin + n, value) for n, value in enumerate(values))
            return 200, {"Next-Offset": "2", "Connection": "close", **fields}, body
        with FakeServer(page(b"a", begin=0), page(b"b", begin=1, **{"End-Offset": "2"})) as server:
            self.assertEqual(self.out("read", "--offset", 0, port=server.port), b"a\nb\n")
        with FakeServer(page(b"a", begin=0), page(begin=1, **{"End-Offset": "2"})) as server:
            for key in ["--key", "k"], []:
                self.assertIn("cut off", self.complaint("read", *key, "--timeout", "2s", port=server.port))

    def test_who_has_read_enough_ends_it_quietly(self):
        self.serve()
        self.out("append", stdin=b"a line of some length\n" * 50_000)
        read, write = os.pipe()
        process = self.begin("read", stdout=write)
        os.close(write)
        self.assertTrue(os.read(read, 10))
        os.close(read)
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_a_full_disk_is_said(self):
        self.serve()
        self.out("append", "a")
        with open("/dev/full", "wb") as full:
            ended = subprocess.run([DAYBOOK, "read"], stdout=full, stderr=subprocess.PIPE, timeout=20,
                                   env=environment(self.port))
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"cannot write to standard output", ended.stderr)

    def test_closed_standard_descriptors_are_nobody_else_s(self):
        self.serve()
        for command, code, out in (("append <&-", 0, b""), ("append a >&-", 1, b""), ("read >&-", 1, b""),
                                   ("read <&-", 0, b"a\n")):
            ended = subprocess.run(["sh", "-c", f'"$0" {command}', DAYBOOK], capture_output=True, timeout=20,
                                   env=environment(self.port))
            self.assertEqual((ended.returncode, ended.stdout), (code, out), ended.stderr)

    def test_on_a_terminal_control_characters_are_none(self):
        self.serve()
        self.out("append", "--raw", stdin=b"\x1b[31mred\x9b\tx\r")
        main, terminal = os.openpty()
        process = self.begin("read", stdout=terminal)
        os.close(terminal)
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(os.read(main, 100).decode(), "\ufffd[31mred\ufffd\tx\ufffd\r\n")
        os.close(main)

    def test_json_has_none_on_a_terminal_either(self):
        line = '{"offset":0,"text":"a\u009b\x7fb"}\n'.encode()
        with FakeServer((200, {"Next-Offset": "1", "End-Offset": "1"}, line)) as server:
            main, terminal = os.openpty()
            process = self.begin("read", "-o", "json", stdout=terminal, port=server.port)
            os.close(terminal)
            self.assertEqual(process.wait(20), 0)
            self.assertIn('"text":"a\ufffd\ufffdb"', os.read(main, 200).decode())
            os.close(main)
            self.assertEqual(self.out("read", "-o", "json", port=server.port), line)

    def test_what_a_server_says_of_an_error_is_no_command_to_a_terminal(self):
        with FakeServer((404, {}, b'{"detail":"there is \\u001b[2J\\nno log"}')) as server:
            for command in ["read"], ["append", "a"], ["logs"], ["tail"]:
                self.assertIn("there is \ufffd[2J\ufffdno log", self.complaint(*command, port=server.port))

    def test_what_is_no_daybook_is_said(self):
        with FakeServer((200, {}, b"hello")) as server:
            self.assertIn("not a daybook's", self.complaint("read", port=server.port))
        with FakeServer((404, {}, b"<html>")) as server:
            self.assertIn("the server answered 404", self.complaint("read", port=server.port))


class Token(CommandTest):
    SECRET = "s3cr3t-token"

    def test_it_goes_with_each_request_and_is_never_shown(self):
        refusal = 401, {"WWW-Authenticate": "Bearer"}, b'{"detail":"this token is not known"}'
        with FakeServer(refusal) as server:
            for command in (["append", "a"], ["read"], ["tail"], ["logs"], ["cursor"], ["logs", "delete", "a"],
                            ["tail", "--cursor", "c"], ["probe", "--url", f"http://127.0.0.1:{server.port}",
                                                        "--timeout", "2s"]):
                out, complaint = self.run_for(1, *command, port=server.port, DAYBOOK_TOKEN=self.SECRET)
                self.assertIn("401", complaint)
                self.assertNotIn(self.SECRET, complaint + out.decode())
                out, complaint = self.run_for(1, *command, "--token", self.SECRET, port=server.port)
                self.assertNotIn(self.SECRET, complaint + out.decode())
            self.assertGreaterEqual(len(server.asked), 16)
            for _, _, fields, _ in server.asked:
                self.assertEqual(fields["Authorization"], f"Bearer {self.SECRET}")

    def test_without_one_there_is_none(self):
        with FakeServer((404, {}, b"{}")) as server:
            self.run_for(1, "read", port=server.port)
            self.assertNotIn("Authorization", server.asked[0][2])

    def test_the_probe_sends_it_for_the_metrics_too(self):
        with FakeServer((200, {}, b'{"offset":7,"value":"\ndaybook_log_next_offset{log=\"default\"} 8\n')) as server:
            self.run_for(0, "probe", "--read-only", "--url", f"http://127.0.0.1:{server.port}", DAYBOOK_TOKEN=self.SECRET)
            self.assertEqual([(path, fields["Authorization"]) for _, path, fields, _ in server.asked],
                             [(path, f"Bearer {self.SECRET}") for path in ("/readyz", "/metrics")])

    def test_a_server_that_serves_passes_the_client_s_variables_over(self):
        os.environ["DAYBOOK_SERVER"], os.environ["DAYBOOK_TOKEN"] = "http://nowhere", self.SECRET
        try:
            self.serve()
        finally:
            del os.environ["DAYBOOK_SERVER"], os.environ["DAYBOOK_TOKEN"]
        self.out("append", "a")

    def test_https_is_refused_with_the_reason(self):
        for command in ["read"], ["append", "a"], ["tail"], ["logs"], ["cursor"]:
            _, complaint = self.run_for(2, *command, "--server", "https://localhost")
            self.assertIn("no TLS", complaint)
