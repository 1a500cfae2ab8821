"""docs/clients/daybook.py."""
import datetime
import email.utils
import random
import signal
import subprocess
import sys
import time

from commands.run import CommandTest, FakeServer, Lines, await_that
from support.examples import DOCS

COMMAND = [sys.executable, DOCS / "clients/daybook.py"]


class PythonClient(CommandTest):
    def client(self, *arguments, **options):
        process = subprocess.Popen([*COMMAND, f"http://127.0.0.1:{self.port}", "default", *arguments],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.end_with_the_test(process)
        return process, Lines(process)

    def test_through_kills_it_appends_each_line_once_and_follows_without_a_gap(self):
        server = self.serve()
        _, followed = self.client("follow")
        lines = [f"line {n}" for n in range(400)]
        appender, told = self.client("append", stdin=self.file_of(line.encode() for line in lines))
        chance = random.Random(3)
        for kill in range(4):
            before = len(told.all)
            await_that(lambda: len(told.all) > before or appender.poll() is not None, "progress")
            time.sleep(chance.random() * 0.05)  # so that it is stopped at any moment
            if kill % 2:
                server.stop(signal.SIGTERM)
            server.kill()
            server = self.serve()
        self.assertEqual(appender.wait(120), 0)
        told.join()
        self.assertEqual(told.all, [f"{n}\n" for n in range(400)])
        expected = [f"{n} {line}\n" for n, line in enumerate(lines)]
        await_that(lambda: len(followed.all) >= 400, "all records")
        self.assertEqual(followed.all, expected)
        reader, read = self.client("read")
        self.assertEqual(reader.wait(20), 0)
        read.join()
        self.assertEqual(read.all, expected)

    def test_what_was_trimmed_is_passed_over(self):
        server = self.serve()
        self.out("append", "a", "b", "c")
        server.trim(2)
        _, followed = self.client("follow")
        await_that(lambda: followed.all == ["2 c\n"], "the record that is left")
        self.out("append", "d")
        await_that(lambda: followed.all == ["2 c\n", "3 d\n"], "the next one")

    def test_of_a_key_it_reads_to_the_end_also_over_pages_without_records(self):
        def page(offset, records, **fields):
            return 200, fields, b'{"records":[%b],"next_offset":%d}' % (records, offset)
        with FakeServer(page(5, b""), page(9, b'{"offset":8,"text":"a"}', **{"End-Offset": "9"})) as server:
            code = 'import sys, daybook; print(*(record["offset"] for record in daybook.Log(sys.argv[1]).read(key="k")))'
            said = subprocess.run([sys.executable, "-c", code,
                                   f"http://127.0.0.1:{server.port}"], capture_output=True, text=True, timeout=20,
                                  cwd=DOCS / "clients", env={"PYTHONDONTWRITEBYTECODE": "1"})
            self.assertEqual((said.stdout, said.stderr), ("8\n", ""))

    def test_it_waits_for_nothing_before_it_knows_where_it_is(self):
        with FakeServer((200, {}, b'{"records":[],"next_offset":5}')) as server:
            self.port = server.port
            self.client("follow")
            await_that(lambda: len(server.asked) > 1, "a poll")
            self.assertNotIn("wait", server.asked[0][1])
            self.assertIn("wait=20s", server.asked[1][1])

    def read_from(self, *answers):
        with FakeServer(*answers) as server:
            return subprocess.run([*COMMAND, f"http://127.0.0.1:{server.port}", "default", "read"], capture_output=True,
                                  text=True, timeout=20)

    def test_a_date_may_say_when_to_ask_again(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        began = time.monotonic()
        ended = self.read_from((503, {"Retry-After": email.utils.format_datetime(soon, usegmt=True)}, b"{}"),
                               (200, {"End-Offset": "0"}, b'{"records":[],"next_offset":0}'))
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertGreater(time.monotonic() - began, 1.5)

    def test_what_somebody_else_answers_is_said(self):
        for body in b"<html>", b"[]", b"":
            self.assertIn("the answer is not a daybook's", self.read_from((200, {}, body)).stderr)

    def test_a_token_goes_with_each_request_and_a_refusal_is_said(self):
        with FakeServer((401, {}, b'{"detail":"this token is not known"}')) as server:
            ended = subprocess.run([*COMMAND, f"http://127.0.0.1:{server.port}", "default", "read", "s3cr3t"],
                                   capture_output=True, text=True, timeout=20)
            self.assertIn("this token is not known", ended.stderr)
            self.assertEqual(server.asked[0][2]["Authorization"], "Bearer s3cr3t")
