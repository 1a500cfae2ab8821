"""The clients of docs/clients.md, through whatever becomes of their server."""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

from live.nginx import NGINX, ZIPPING, Nginx
from live.stream import RECORDS, Lines, LiveServer, RestartTest, await_that
from support.program import DAYBOOK

DOCS = pathlib.Path(__file__).parent.parent.parent / "docs"
GO = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
KILLS = 5
RECORDS_PER_KILL = 40
RECORDS_ONE_BY_ONE = 10


class Page(unittest.TestCase):
    def test_the_page_shows_the_clients_that_are_tested(self):
        blocks = re.findall(r"^```\w+\n(.*?)^```$", (DOCS / "clients.md").read_text(), re.MULTILINE | re.DOTALL)
        for name in "follow.py", "follow.go", "follow.js", "daybook.py":
            self.assertIn((DOCS / "clients" / name).read_text(), blocks, name)


class Appender(threading.Thread):
    """Appends 0, 1, 2 ... to the log at a port, each until it is acknowledged."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.host, self.port = "127.0.0.1", port
        self.done = 0
        self._stopping = False

    def run(self):
        while not self._stopping:
            while not self._append():
                pass
            self.done += 1

    def stop(self):
        """All that it has begun is acknowledged."""
        self._stopping = True
        self.join()

    def _append(self):
        fields = {"Content-Type": "text/plain", "Idempotency-Key": f"k{self.done}"}
        try:
            code, _, answer = LiveServer.answer(self, "POST", RECORDS.format("default"), str(self.done), fields=fields)
        except (OSError, http.client.HTTPException):
            return False
        assert code in (201, 503), answer
        return code == 201


class Clients(RestartTest):
    """For subclasses, each with a `command` that follows."""

    def client(self, *arguments, log="default", port=None, **environment):
        """A client that runs, and what it prints."""
        process = subprocess.Popen([*self.command, f"127.0.0.1:{port or self.port}", log, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=os.environ | environment)
        lines = Lines(process)

        def end():
            process.kill()
            process.wait()
            lines.join()
            process.stdout.close()
            process.stderr.close()
        self.closing.callback(end)
        return process, lines

    def test_through_kills_nothing_is_lost_or_doubled(self):
        server = self.serve()
        _, lines = self.client()
        appender = Appender(self.port)
        appender.start()
        for kill in range(KILLS):
            seen = len(lines.all)
            await_that(lambda: len(lines.all) >= seen + RECORDS_PER_KILL, "records that go on")
            server.kill()
            server = self.serve()
        await_that(lambda: len(lines.all) > seen + 2 * RECORDS_PER_KILL, "records behind the last kill")
        appender.stop()
        await_that(lambda: len(lines.all) >= appender.done, f"{appender.done} records")
        server.append("last")
        await_that(lambda: len(lines.all) > appender.done, "the last record")
        events = [line.split(" ", 2) for line in lines.all]
        wanted = [*map(str, range(appender.done)), "last"]
        for n, (name, event_id, record) in enumerate(events):
            given = base64.b64decode(json.loads(record)["value"]).decode()
            self.assertEqual((name, event_id, given), ("record", str(n), wanted[n]))
        self.assertEqual(len(events), len(wanted))

    def test_a_stop_is_told_and_the_next_server_goes_on(self):
        server = self.serve()
        server.append("a")
        _, lines = self.client()
        await_that(lambda: len(lines.all) == 1, "the first record")
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        await_that(lambda: len(lines.all) == 2, "the end")
        self.serve().append("b")
        await_that(lambda: len(lines.all) == 3, "the second record")
        self.assertEqual([line.split()[0] for line in lines.all], ["record", "end", "record"])
        self.assertIn('"draining"', lines.all[1])
        self.assertEqual(json.loads(lines.all[2].split(" ", 2)[2])["offset"], 1)

    def test_it_shows_its_token_and_asks_again_where_it_is_one_too_many(self):
        (token, line), (_, other_line) = (
            subprocess.run([DAYBOOK, "token", "new", "one"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
            for _ in range(2))
        tokens = pathlib.Path(self.folder, "tokens")
        tokens.write_text(line + "\n")
        server = self.serve("--token-file", str(tokens), "--client-requests", "1")
        by_token = {"Authorization": f"Bearer {token}"}
        self.assertEqual(server.answer("POST", "/", '{"record":{"value":""}}', fields=by_token)[0], 200)
        refusals = 'daybook_http_requests_total{route="/v1/logs/{log}/records",method="GET",code="429"}'
        with server.ask_for("follow=sse", by_token).head() as other:
            self.assertEqual(other.code, 200)
            process, lines = self.client(DAYBOOK_TOKEN=token)
            await_that(lambda: refusals in server.answer("GET", "/metrics")[2].decode(), "a refusal")
        await_that(lambda: len(lines.all) == 1, "the record")
        tokens.write_text(other_line + "\n")
        self.assertEqual(process.wait(60), 1)
        self.assertIn("unauthenticated", process.stderr.read())

    def test_it_goes_on_behind_an_id_and_is_told_of_a_gap(self):
        server = self.serve()
        server.append(*"abcdef")
        server.trim(3)
        _, lines = self.client("4")
        _, trimmed = self.client("0")
        await_that(lambda: len(lines.all) == 1 and len(trimmed.all) == 4, "the records")
        self.assertEqual(lines.all[0].split()[:2], ["record", "5"])
        self.assertEqual([line.split()[0] for line in trimmed.all], ["gap", "record", "record", "record"])
        self.assertIn('"first_offset":3', trimmed.all[0])

    @unittest.skipUnless(NGINX, "there is no nginx here")
    def test_through_a_proxy_it_is_given_each_record_before_the_next_is_appended(self):
        server = self.serve()
        with Nginx(self.folder, self.port, ZIPPING) as nginx:
            _, lines = self.client(port=nginx.port)
            for n in range(RECORDS_ONE_BY_ONE):
                self.assertEqual(server.append("x"), n)
                await_that(lambda: len(lines.all) == n + 1, "the record")
            self.assertEqual([line.split()[1] for line in lines.all], [*map(str, range(RECORDS_ONE_BY_ONE))])

    def test_it_ends_with_its_log_and_sees_nothing_of_the_next_one(self):
        server = self.serve()
        server.make("orders")
        server.append("a", log="orders")
        process, lines = self.client(log="orders")
        away, lines_away = self.client(log="orders")
        await_that(lambda: len(lines.all) == len(lines_away.all) == 1, "the first record")
        away.send_signal(signal.SIGSTOP)
        server.delete("orders")
        server.make("orders")
        server.append("b", "c", log="orders")
        away.send_signal(signal.SIGCONT)
        for each, told in (process, lines), (away, lines_away):
            self.assertEqual(each.wait(60), 0)
            told.join()
            self.assertEqual([line.split()[0] for line in told.all], ["record", "end"])

    def test_a_log_that_was_made_anew_while_it_was_away_is_not_its_log(self):
        server = self.serve()
        server.make("orders")
        server.append("a", log="orders")
        process, lines = self.client(log="orders")
        await_that(lambda: len(lines.all) == 1, "the first record")
        server.stop(signal.SIGTERM)
        process.send_signal(signal.SIGSTOP)
        server = self.serve()
        server.delete("orders")
        server.make("orders")
        server.append("b", "c", log="orders")
        process.send_signal(signal.SIGCONT)
        self.assertEqual(process.wait(60), 1)
        lines.join()
        self.assertEqual([line.split()[0] for line in lines.all], ["record", "end"])
        self.assertIn("other-log", process.stderr.read())


class Python(Clients):
    command = [sys.executable, DOCS / "clients/follow.py"]


@unittest.skipUnless(GO, "there is no Go here")
class Go(Clients):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.command = [f"{folder}/follow"]
        environment = {"HOME": folder, **os.environ, "GOTOOLCHAIN": "local", "GO111MODULE": "off"}
        subprocess.run([GO, "build", "-o", *cls.command, DOCS / "clients/follow.go"], check=True, cwd=folder, env=environment)


del Clients
