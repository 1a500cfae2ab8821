#!/usr/bin/env python3
"""backup_program_test.py DAYBOOK: backup, restore, dump and import as an operator runs them, also beside a server that is
appended to. Linking is looked for in the folder for temporary files, copying also on another file system where there is one."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from support.program import DAYBOOK, PATIENCE_SECONDS, Server

ANOTHER_FILE_SYSTEM = pathlib.Path("/dev/shm")


def run(*arguments, given=None):
    return subprocess.run([DAYBOOK, *map(str, arguments)], capture_output=True, input=given, timeout=3 * PATIENCE_SECONDS)


def contents(folder):
    """Of all files below it but the lock."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "LOCK"}


class ToolTest(unittest.TestCase):
    """With a data folder, which is not there yet."""

    def setUp(self):
        above = tempfile.TemporaryDirectory()
        self.addCleanup(above.cleanup)
        self.above = pathlib.Path(above.name)
        self.folder = self.above / "data"

    @contextlib.contextmanager
    def serving(self, folder=None):
        with Server("--segment-size", "64Ki", "--disk-reserve", "0", "--log-format", "json",
                    data=str(folder or self.folder)) as server:
            server.await_line("the logs are open")
            yield server

    def append(self, server, value):
        code, answer = server.ask("POST", json.dumps({"record": {"value": base64.b64encode(value).decode()}}))
        self.assertEqual(code, 200, answer)
        return answer["offset"]

    def read(self, server, offset):
        code, answer = server.ask("GET", None, f"/?offset={offset}")
        self.assertEqual(code, 200, answer)
        return base64.b64decode(answer["record"]["value"])

    def written(self, values):
        with self.serving() as server:
            for value in values:
                self.append(server, value)
            self.assertEqual(server.stop(signal.SIGTERM), 0)

    def succeeds(self, *arguments, given=None):
        """What it wrote."""
        ended = run(*arguments, given=given)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout.decode()

    def fails(self, *arguments, given=None, code=1):
        """What it said."""
        ended = run(*arguments, given=given)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stderr.decode()

    def dumped(self, folder, *options):
        return [json.loads(line) for line in self.succeeds("dump", folder, *options).splitlines()]

    def segments(self, folder=None):
        folder = folder or self.folder
        return sorted(path for path in folder.glob("*/*.log") if path.parent.name != "catalogue")


class Load:
    """Clients that append until it ends; `ledger` has what was answered, by offset."""

    def __init__(self, server, clients=4):
        self.ledger = {}
        self.failures = []
        self._port = server.port
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._append, args=(number,)) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _append(self, client):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        number = 0
        while not self._ending.is_set():
            value = b"%d/%d/" % (client, number) + os.urandom(1 + number * 37 % 5000)
            number += 1
            connection.request("POST", "/", json.dumps({"record": {"value": base64.b64encode(value).decode()}}))
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                self.failures.append(body)
                return
            self.ledger[json.loads(body)["offset"]] = value
        connection.close()


