#!/usr/bin/env python3
"""pages_test.py DAYBOOK: what the pages of docs/ show is what happens."""
import pathlib
import shutil
import tempfile
import unittest

from support.examples import DOCS, Player, examples, play
from support.program import Server


def commands(page, until):
    """Those of daybook that a page shows before that line, but for the server's, as whoever runs them."""
    lines = [line.strip() for line in (DOCS / page).read_text().partition(until)[0].splitlines() if line.startswith("    ")]
    lines = [line.removeprefix("sudo -u daybook ") for line in lines]
    return [line for line in lines if line.startswith("daybook ") and not line.startswith("daybook serve")]


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

    def test_who_may_do_what(self):
        play(self, "access.md")

    def test_what_a_log_keeps(self):
        play(self, "retention.md")

    def test_backups_and_repairs(self):
        """Their commands for a machine, in a folder that stands for its root."""
        with tempfile.TemporaryDirectory() as root:
            pathlib.Path(root, "backups").mkdir()
            pathlib.Path(root, "var/lib/daybook-backups").mkdir(parents=True)
            player, data = Player(root), f"{root}/var/lib/daybook"
            with Server(data=data) as player.server:
                player.server.await_line("the logs are open")
                self.assertEqual(player.run("seq 1100 >numbers && daybook append <numbers"), "0..1099")
                for command in commands("backup.md", "## In a pod"):
                    self.assert_done(player, root, command)
            dumped = player.run(f"daybook dump {data}")
            self.assertEqual((len(dumped.splitlines()), player.run(f"daybook dump {data}-restored")), (1100, dumped))
            for command in commands("repair.md", "## In a pod"):
                self.assert_done(player, root, command)

    def assert_done(self, player, root, command):
        here = command.replace("/var/lib/", f"{root}/var/lib/").replace("/backups/", f"{root}/backups/")
        self.assertIn("(0)", player.run(f'{here} && echo "(0)"'), command)

    def test_an_audit_trail(self):
        play(self, "how-to/audit-trail.md")

    def test_a_feed(self):
        play(self, "how-to/feed.md")

    @unittest.skipUnless(shutil.which("sqlite3"), "there is no sqlite3 here")
    def test_an_outbox(self):
        play(self, "how-to/outbox.md", files=["how-to/outbox.py"])


if __name__ == "__main__":
    unittest.main()
