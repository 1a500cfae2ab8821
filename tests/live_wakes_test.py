#!/usr/bin/env python3
"""live_wakes_test.py DAYBOOK LIVE_WAKES [SECONDS]: whoever waits for a record is woken for it, with both engines, for so
many seconds each."""
import os
import subprocess
import sys
import tempfile
import unittest

from support.program import Server

LIVE_WAKES = os.path.abspath(sys.argv.pop(1))
SECONDS = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1].isdigit() else "3"
THREADS = "4"  # more than there are cores, often: what is to be found are races


class LiveWakes(unittest.TestCase):
    def test_no_waiter_sleeps_past_its_record(self):
        for engine in ("memory", "disk"):
            with self.subTest(engine), tempfile.TemporaryDirectory() as data, Server(
                    "--engine", engine, "--threads", THREADS, "--log-format", "json", data=data) as server:
                if engine == "disk":
                    server.await_line("the logs are open")
                tool = subprocess.run([LIVE_WAKES, str(server.port), SECONDS], text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
                self.assertEqual(tool.returncode, 0, tool.stdout)
                print(engine, tool.stdout, end="")


if __name__ == "__main__":
    unittest.main()
