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
    for line in PAGE.read_text().splitlines():
        if line.startswith("    $ "):
            commands.append((line[6:], []))
        elif line.startswith("    ") and commands:
            commands[-1][1].append(line[4:])
    return [(command, "\n".join(shown)) for command, shown in commands]


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
