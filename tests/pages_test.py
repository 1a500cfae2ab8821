#!/usr/bin/env python3
"""pages_test.py DAYBOOK: what the pages of docs/ show is what happens."""
import shutil
import unittest

from support.examples import examples, play


@unittest.skipUnless(shutil.which("curl"), "there is no curl here")
class Pages(unittest.TestCase):
    def test_examples_are_found(self):
        self.assertGreater(len(examples("http-api.md")), 5)
        self.assertGreater(len(examples("command-line.md")), 5)

    def test_the_command_line(self):
        play(self, "command-line.md")

    def test_the_session_of_the_readme(self):
        play(self, "../README.md")

    def test_getting_started(self):
        play(self, "getting-started.md")

    def test_the_http_api(self):
        play(self, "http-api.md")

    def test_an_audit_trail(self):
        play(self, "how-to/audit-trail.md")

    def test_a_feed(self):
        play(self, "how-to/feed.md")

    @unittest.skipUnless(shutil.which("sqlite3"), "there is no sqlite3 here")
    def test_an_outbox(self):
        play(self, "how-to/outbox.md", files=["how-to/outbox.py"])


if __name__ == "__main__":
    unittest.main()
