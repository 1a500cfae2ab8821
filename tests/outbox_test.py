#!/usr/bin/env python3
"""outbox_test.py DAYBOOK [KILLS]: the relay of docs/how-to/outbox.md appends each row once and in order, however often it is
killed, and the server with it."""
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from live.stream import free_port
from support.examples import DOCS
from support.program import PATIENCE_SECONDS, Server

KILLS = int(sys.argv.pop(1)) if sys.argv[1:] and sys.argv[1].isdigit() else 15
LOG = "/v1/logs/default"


class Outbox(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.database = str(self.folder / "shop.db")
        with sqlite3.connect(self.database) as database:
            database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)")

    def insert(self, ended):
        """Rows, as a service does that has no pause."""
        database = sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)
        self.rows = 0
        while not ended.is_set():
            with database:
                for _ in range(random.randint(1, 20)):
                    database.execute("INSERT INTO outbox (event) VALUES (?)", (f"event {self.rows}",))
                    self.rows += 1
            time.sleep(0.001)
        database.close()

    def relay(self, port, *options):
        return subprocess.Popen([sys.executable, DOCS / "how-to/outbox.py", self.database, f"127.0.0.1:{port}", "default", *options],
                                stdout=subprocess.DEVNULL)

    def events(self, server):
        events, offset = [], 0
        while True:
            page = json.loads(server.answer("GET", f"{LOG}/records?offset={offset}&limit=10000&encoding=text")[2])
            if not page["records"]:
                return events
            events += [(record["key"], record["text"]) for record in page["records"]]
            offset = page["next_offset"]

    def test_each_row_is_appended_once_and_in_order_through_kills(self):
        data, ended = self.folder / "data", threading.Event()
        service = threading.Thread(target=self.insert, args=(ended,))
        service.start()
        self.addCleanup(service.join)
        self.addCleanup(ended.set)
        port = free_port()  # which nobody takes while the server is away
        server = Server(data=str(data), port=port)
        self.addCleanup(lambda: server.kill())
        server.await_line("the logs are open")
        for number in range(KILLS):
            relay = self.relay(server.port)
            time.sleep(random.uniform(0.1, 0.5))
            if number % 3 == 2:
                server.kill()
                server = Server(data=str(data), port=port)
                server.await_line("the logs are open")
                time.sleep(random.uniform(0, 0.2))
            relay.kill()
            relay.wait()
        ended.set()
        service.join()
        self.assertEqual(self.relay(server.port, "--once").wait(6 * PATIENCE_SECONDS), 0)
        self.assertEqual(self.events(server), [(str(row + 1), f"event {row}") for row in range(self.rows)])
        with sqlite3.connect(self.database) as database:
            self.assertEqual(database.execute("SELECT count(*) FROM outbox").fetchone(), (0,))


if __name__ == "__main__":
    unittest.main()
