#!/usr/bin/env python3
"""linearizability_test.py DAYBOOK UNLINEARIZABLE [HISTORIES]: histories of clients that append, append on a condition, read at
the end and trim at the same time are linearizable, with both engines; and servers with a fault that makes them not so are
found out. Skipped where there is no Go, or the checker's module is not to be had."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from linearizability.checker import build_checker
from support.program import Server

UNLINEARIZABLE = os.path.abspath(sys.argv.pop(1))
HISTORIES = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1].isdigit() else "100"
CHECK_SECONDS = 900


class Linearizability(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.checker = build_checker(cls.folder.name)

    def check(self, port, seed):
        checked = subprocess.run([self.checker, f"http://127.0.0.1:{port}", HISTORIES, str(seed)], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=CHECK_SECONDS)
        self.assertEqual(checked.stderr, "")
        return checked.returncode, checked.stdout

    def test_what_an_engine_answers_could_have_been_answered_one_after_the_other(self):
        for engine in ("memory", "disk"):
            with self.subTest(engine), Server("--engine", engine, "--segment-size", "64Ki", "--log-format", "json",
                                              data=tempfile.mkdtemp(dir=self.folder.name)) as server:
                if engine == "disk":
                    server.await_line("the logs are open")
                code, told = self.check(server.port, seed=os.getpid())
                self.assertEqual(code, 0, told)
                print(engine, told, end="")

    def test_a_server_that_is_wrong_now_and_then_is_found_out(self):
        for fault in ("stale-reads", "loose-conditions", "trims-too-little"):
            server = subprocess.Popen([UNLINEARIZABLE, fault], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
            with self.subTest(fault), server:
                code, told = self.check(json.loads(server.stdout.readline())["port"], seed=1)
                server.stdin.close()
                self.assertEqual(code, 1, told)
                self.assertIn("is not linearizable", told)


if __name__ == "__main__":
    unittest.main()
