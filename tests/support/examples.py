"""The examples of a page of docs/: what it shows is what happens, from its top to its end."""
import contextlib
import os
import pathlib
import re
import subprocess
import tempfile

from support.program import DAYBOOK, Server

DOCS = pathlib.Path(__file__).parents[2] / "docs"
SERVE = "    daybook serve"


def examples(page):
    """Each command of the page, with what is shown behind it; None behind one that starts the server."""
    commands = []
    is_shown = False  # what the lines say, which may be empty
    for line in (DOCS / page).read_text().splitlines():
        is_command = line.startswith("    $ ")
        is_shown = is_command or (is_shown and (not line or line.startswith("    ")) and not line.startswith(SERVE))
        if is_command:
            commands.append((line[6:], []))
        elif line.startswith(SERVE):
            commands.append((line.strip(), None))
        elif is_shown:
            commands[-1][1].append(line[4:])
    return [(command, shown if shown is None else "\n".join(shown).strip("\n")) for command, shown in commands]


class Player:
    """Runs commands in a folder of its own, in which `daybook` is the program and curl says no more than the answer."""

    def __init__(self, folder):
        self.folder, self.server = pathlib.Path(folder), None
        programs = self.folder / ".bin"
        programs.mkdir()
        (programs / "daybook").symlink_to(DAYBOOK)
        self.environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def run(self, command):
        """What it wrote. Where it ends itself after some seconds, it has more of them: there is little of some machines."""
        here = f"127.0.0.1:{self.server.port}" if self.server else "localhost:8080"
        patient = re.sub(r"(\btimeout|--max-time) (\d+)\b", lambda match: f"{match[1]} {4 * int(match[2])}", command)
        ended = subprocess.run(["bash", "-c", 'curl() { command curl -s "$@"; }; ' + patient.replace("localhost:8080", here)],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, cwd=self.folder,
                               env=self.environment | {"DAYBOOK_SERVER": f"http://{here}"})
        return ended.stdout.replace("\r", "").strip("\n")


def play(case, page, files=()):
    """Runs the page's commands one after the other, in a folder with copies of these files of docs/. The server is started
    where the page does that, or at the top. localhost:8080 is its address, and … stands for anything."""
    shown_commands = examples(page)
    if all(shown is not None for _, shown in shown_commands):
        shown_commands.insert(0, (SERVE.strip(), None))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as servers:
        player = Player(folder)
        for file in files:
            (player.folder / pathlib.Path(file).name).write_bytes((DOCS / file).read_bytes())
        for command, shown in shown_commands:
            if shown is None:
                player.server = servers.enter_context(Server(*command.split()[2:], cwd=folder))
                continue
            expected = ".*".join(re.escape(part) for part in shown.split("…"))
            case.assertRegex(player.run(command), re.compile(f"^{expected}$", re.DOTALL), command)