class Backup(ToolTest):
    def await_segments(self, load, more):
        wanted = len(self.segments()) + more
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.segments()) < wanted and not load.failures:
            self.assertLess(time.monotonic(), deadline, "the log does not grow")
            time.sleep(0.01)

    def assert_holds(self, records, before, after):
        """That the records of a dump are those that were appended, and all that were acknowledged before are among them."""
        self.assertEqual([record["offset"] for record in records], list(range(len(records))))
        self.assertGreater(len(records), max(before))
        for record in records:
            self.assertEqual(base64.b64decode(record["value"]), after[record["offset"]])

    def backed_up_under_load(self, where):
        """Some folders, with what had been acknowledged before each was begun and at the end; the server has stopped."""
        with self.serving() as server:
            with Load(server) as load:
                made = []
                for number in range(4):
                    self.await_segments(load, 2)
                    before = dict(load.ledger)
                    to = where / f"backup-{number}"
                    said = self.succeeds("backup", self.folder, to)
                    self.assertIn(f"{to} is whole", said)
                    made.append((to, before, said, contents(to)))
                self.await_segments(load, 3)
            self.assertEqual(load.failures, [])
            self.assertEqual(server.stop(signal.SIGTERM), 0)
        with self.serving() as server:  # and what a start and appends behind it do
            for number in range(40):
                value = b"later %d" % number + bytes(5000)
                load.ledger[self.append(server, value)] = value
        return made, load.ledger

    def assert_whole(self, made, ledger):
        for to, before, _, bytes_then in made:
            self.assertEqual(contents(to), bytes_then, "the backup was altered")
            self.assert_holds(self.dumped(to), before, ledger)
            restored = self.above / ("restored-" + to.name)
            self.succeeds("restore", to, restored)
            with self.serving(restored) as server:
                for offset in sorted(before)[::25] + [max(before)]:
                    self.assertEqual(self.read(server, offset), before[offset])
                end = len(self.dumped(to))
                self.assertEqual(self.append(server, b"the restored log goes on"), end)
            self.assertEqual(contents(to), bytes_then, "the backup was altered by what was restored from it")

    def test_under_load_it_has_all_that_was_acknowledged_and_nothing_alters_it(self):
        made, ledger = self.backed_up_under_load(self.above)
        self.assert_whole(made, ledger)
        links = [path.stat().st_nlink for path in self.segments(made[-1][0])]
        self.assertTrue(all(count > 1 for count in links[:-1]) and len(links) > 1, links)
        self.assertEqual(links[-1], 1)

    def test_on_another_file_system_all_is_copied(self):
        if not ANOTHER_FILE_SYSTEM.is_dir() or os.stat(ANOTHER_FILE_SYSTEM).st_dev == os.stat(self.above).st_dev:
            self.skipTest("there is no other file system here")
        where = pathlib.Path(tempfile.mkdtemp(dir=ANOTHER_FILE_SYSTEM))
        self.addCleanup(shutil.rmtree, where)
        made, ledger = self.backed_up_under_load(where)
        self.assertTrue(all("bytes linked: 0," in said for _, _, said, _ in made))
        self.assert_whole(made, ledger)

    def test_what_is_served_from_it_does_not_alter_what_it_was_made_from(self):
        self.written([b"v" * 20_000] * 8)
        self.succeeds("backup", self.folder, self.above / "backup")
        before = contents(self.folder)
        with self.serving(self.above / "backup") as server:
            for _ in range(8):
                self.append(server, b"w" * 20_000)
            self.assertEqual(server.stop(signal.SIGTERM), 0)
        self.assertEqual(contents(self.folder), before)

    def test_mistakes_are_named(self):
        self.assertIn("no-data", self.fails("backup", self.above / "no-data", self.above / "backup"))
        self.written([b"x"])
        taken = self.above / "taken"
        taken.mkdir()
        (taken / "file").touch()
        self.assertIn(f"{taken} is not empty: it has file", self.fails("backup", self.folder, taken, code=2))
        self.assertIn("is not empty", self.fails("restore", self.folder, taken, code=2))
        with self.serving():
            self.assertIn("is being served", self.fails("restore", self.folder, self.above / "restored"))

    def test_damage_is_named_and_what_to_do_about_it(self):
        self.written([b"x"])
        [segment] = self.segments()
        damaged = bytearray(segment.read_bytes())
        damaged[4096 + 70] ^= 1
        segment.write_bytes(damaged)
        for command in ("backup", "restore"):
            said = self.fails(command, self.folder, self.above / "to")
            self.assertIn(f"{segment}, position 4096", said)
            self.assertIn("daybook verify", said)


