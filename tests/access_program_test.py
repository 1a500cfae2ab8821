#!/usr/bin/env python3
"""access_program_test.py DAYBOOK: who is let in while the token file changes under the running program, in every way that a file
can, and that nothing of a token is ever written."""
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from support.program import DAYBOOK, PATIENCE_SECONDS, Server

POLL_SECONDS = 0.05
# What a revocation may take (two readings of the file), and what is promised.
REVOKED_WITHIN_SECONDS = 10


def new_token(name, scopes="read,append", logs="*"):
    """A token and its line."""
    made = subprocess.run([DAYBOOK, "token", "new", name, "--scopes", scopes, "--logs", logs], capture_output=True, text=True,
                          check=True, timeout=PATIENCE_SECONDS)
    return made.stdout.splitlines()


class Tokens:
    """A folder as the kubelet makes it of a Secret: `tokens` is a link through `..data` to a folder that is another one after
    each change."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.version = 0
        self.file = self.path / "tokens"

    def swap(self, text):
        self.version += 1
        folder = self.path / f"..version_{self.version}"
        folder.mkdir()
        if text is not None:
            (folder / "tokens").write_text(text)
        (self.path / "..data_tmp").symlink_to(folder.name)
        os.replace(self.path / "..data_tmp", self.path / "..data")
        if not self.file.is_symlink():
            self.file.symlink_to("..data/tokens")


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.admin, cls.admin_line = new_token("admin", "read,append,admin")
        cls.one, cls.one_line = new_token("one")
        cls.other, cls.other_line = new_token("other")

    def setUp(self):
        self.tokens = Tokens()
        self.addCleanup(self.tokens.folder.cleanup)

    def serve(self, *lines, more=(), **options):
        self.tokens.swap("".join(f"{line}\n" for line in lines))
        server = Server("--token-file", str(self.tokens.file), "--access-log", *more, **options)
        self.addCleanup(server.kill)
        return server

    @staticmethod
    def code(server, token, method="GET", target="/v1/logs/default", body=None):
        return server.answer(method, target, body, fields={"Authorization": f"Bearer {token}"})[0]

    def await_code(self, code, server, token):
        until = time.monotonic() + PATIENCE_SECONDS
        while (got := self.code(server, token)) != code:
            self.assertLess(time.monotonic(), until, f"{got}, not {code}")
            time.sleep(POLL_SECONDS)

    def metric(self, server, name):
        text = server.answer("GET", "/metrics")[2].decode()
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"daybook_access_{name} "))

    def await_wrong(self, server, wrong=1):
        until = time.monotonic() + PATIENCE_SECONDS
        while self.metric(server, "token_file_wrong") != wrong:
            self.assertLess(time.monotonic(), until, "the file is found to be neither")
            time.sleep(POLL_SECONDS)

    def follow(self, server, token):
        """A curl that follows, once it has been told how that begins."""
        curl = subprocess.Popen(
            ["curl", "-sN", "-H", f"Authorization: Bearer {token}",
             f"http://127.0.0.1:{server.port}/v1/logs/default/records?follow=sse"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(curl.communicate)
        self.addCleanup(curl.kill)
        self.assertEqual([curl.stdout.readline() for _ in range(3)], ["retry: 2000\n", "id: -1\n", "\n"])
        return curl

    def test_a_secret_that_is_swapped_counts_and_ends_what_a_revoked_token_follows(self):
        server = self.serve(self.admin_line, self.one_line)
        self.assertEqual(self.code(server, self.one), 200)
        self.assertEqual(self.code(server, self.other), 401)
        gone, kept = self.follow(server, self.one), self.follow(server, self.admin)
        began = time.monotonic()
        self.tokens.swap(f"{self.admin_line}\n{self.other_line}\n")
        self.assertEqual(gone.stdout.read(), 'event: end\ndata: {"reason":"revoked"}\n\n')
        self.assertLess(time.monotonic() - began, REVOKED_WITHIN_SECONDS)
        self.assertEqual(gone.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(self.code(server, self.one), 401)
        self.assertEqual(self.code(server, self.other), 200)
        self.assertEqual(self.code(server, self.admin, "POST", "/", '{"record":{"value":"aGk="}}'), 200)
        self.assertEqual(kept.stdout.readline(), "id: 0\n")

    def test_whatever_becomes_of_the_file_it_is_no_open_door(self):
        server = self.serve(self.admin_line, self.one_line)
        half = self.other_line[:len(self.other_line) - 30]
        for text in (None, "", "\n", half, f"{self.other_line}\n{half}", f"{self.other_line}\n* * * *\n", "\0" * 100,
                     "#" * (2 << 20), f"{self.other_line}\n{self.other_line}\n"):
            with self.subTest(text=text and text[:40]):
                self.tokens.swap(f"{self.admin_line}\n{self.one_line}\n")
                self.await_wrong(server, 0)
                self.tokens.swap(text)
                self.await_wrong(server)
                self.assertEqual(server.answer("GET", "/v1/logs/default")[0], 401)
                self.assertEqual(self.code(server, self.other), 401)
                self.assertEqual(self.code(server, ""), 401)
                self.assertEqual(self.code(server, self.one), 200)
        self.tokens.swap(f"{self.other_line}\n")
        self.await_code(200, server, self.other)
        self.assertEqual(self.code(server, self.one), 401)

    def test_a_file_that_is_wrong_at_the_start_is_exit_code_2(self):
        for text, words in ((None, "No such file"), ("", "there is no token in it"),
                            (f"{self.one_line}\n{self.other_line[:-1]}", "line 2: ")):
            self.tokens.swap(text)
            ended = subprocess.run([DAYBOOK, "serve", "--engine", "memory", "--listen-address", "127.0.0.1:0", "--token-file",
                                    str(self.tokens.file)], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
            self.assertEqual(ended.returncode, 2, ended)
            self.assertIn(words, ended.stderr)
            self.assertIn("token-file", ended.stderr)
            self.assertNotIn(self.other_line[-20:-1], ended.stderr + ended.stdout)

    def test_nothing_of_a_token_is_ever_written(self):
        self.tokens.swap(f"{self.admin_line}\n{self.one_line}\n")
        errors = tempfile.TemporaryFile("w+")
        self.addCleanup(errors.close)
        server = self.serve(self.admin_line, self.one_line, stderr=errors)
        said = []
        reader = threading.Thread(target=lambda: said.extend(server.process.stdout))
        reader.start()
        wrong = "dbk_" + "5" * 64
        for token in (self.admin, self.one, self.other, wrong):
            for method, target, body in (
                    ("GET", "/v1/logs/default", None), ("POST", "/", '{"record":{"value":"aGk="}}'), ("PUT", "/v1/logs/a", None),
                    ("GET", f"/v1/logs?token={token}", None), ("GET", f"/v1/logs/{token}", None), ("GET", f"/{token}", None),
                    ("POST", "/v1/logs/default/records", token)):
                self.code(server, token, method, target, body)
            server.answer("GET", "/v1", fields={"Authorization": token})
            server.answer("GET", "/v1", fields={"Authorization": f"Basic {token}"})
            server.answer("GET", "/v1", fields={"Authorization": f"Bearer {token}", "X-Request-Id": token})
            subprocess.run(["curl", "-s", "-H", f"Authorization: Bearer {token}\x01", f"127.0.0.1:{server.port}/v1"],
                           stdout=subprocess.DEVNULL, timeout=PATIENCE_SECONDS)
        self.tokens.swap(f"{self.one_line}\n{self.other_line[:-1]}")
        self.await_wrong(server)
        self.tokens.swap(f"{self.one_line}\n")
        self.await_code(401, server, self.admin)
        self.assertEqual(server.stop(signal.SIGTERM), 0)
        reader.join()
        errors.seek(0)
        written = "".join(said) + errors.read()
        self.assertIn('"token":"one"', written)
        self.assertIn("the token file is wrong", written)
        self.assertGreater(len(said), 40)
        for token, line in ((self.admin, self.admin_line), (self.one, self.one_line), (self.other, self.other_line), (wrong, "")):
            secret, digest = token.removeprefix("dbk_"), line.rpartition("sha256:")[2]
            for part in filter(None, (secret[:16], secret[-16:], digest[:16], digest[-17:-1])):
                self.assertNotIn(part, written)

    def test_a_client_has_its_rate(self):
        server = self.serve(self.one_line, self.other_line, more=("--client-rate", "1", "--client-burst", "5"))
        by_one = {"Authorization": f"Bearer {self.one}"}
        answers = [server.answer("GET", "/v1", fields=by_one) for _ in range(200)]
        self.assertEqual([code for code, _, _ in answers[:5]], [200] * 5)
        self.assertEqual({fields["Retry-After"] for code, fields, _ in answers if code == 429}, {"1"})
        self.assertEqual(self.code(server, self.other), 200)
        self.assertEqual(server.answer("GET", "/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
