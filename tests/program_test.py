#!/usr/bin/env python3
"""program_test.py DAYBOOK: the program as its users start and stop it."""
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import unittest

DAYBOOK = sys.argv.pop(1)


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [DAYBOOK, "serve", "--listen-address", "127.0.0.1:0", *options], stdout=subprocess.PIPE, text=True)
        self.port = self.line("serving")["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def line(self, message):
        """The next line of the log with that message."""
        for line in self.process.stdout:
            if (record := json.loads(line))["message"] == message:
                return record
        raise AssertionError(f"the log ended without '{message}'")

    def ask(self, method, body, target="/"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, target, body)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        return answer.status, body


class Program(unittest.TestCase):
    def run_for(self, code, *arguments):
        ended = subprocess.run([DAYBOOK, *arguments], capture_output=True, text=True, timeout=20)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stdout + ended.stderr

    def test_appends_and_reads_then_stops_with_0(self):
        with Server() as server:
            self.assertEqual(server.ask("POST", '{"record":{"value":"YQ=="}}'), (200, {"offset": 0}))
            self.assertEqual(server.ask("GET", '{"offset":0}'), (200, {"record": {"value": "YQ==", "offset": 0}}))
            self.assertEqual(server.ask("GET", None, "/version")[1]["engine"], "memory")
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(20), 0)

    def test_a_stop_waits_no_longer_than_the_drain_time_out(self):
        with Server("--drain-timeout", "200ms") as server:
            half = socket.create_connection(("127.0.0.1", server.port))
            half.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn(b"100", half.recv(100))
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(20), 0)
            half.close()

    def test_a_second_signal_ends_at_once(self):
        with Server() as server:
            half = socket.create_connection(("127.0.0.1", server.port))
            half.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn(b"100", half.recv(100))
            server.process.send_signal(signal.SIGTERM)
            server.line("stopping")
            for _ in range(1000):  # until the first was taken
                server.process.send_signal(signal.SIGTERM)
                try:
                    code = server.process.wait(0.02)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self.assertEqual(code, 128 + signal.SIGTERM)
            half.close()

    def test_bad_options_are_exit_2(self):
        self.assertIn("--idle-timeout", self.run_for(2, "serve", "--idle-timeout", "soon"))
        self.assertIn("host:port", self.run_for(2, "serve", "--listen-address", "8080"))
        self.run_for(2)

    def test_a_port_in_use_is_exit_1(self):
        with Server() as server:
            self.assertIn("in use", self.run_for(1, "serve", "--listen-address", f"127.0.0.1:{server.port}"))

    def test_version_and_help_are_exit_0(self):
        self.assertRegex(self.run_for(0, "version"), r"daybook \d+\.\d+\.\d+\nrevision \S+\ncompiler")
        self.assertIn("serve", self.run_for(0, "--help"))


if __name__ == "__main__":
    unittest.main()
