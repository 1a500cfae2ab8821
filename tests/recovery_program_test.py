#!/usr/bin/env python3
"""recovery_program_test.py DAYBOOK: what the recovery of a log of some size takes, after kill -9: no more memory than serving it
did, and an end also where there is little CPU and it is killed on its way."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import tempfile
import threading
import time
import unittest

from support.program import PATIENCE_SECONDS, Server

LOG_BYTES = 300 << 20
CLIENTS = 4
VALUE_BYTES = (1_000, 10_000, 100_000, 500_000)
READ_EVERY = 5  # appends
# What an allocator takes more or less of from one run to the next.
SPREAD_KIB = 1 << 10
PERIOD_SECONDS = 0.1
SHARE = 0.1  # of the period, and of one core
KILLED_AT = (0.0, 0.3, 0.6)  # of the log
RECOVERY_SECONDS = 200  # at that share, with room for what else the machine does
STOPPED = ("sh", "-c", 'kill -STOP $$; exec "$@"', "sh")


def value_of(client, number):
    return b"%d/%d/" % (client, number) + b"v" * VALUE_BYTES[number % len(VALUE_BYTES)]


def append(connection, value):
    """Its offset."""
    connection.request("POST", "/", b'{"record":{"value":"%s"}}' % base64.b64encode(value))
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return json.loads(body)["offset"]


def read(connection, offset):
    connection.request("GET", f"/?offset={offset}")
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, f"offset {offset} was acknowledged, and is answered {answer.status} {body[:200]}"
    return base64.b64decode(json.loads(body)["record"]["value"])


def peak_kib(server):
    """The most memory that it has had so far."""
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", pathlib.Path(f"/proc/{server.process.pid}/status").read_text(), re.MULTILINE)[1])


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Slow(Server):
    """One that has a tenth of a core from its first instruction on, until it is let go."""

    def __init__(self, *arguments, **options):
        self._let_go = threading.Event()
        super().__init__(*arguments, launcher=STOPPED, **options)

    def began(self):
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)
        os.sched_setaffinity(self.process.pid, {min(os.sched_getaffinity(0))})
        self._pacer = threading.Thread(target=self._pace)
        self._pacer.start()

    def _pace(self):
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, -20)  # of this thread: where it is late, the server has all of a core
        while not self._let_go.wait(PERIOD_SECONDS * (1 - SHARE)):
            os.kill(self.process.pid, signal.SIGCONT)
            self._let_go.wait(PERIOD_SECONDS * SHARE)
            os.kill(self.process.pid, signal.SIGSTOP)
        os.kill(self.process.pid, signal.SIGCONT)

    def let_go(self):
        self._let_go.set()
        self._pacer.join()

    def kill(self):
        self.let_go()
        super().kill()


class Recovery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        above = tempfile.TemporaryDirectory()
        cls.addClassCleanup(above.cleanup)
        cls.folder = pathlib.Path(above.name, "data")
        cls.ledger = {}  # client and number, by offset
        with cls.serving() as server:
            server.await_line("the logs are open")
            clients = [threading.Thread(target=cls.fill, args=(server.port, client)) for client in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            cls.serving_kib = peak_kib(server)
        assert cls.segments_bytes() >= LOG_BYTES, "a client failed"

    @classmethod
    def fill(cls, port, client):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as connection:
            sent_bytes = number = 0
            while sent_bytes < LOG_BYTES / CLIENTS:
                value = value_of(client, number)
                offset = append(connection, value)
                assert offset not in cls.ledger
                cls.ledger[offset] = client, number
                sent_bytes += len(value)
                number += 1
                if number % READ_EVERY == 0:
                    assert read(connection, offset) == value

    @classmethod
    @contextlib.contextmanager
    def serving(cls, kind=Server):
        """It is killed at the end."""
        with kind("--disk-reserve", "0", "--scrub-rate", "0", "--log-format", "json", data=str(cls.folder)) as server:
            yield server

    @classmethod
    def segments_bytes(cls):
        return sum(path.stat().st_size for path in cls.folder.glob("*/*.log") if path.parent.name != "catalogue")

    def lose_indexes(self):
        for path in self.folder.glob("*/*.index"):
            path.unlink()

    def assert_has_everything(self, server):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)) as connection:
            for offset, (client, number) in self.ledger.items():
                self.assertTrue(read(connection, offset) == value_of(client, number), f"offset {offset} is not what it was")
        self.assertEqual(server.ask("GET", None, f"/?offset={len(self.ledger)}")[0], 404)

    def test_a_recovery_takes_no_more_memory_than_serving_did_also_where_it_reads_all_of_the_log(self):
        for indexes in (True, False):
            if not indexes:
                self.lose_indexes()
            with self.serving() as server:
                opened = server.await_line("the logs are open")
                recovery_kib = peak_kib(server)
            with self.subTest(indexes=indexes):
                self.assertEqual(opened["scanned_bytes"] < LOG_BYTES, indexes)
                self.assertLessEqual(recovery_kib, self.serving_kib + SPREAD_KIB)
            print(f"recovery read {opened['scanned_bytes'] >> 20} MiB: peak {recovery_kib} KiB, {self.serving_kib} KiB serving")

    def test_at_a_tenth_of_a_core_and_killed_three_times_recovery_ends_and_has_everything(self):
        self.lose_indexes()
        for part in KILLED_AT:
            with self.serving(Slow) as server:
                read_bytes = self.await_read(server, part * LOG_BYTES)
                server.process.kill()
                server.let_go()
                self.assertNotIn("the logs are open", server.process.stdout.read())
                print(f"killed when it had read {read_bytes >> 20} MiB")
        with self.serving(Slow) as server:
            began = time.monotonic()
            self.await_read(server, None)
            seconds = time.monotonic() - began
            opened = server.await_line("the logs are open")
            print(f"recovery ended after {seconds:.1f} s, {cpu_seconds(server):.2f} s of CPU, {opened['scanned_bytes'] >> 20} MiB read")
            self.assertGreaterEqual(opened["scanned_bytes"], LOG_BYTES)
            server.let_go()
            self.assert_has_everything(server)

    def await_read(self, server, wanted_bytes):
        """How much recovery has read, as soon as that is so much; None: waits for its end."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < deadline:
            code, _, answer = server.answer("GET", "/readyz")
            if code == 200:
                self.assertIsNone(wanted_bytes, "it has ended already")
                return None
            read_bytes = int(re.search(rb"being recovered: .* (\d+) bytes read", answer)[1])
            if wanted_bytes is not None and read_bytes >= wanted_bytes:
                return read_bytes
        raise AssertionError(f"recovery has not come far enough after {RECOVERY_SECONDS} s")


if __name__ == "__main__":
    unittest.main()
