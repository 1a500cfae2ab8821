#!/usr/bin/env python3
"""http_api_page_test.py DAYBOOK: what docs/http-api.md shows is what happens, on a new log, from its top to its end."""
import pathlib
import re
import shutil
import subprocess
import unittest

from support.program import Server

PAGE = pathlib.Path(__file__).parent.parent / "docs/http-api.md"


def examples():
    """Each command of the page, with the lines that are shown behind it."""
    commands = []
    is_shown = False  # what the lines say, which may be empty
    for line in PAGE.read_text().splitlines():
        is_command = line.startswith("    $ ")
        is_shown = is_command or (is_shown and (not line or line.startswith("    ")))
        if is_command:
            commands.append((line[6:], []))
        elif is_shown:
            commands[-1][1].append(line[4:])
    return [(command, "\n".join(shown).strip("\n")) for command, shown in commands]


class HttpApiPage(unittest.TestCase):
    @unittest.skipUnless(shutil.which("curl"), "there is no curl here")
    def test_examples_work_as_printed(self):
        self.assertGreater(len(examples()), 5)
        with Server() as server:
            for command, shown in examples():
                run = 'curl() { command curl -s "$@"; }; ' + command.replace("localhost:8080", f"127.0.0.1:{server.port}")
                said = subprocess.run(["bash", "-c", run], capture_output=True, text=True, timeout=20)
                self.assertEqual(said.returncode, 0, f"{command}\n{said.stderr}")
                expected = ".*".join(re.escape(part) for part in shown.split("…"))
                self.assertRegex(said.stdout.replace("\r", "").strip("\n"), re.compile(f"^{expected}$", re.DOTALL), command)


if __name__ == "__main__":
    unittest.main()
