#!/usr/bin/env python3
"""openapi_test.py DAYBOOK [SECONDS [ENGINE]]: what /openapi.json says is so. schemathesis sends what it says is right, and what
it says is wrong, for SECONDS, or one short round, and judges the answers by it. Skips where scripts/schemathesis.sh finds none."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support.program import DAYBOOK, PATIENCE_SECONDS, Server

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = int(sys.argv.pop(1)) if len(sys.argv) > 1 else 0
ENGINE = sys.argv.pop(1) if len(sys.argv) > 1 else "disk"
SEED = os.environ.get("OPENAPI_SEED", "1")
CASES = "500" if SECONDS else "25"  # of each operation and phase
ROUND_SECONDS_MAX = 250
FOUND = subprocess.run([HERE.parent / "scripts/schemathesis.sh"], capture_output=True, text=True)
PROGRAMS = pathlib.Path(FOUND.stdout.strip())


@unittest.skipIf(FOUND.returncode, FOUND.stderr.strip())
class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        made = subprocess.run([DAYBOOK, "token", "new", "openapi", "--scopes", "read,append,admin,metrics", "--logs", "*"],
                              capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS)
        cls.token, line = made.stdout.splitlines()
        tokens = pathlib.Path(cls.folder, "tokens")
        tokens.write_text(line + "\n")
        # Waits are as long as any, and nothing comes in one.
        cls.server = cls.enterClassContext(
            Server("--engine", ENGINE, "--max-wait", "10ms", "--token-file", str(tokens),
                   data=os.path.join(cls.folder, "data")))
        cls.document = os.path.join(cls.folder, "openapi.json")
        pathlib.Path(cls.document).write_bytes(cls.server.answer("GET", "/openapi.json")[2])

    def run_in_folder(self, *command, seconds=60):
        environment = {**os.environ, "PYTHONPATH": str(HERE / "openapi"), "PYTHONDONTWRITEBYTECODE": "1",
                       "DAYBOOK_TOKEN": self.token}
        said = subprocess.run(command, cwd=self.folder, env=environment, text=True, timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(said.returncode, 0, said.stdout)
        return said.stdout

    def test_the_document_is_openapi(self):
        self.run_in_folder(PROGRAMS / "openapi-spec-validator", "--schema", "3.1", self.document)

    def test_its_examples_are_as_its_schemas_say(self):
        self.assertIn(", 0 wrong", self.run_in_folder(PROGRAMS / "python", HERE / "openapi/examples.py", self.document))

    def test_every_answer_is_as_it_says(self):
        address = f"http://127.0.0.1:{self.server.port}"
        bounds = ["--max-time", str(SECONDS)] if SECONDS else []
        said = self.run_in_folder(
            PROGRAMS / "schemathesis", "--no-color", "--config-file", HERE / "openapi/schemathesis.toml", "run",
            f"{address}/openapi.json", "--url", address, "--seed", SEED, "--max-examples", CASES, "--continue-on-failure",
            "--generation-database", "none", "--warnings", "off", *bounds, seconds=SECONDS + ROUND_SECONDS_MAX)
        self.assertIn("No issues found", said)
        if SECONDS:
            print(said)
        self.assertIsNone(self.server.process.poll())


if __name__ == "__main__":
    unittest.main()
