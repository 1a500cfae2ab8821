#!/usr/bin/env python3
"""jetstream_linearizability_test.py DAYBOOK [CALM [HALTED [SEED]]]: histories of clients of two daybooks over the same three
servers of NATS, who append, append on a condition and read at the end, are linearizable; in some of them the log's leader is
halted, and continued when there is another one. Skipped where there is no nats-server, no Go, or no porcupine."""
import os
import random
import subprocess
import sys
import threading
import time
import unittest

from jetstream.daybook import JetStreamTest
from linearizability.checker import build_checker
from nats.server import wait_until

NUMBERS = [int(sys.argv.pop(1)) for _ in sys.argv[1:] if sys.argv[1].isdigit()]
CALM, HALTED, SEED = (NUMBERS + [20, 5, os.getpid()][len(NUMBERS):])[:3]
PATIENCE_SECONDS = 60


class TwoDaybooksOverThreeServers(JetStreamTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checker = build_checker(cls.folder)

    def check(self, histories, before_each):
        """`before_each` is called with the name of a log's stream before its history begins, and may return a thread, which
        has to end before the next begins. The prefix of streams is that of this test."""
        self.cluster = self.start_cluster(3)
        daybooks = [self.daybook(self.cluster, "--nats-timeout", "2s") for _ in range(2)]
        urls = ",".join(f"http://127.0.0.1:{daybook.port}" for daybook in daybooks)
        thread, lines = None, []
        with subprocess.Popen([self.checker, urls, str(histories), str(SEED)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as checker:
            try:
                for line in checker.stdout:
                    if thread:
                        thread.join()
                    thread = None
                    if len(lines) == 0 and len(line.split()) == 2:
                        name, log_id = line.split()
                        thread = before_each(f"{self.prefix}_{name}_{log_id}")
                        checker.stdin.write("\n")
                        checker.stdin.flush()
                    else:
                        lines.append(line)
                self.assertEqual((checker.wait(PATIENCE_SECONDS), checker.stderr.read()), (0, ""), "".join(lines))
            finally:
                checker.kill()
        print("".join(lines), end="")

    def leader(self, stream, of=lambda leader: True):
        def leading():
            leader = self.cluster.stream_leader(stream)
            return leader if leader is not None and of(leader) else None
        return wait_until(leading, f"a leader of {stream}", PATIENCE_SECONDS)

    def test_what_two_answer_could_have_been_answered_one_after_the_other(self):
        self.check(CALM, lambda stream: None)

    def test_what_two_answer_while_the_leader_halts_could_have_been_answered_one_after_the_other(self):
        chance = random.Random(SEED)

        def halt(stream):
            leader, delay = self.leader(stream), chance.random() * 0.03

            def run():
                time.sleep(delay)  # so that it halts at any moment
                self.cluster.server(leader).stop()
                self.leader(stream, lambda other: other != leader)
                self.cluster.server(leader).cont()
                self.cluster.await_ready()
            thread = threading.Thread(target=run)
            thread.start()
            return thread
        self.check(HALTED, halt)


if __name__ == "__main__":
    unittest.main()