class DumpAndImport(ToolTest):
    VALUES = [bytes(range(256)), b"", b"text \xc3\xbc", b'{"a": 1e400}', b"v" * 100_000]

    def test_a_dump_is_what_is_read_over_HTTP(self):
        with self.serving() as server:
            for value in self.VALUES:
                self.append(server, value)
            records = self.dumped(self.folder)
            self.assertEqual([record["offset"] for record in records], list(range(len(self.VALUES))))
            for record in records:
                self.assertEqual(base64.b64decode(record["value"]), self.read(server, record["offset"]))
                self.assertRegex(record["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                self.assertEqual(list(record), ["offset", "timestamp", "value"])
            part = self.dumped(self.folder, "--from", 1, "--limit", 2)
            self.assertEqual(part, records[1:3])

    def test_an_imported_dump_has_the_same_records(self):
        lines = [{"value": base64.b64encode(value).decode()} for value in self.VALUES]
        lines += [{"text": "t", "key": "k\u00fc", "headers": {"Content-Type": "text/plain", "b": "\u0001"}}, {"text": "", "key": ""}]
        lines = "\r\n\n".join(map(json.dumps, lines)) + '\n{"json": [1e400, 0.10, 12345678901234567890]}'
        self.assertIn("records appended: 8, offsets 0 to 7", self.succeeds("import", self.folder, given=lines.encode()))
        for encoding in ("base64", "text", "json"):
            dump = self.succeeds("dump", self.folder, "--encoding", encoding)
            again = self.above / encoding
            file = self.above / f"{encoding}.ndjson"
            file.write_text(dump)
            self.succeeds("import", again, file)

            def without_time(folder):
                return [{**record, "timestamp": ""} for record in self.dumped(folder)]
            self.assertEqual(without_time(again), without_time(self.folder))
        records = self.dumped(self.folder)
        self.assertEqual([base64.b64decode(record["value"]) for record in records[:5]], self.VALUES)
        self.assertEqual((records[5]["key"], records[5]["headers"]), ("k\u00fc", {"content-type": "text/plain", "b": "\u0001"}))
        self.assertEqual(records[6]["key"], "")
        self.assertEqual(base64.b64decode(records[7]["value"]), b"[1e400, 0.10, 12345678901234567890]")

    def test_many_records_are_appended_in_batches_and_served(self):
        lines = "".join(f'{{"text":"{number}"}}\n' for number in range(2500))
        self.assertIn("offsets 0 to 2499", self.succeeds("import", self.folder, given=lines.encode()))
        self.assertIn("offsets 2500 to 2500", self.succeeds("import", self.folder, given=b'{"text":"more"}'))
        with self.serving() as server:
            self.assertEqual(self.read(server, 2499), b"2499")
            self.assertEqual(self.read(server, 2500), b"more")
            said = self.fails("import", self.folder, given=b'{"text":"x"}')
            self.assertIn("is another daybook's", said)

    def test_a_log_is_made_only_if_that_is_asked_for(self):
        self.assertIn("--create makes it", self.fails("import", self.folder, "--log", "orders", given=b'{"text":"a"}'))
        for offset in range(2):
            said = self.succeeds("import", self.folder, "--log", "orders", "--create", given=b'{"text":"a"}')
            self.assertIn(f"offsets {offset} to {offset}", said)
        self.assertEqual([record["offset"] for record in self.dumped(self.folder, "--log", "orders")], [0, 1])
        self.assertEqual(self.dumped(self.folder), [])
        ended = run("import", self.above / "unmade", "--log", "no name", "--create", given=b"")
        self.assertEqual(ended.returncode, 2)
        self.assertIn(b"--log: a log's name is", ended.stderr)
        self.assertFalse((self.above / "unmade").exists())
        with self.serving() as server:
            self.assertEqual(server.ask("GET", None, "/v1/logs/orders/records/1")[0], 200)

    def test_the_first_bad_line_is_named_and_those_before_it_are_appended(self):
        lines = b'{"text":"0"}\n\n{"text":"1"}\n{"txt":"2"}\n{"text":"3"}\n'
        said = self.fails("import", self.folder, given=lines)
        self.assertIn('line 4: a record has no member "txt"', said)
        self.assertIn("2 records before it were appended", said)
        self.assertEqual(len(self.dumped(self.folder)), 2)
        said = self.fails("import", self.folder, "--max-record-value", "2", given=b'{"text":"123"}')
        self.assertIn("line 1: the record's value has 3 bytes; at most 2 are taken; 0 records before", said)

    def test_damage_ends_a_dump_or_is_passed(self):
        self.written([b"0", b"1", b"2"])
        [segment] = self.segments()
        damaged = segment.read_bytes()
        record = b"\x01\0\0\0\xff\xff\0\0"  # a value of one byte, no key, no headers
        position = damaged.index(record + b"1") + len(record)
        segment.write_bytes(damaged[:position] + b"x" + damaged[position + 1:])
        ended = run("dump", self.folder)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(len(ended.stdout.splitlines()), 1)
        self.assertIn(f"{segment}, position ".encode(), ended.stderr)
        self.assertIn(b"--skip-damaged", ended.stderr)
        passed = run("dump", self.folder, "--skip-damaged")
        self.assertEqual(passed.returncode, 0)
        self.assertEqual([json.loads(line)["offset"] for line in passed.stdout.splitlines()], [0, 2])
        self.assertIn(b"offset 1 is missing: ", passed.stderr)

    def test_what_is_not_there_is_named(self):
        self.assertIn("no-data", self.fails("dump", self.above / "no-data"))
        self.written([b"x"])
        self.assertIn("no log that is named other", self.fails("dump", self.folder, "--log", "other"))
        self.assertIn("no log that is named other", self.fails("import", self.folder, "--log", "other", given=b""))
        self.assertIn("beyond the log's end at 1", self.fails("dump", self.folder, "--from", "2"))
        self.assertIn("no-file", self.fails("import", self.folder, self.above / "no-file"))

    def test_a_full_standard_output_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full here")
        self.written([b"x"])
        with open("/dev/full", "wb") as full:
            ended = subprocess.run([DAYBOOK, "dump", self.folder], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"cannot write to standard output: No space left on device", ended.stderr)


if __name__ == "__main__":
    unittest.main()
