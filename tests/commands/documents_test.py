"""`daybook completion` and `daybook man`."""
import re
import shutil
import subprocess
import unittest

from commands.run import DAYBOOK


def printed(*arguments):
    return subprocess.run([DAYBOOK, *arguments], capture_output=True, check=True, text=True, timeout=20).stdout


class Completion(unittest.TestCase):
    def bash(self, *words):
        """What is offered for the last of the words behind `daybook`."""
        script = ('eval "$1"; COMP_WORDS=(daybook "${@:2}"); COMP_CWORD=$(($# - 1)); _daybook; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        said = subprocess.run(["bash", "-c", script, "bash", printed("completion", "bash"), *words], capture_output=True,
                              text=True, timeout=20)
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        return said.stdout.split()

    def test_bash_completes_commands_options_and_choices(self):
        commands = re.findall(r"^  (\w+) ", printed("--help").partition("Subcommands:")[2], re.MULTILINE)
        self.assertGreater(len(commands), 10)
        self.assertEqual(self.bash(""), commands)
        self.assertEqual(self.bash("re"), [name for name in commands if name.startswith("re")])
        self.assertEqual(self.bash("append", "--ou"), ["--output"])
        self.assertIn("--offset", self.bash("read", ""))
        self.assertEqual(self.bash("append", ""), [])  # values, or files
        self.assertEqual(self.bash("logs", "cr"), ["create"])
        self.assertEqual(self.bash("logs", "create", "orders", "--max-"), ["--max-age", "--max-bytes"])
        self.assertEqual(self.bash("tail", "-o", ""), ["text", "json", "raw"])
        self.assertEqual(self.bash("append", "--output", "j"), ["json"])
        self.assertEqual(self.bash("append", "--output", "=", "j"), ["json"])
        self.assertEqual(self.bash("append", "--output", "="), ["text", "json"])
        self.assertEqual(self.bash("serve", "--engine", "d"), ["disk"])
        self.assertEqual(self.bash("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.bash("read", "--log", ""), [])
        self.assertEqual(self.bash("append", "read", "--limi"), [])

    def test_each_option_of_each_command_is_offered(self):
        for command in ["serve"], ["append"], ["tail"], ["dump"], ["logs", "trim"], ["cursor", "set"]:
            help_text = printed(*command, "--help")
            flags = re.findall(r"^  (?:-\w,)?(--[\w-]+)", help_text, re.MULTILINE)
            self.assertEqual(sorted(set(flags) - set(self.bash(*command, "--"))), [], command)

    def test_the_shells_that_are_here_take_their_scripts(self):
        for shell in "bash", "zsh", "fish":
            if shutil.which(shell):
                said = subprocess.run([shell, "-n"], input=printed("completion", shell), capture_output=True, text=True,
                                      timeout=20)
                self.assertEqual((said.returncode, said.stderr), (0, ""), shell)


class FullDevice(unittest.TestCase):
    def test_what_cannot_be_written_is_exit_1(self):
        for command in ["man"], ["version"], ["completion", "bash"], ["--help"], ["append", "--help"]:
            with open("/dev/full", "wb") as full:
                ended = subprocess.run([DAYBOOK, *command], stdout=full, stderr=subprocess.PIPE, timeout=20)
            self.assertEqual((ended.returncode, ended.stderr), (1, b"daybook: cannot write to standard output\n"), command)


class ManPage(unittest.TestCase):
    @unittest.skipUnless(shutil.which("groff"), "there is no groff here")
    def test_it_is_sound_roff(self):
        said = subprocess.run(["groff", "-man", "-ww", "-z"], input=printed("man"), capture_output=True, text=True,
                              timeout=20)
        self.assertEqual((said.returncode, said.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc"), "there is no mandoc here")
    def test_it_is_sound_to_mandoc(self):
        said = subprocess.run(["mandoc", "-T", "lint", "-W", "error"], input=printed("man"), capture_output=True, text=True,
                              timeout=20)
        self.assertEqual((said.returncode, said.stderr), (0, ""), said.stdout)
