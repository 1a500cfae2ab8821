#!/usr/bin/env python3
"""disk_program_test.py DAYBOOK: the program on a data folder, through kills, damage, full disks and other servers. What this
machine does not permit (mounts, namespaces, other users, tracing) is skipped."""
import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support.program import DAYBOOK, PATIENCE_SECONDS, Server

NOBODY = 65534
BLOCK_BYTES = 4096  # what a small file takes of a disk
HEADER_BYTES = 4096  # of a segment
ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}


def permitted(*command):
    """Whether that command runs here."""
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(command, capture_output=True, env=ENVIRONMENT).returncode == 0
    return False


def await_that(holds, what):
    """What `holds` returns, once that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain waited for: {what}")
        time.sleep(0.01)
    return found


def flip_bit(path, position):
    with open(path, "r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 1]))


class DiskTest(unittest.TestCase):
    """With a data folder, which is not there yet."""

    segment_size = "64Ki"
    disk_reserve = "0"
    launcher = ()

    def setUp(self):
        above = tempfile.TemporaryDirectory()
        self.addCleanup(above.cleanup)
        self.above = pathlib.Path(above.name)
        self.folder = self.above / "data"

    def arguments(self):
        return ["--segment-size", self.segment_size, "--disk-reserve", self.disk_reserve, "--log-format", "json"]

    @contextlib.contextmanager
    def serving(self, launcher=()):
        """A server whose log is open."""
        with Server(*self.arguments(), data=str(self.folder), launcher=launcher or self.launcher) as server:
            server.await_line("the logs are open")
            yield server

    def refusal(self, launcher=(), program=DAYBOOK, **options):
        """What a server that cannot serve says before it ends, with 1 and soon."""
        ended = subprocess.run([*(launcher or self.launcher), program, "serve", "--listen-address", "127.0.0.1:0",
                                "--data-dir", str(self.folder), *self.arguments()], capture_output=True, text=True, timeout=PATIENCE_SECONDS, **options)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)
        return ended.stderr

    def append(self, server, value):
        code, answer = server.ask("POST", json.dumps({"record": {"value": base64.b64encode(value).decode()}}))
        self.assertEqual(code, 200, answer)
        return answer["offset"]

    def assert_read(self, server, values):
        """That they are the log's, from offset 0 on, with nothing behind them."""
        for offset, value in enumerate(values):
            code, answer = server.ask("GET", None, f"/?offset={offset}")
            self.assertEqual(code, 200, answer)
            self.assertEqual(base64.b64decode(answer["record"]["value"]), value)
        self.assertEqual(server.ask("GET", None, f"/?offset={len(values)}")[0], 404)

    def log_folder(self):
        return next(path.parent for path in self.folder.glob("*/meta") if path.parent.name != "catalogue")

    def segments(self):
        return sorted(self.log_folder().glob("*.log"))

    def written(self):
        """Values of a log with several segments that has stopped."""
        values = [b"%d/" % number + b"v" * 20_000 for number in range(8)]
        with self.serving() as server:
            for value in values:
                self.append(server, value)
            self.assertEqual(server.stop(signal.SIGTERM), 0)
        self.assertGreaterEqual(len(self.segments()), 3)
        return values


class Restart(DiskTest):
    def test_what_was_acknowledged_is_there_after_SIGKILL_and_after_SIGTERM(self):
        values = []
        for ending, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)) * 2:
            with self.serving() as server:
                self.assert_read(server, values)
                values.append(b"before %d" % ending)
                self.assertEqual(self.append(server, values[-1]), len(values) - 1)
                self.assertEqual(server.stop(ending), code)
        with self.serving() as server:
            self.assert_read(server, values)

    def test_while_the_log_is_recovered_data_is_answered_503_and_then_served(self):
        values = self.written()
        # Recovery opens a sealed segment's index, which may be missing, and waits where this is one.
        index = self.segments()[0].with_suffix(".index")
        index.unlink()
        os.mkfifo(index)
        with Server(*self.arguments(), data=str(self.folder)) as server:
            for method, target, body in (("GET", "/?offset=0", None), ("POST", "/", '{"record":{"value":"YQ=="}}'),
                                         ("GET", "/readyz", None)):
                code, fields, answer = server.answer(method, target, body)
                self.assertEqual((code, fields["Retry-After"]), (503, "1"), answer)
                self.assertIn(b"recovered", answer)
            self.assertIn(b'"outcome":"not_appended"', server.answer("POST", "/", '{"record":{"value":"YQ=="}}')[2])
            self.assertEqual(server.ask("GET", None, "/healthz"), (200, {"status": "ok"}))
            self.assertNotIn("the logs are open", server.lines)

            def let_go():
                with contextlib.suppress(OSError):  # until it is there to read
                    os.close(os.open(index, os.O_WRONLY | os.O_NONBLOCK))
                    return True

            await_that(let_go, "recovery reads the index")
            server.await_line("the logs are open")
            self.assertEqual(server.ask("GET", None, "/readyz")[0], 200)
            self.assert_read(server, values)

    def test_a_bit_in_a_record_of_a_sealed_segment_is_an_error_of_its_read_that_names_the_place(self):
        values = self.written()
        segment = self.segments()[0]
        flip_bit(segment, HEADER_BYTES + 100)
        with self.serving() as server:
            code, fields, answer = server.answer("GET", "/?offset=0")
            self.assertEqual((code, fields["Content-Type"]), (500, "application/problem+json"))
            self.assertIn(f"{segment}, position {HEADER_BYTES}: ", json.loads(answer)["detail"])
            for offset in range(1, len(values)):
                self.assertEqual(server.ask("GET", None, f"/?offset={offset}")[0], 200)
            self.assertEqual(self.append(server, b"afterwards"), len(values))


class Refusal(DiskTest):
    def assert_names(self, path, said):
        self.assertRegex(said, rf"daybook: the log can be served no longer: {re.escape(str(path))}, position \d+: ")

    def test_a_damaged_sealed_segment_is_exit_1_that_names_file_and_position(self):
        self.written()
        segment = self.segments()[1]
        size = segment.stat().st_size
        for position, index in ((3, True), (HEADER_BYTES - 1, True), (size - 5, True), (HEADER_BYTES + 100, False)):
            with self.subTest(position=position, index=index):
                kept = segment.with_suffix(".index").read_bytes()
                flip_bit(segment, position)
                if not index:
                    segment.with_suffix(".index").unlink()
                self.assert_names(segment, self.refusal())
                flip_bit(segment, position)
                segment.with_suffix(".index").write_bytes(kept)
        with self.serving():
            pass  # it is as it was

    def test_a_damaged_last_segment_is_exit_1_that_names_file_and_position(self):
        self.written()
        segment = self.segments()[-1]
        segment.with_suffix(".index").unlink()  # with it nothing before the last mark would be read
        for position in (20, HEADER_BYTES + 20, HEADER_BYTES + 200):
            with self.subTest(position=position):
                flip_bit(segment, position)
                self.assert_names(segment, self.refusal())
                flip_bit(segment, position)

    def test_damage_to_what_stands_beside_the_segments_is_exit_1_that_names_it(self):
        self.written()
        [catalogued] = (self.folder / "catalogue").glob("*.log")
        for path in (self.log_folder() / "meta", self.folder / "catalogue" / "meta", catalogued):
            places = (HEADER_BYTES + 3, HEADER_BYTES + 60, HEADER_BYTES + 90) if path == catalogued else ()
            for position in (0, 40, 60, *places):
                with self.subTest(path=path, position=position):
                    flip_bit(path, position)
                    self.assert_names(path, self.refusal())
                    flip_bit(path, position)
            with self.subTest(path=path, gone=True):
                kept = path.read_bytes()
                path.unlink()
                self.assertIn(str(path), self.refusal())
                path.write_bytes(kept)

    def test_a_journal_which_this_version_does_not_know_is_exit_1_that_names_it(self):
        self.written()
        journal = self.folder / ("7".zfill(20) + ".journal")
        journal.write_bytes(b"of a later version")
        self.assertIn(str(journal), self.refusal())
        self.assertEqual(journal.read_bytes(), b"of a later version")

    def test_a_folder_that_cannot_be_made_is_exit_1_that_names_it(self):
        self.folder.write_text("a file")
        self.assertIn(str(self.folder), self.refusal())
        self.folder.unlink()
        self.folder = self.above / "missing" / "data"
        self.assertIn(str(self.folder), self.refusal())

    def test_a_folder_that_may_not_be_written_is_exit_1_that_names_it(self):
        user = self.another_user()
        self.folder.mkdir()
        for mode in (0o000, 0o555):
            self.folder.chmod(mode)
            said = self.refusal(**user, env={**ENVIRONMENT, "KUBERNETES_SERVICE_HOST": "10.0.0.1"})
            self.assertIn(str(self.folder), said)
            self.assertRegex(said, r"Permission denied to uid \d+, gid \d+; .*fsGroup")
        self.folder.rmdir()
        self.above.chmod(0o555)
        self.addCleanup(self.above.chmod, 0o755)
        self.assertIn(str(self.folder), self.refusal(**user))

    def test_a_LOCK_that_cannot_be_written_is_exit_1_that_names_it(self):
        user = self.another_user()
        lock = self.folder / "LOCK"
        self.folder.mkdir()
        self.folder.chmod(0o777)
        lock.touch()
        lock.chmod(0o444)
        said = self.refusal(**user)
        self.assertIn(str(lock), said)
        self.assertIn("Permission denied", said)
        lock.unlink()
        lock.mkdir()
        self.assertIn(str(lock), self.refusal())

    def another_user(self):
        """How to start the program as somebody whom modes hold back."""
        self.above.chmod(0o755)
        if os.geteuid() != 0:
            return {}
        program = self.above / "daybook"
        shutil.copy(DAYBOOK, program)
        if subprocess.run([program, "version"], capture_output=True, user=NOBODY, group=NOBODY,
                          extra_groups=[]).returncode != 0:
            self.skipTest("the program does not run as another user here")
        return {"program": str(program), "user": NOBODY, "group": NOBODY, "extra_groups": []}


class Lock(DiskTest):
    def assert_refused(self, said):
        self.assertIn(str(self.folder), said)
        self.assertIn("another daybook", said)

    def test_a_second_server_on_the_folder_is_exit_1_that_names_it(self):
        with self.serving() as server:
            self.assert_refused(self.refusal())
            self.append(server, b"the first goes on")

    def test_a_second_server_in_another_PID_namespace_is_refused_either_way_round(self):
        launcher = ["unshare", "--pid", "--fork", "--kill-child"]
        if not permitted(*launcher, "true"):
            launcher.insert(1, "--map-root-user")
            if not permitted(*launcher, "true"):
                self.skipTest("no PID namespace can be made here")
        with self.serving() as server:
            self.assert_refused(self.refusal(launcher=launcher))
            self.append(server, b"the first goes on")
        with self.serving(launcher=launcher) as server:
            self.assert_refused(self.refusal())
            self.append(server, b"the first goes on")

    def test_whatever_LOCK_contains_keeps_no_server_from_starting(self):
        values = []
        for content in (b"", b"%d\n" % os.getpid(), b"1", bytes(range(256)), os.urandom(1 << 20)):
            self.folder.mkdir(exist_ok=True)
            (self.folder / "LOCK").write_bytes(content)
            with self.serving() as server:
                values.append(b"%d bytes" % len(content))
                self.append(server, values[-1])
                self.assert_read(server, values)
                self.assert_refused(self.refusal())


class FullDisk(DiskTest):
    """On a small disk of its own, which is mounted where only these servers see it."""

    segment_size = "512Ki"

    def setUp(self):
        super().setUp()
        self.mounted = self.above / "disk"
        self.mounted.mkdir()
        self.folder = self.mounted / "data"

    def mount(self, *command):
        """Mounts, in a namespace that ends with the test."""
        for more in ([], ["--map-root-user"]):
            namespace = ["unshare", *more, "--mount"]
            if permitted(*namespace, *command):
                break
        else:
            self.skipTest("nothing can be mounted here: " + " ".join(command))
        holder = subprocess.Popen([*namespace, "sh", "-c", '"$@" && echo mounted && exec cat', "sh", *command],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.addCleanup(holder.communicate)
        self.assertEqual(holder.stdout.readline(), "mounted\n")
        user = ["--user", "--preserve-credentials"] if more else []
        self.launcher = ["nsenter", "--target", str(holder.pid), *user, "--mount"]
        self.disk = pathlib.Path(f"/proc/{holder.pid}/root/{self.mounted}")  # as it is seen from here
        self.ballast = self.disk / "ballast"

    def free_bytes(self):
        status = os.statvfs(self.disk)
        return status.f_bavail * status.f_frsize

    def fill(self, free_bytes=0):
        """Leaves at most so much room. Bytes are written, for a file system may delay what is not."""
        with open(self.ballast, "ab", buffering=0) as file:
            with contextlib.suppress(OSError):
                while (left := self.free_bytes() - free_bytes) > 0:
                    file.write(bytes(min(left, 1 << 20)))
                    os.fsync(file.fileno())
                while free_bytes == 0:
                    file.write(bytes(BLOCK_BYTES))
                    os.fsync(file.fileno())

    def append_until_full(self, server, values):
        """What comes then."""
        for number in range(1000):
            value = b"%d/" % number + b"v" * 50_000
            code, fields, answer = server.answer(
                "POST", "/", json.dumps({"record": {"value": base64.b64encode(value).decode()}}))
            if code != 200:
                return code, fields, json.loads(answer)
            self.assertEqual(json.loads(answer)["offset"], len(values))
            values.append(value)
        raise AssertionError("the disk does not fill up")

    def assert_full(self, server, values):
        code, fields, answer = self.append_until_full(server, values)
        self.assertEqual((code, fields["Content-Type"]), (507, "application/problem+json"), answer)
        self.assertEqual((answer["type"], answer["outcome"]), ("urn:daybook:problem:no-space", "not_appended"))
        code, answer = server.ask("GET", None, "/readyz")
        self.assertEqual((code, answer["status"]), (200, "degraded"))
        self.assert_read(server, values)

    def fills_up_and_comes_back(self, free_bytes=0):
        values = [b"first", b"second"]
        with self.serving() as server:
            for value in values:
                self.append(server, value)
            self.fill(free_bytes)
            self.assert_full(server, values)
            self.assertEqual(server.stop(signal.SIGTERM), 0)
        for ending, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)):
            self.fill(free_bytes)  # what the stop gave back
            with self.serving() as server:
                self.assert_read(server, values)
                self.assert_full(server, values)
                self.assertEqual(server.stop(ending), code)
        with self.serving() as server:
            self.assert_full(server, values)
            self.ballast.unlink()
            values.append(b"there is room again")
            self.assertEqual(self.append(server, values[-1]), len(values) - 1)
            await_that(lambda: server.ask("GET", None, "/readyz")[1]["status"] == "ok", "it is ready again")
            self.assert_read(server, values)
        with self.serving() as server:
            self.assert_read(server, values)

    def mount_tmpfs(self):
        self.mount("mount", "-t", "tmpfs", "-o", "size=32m", "none", str(self.mounted))

    def mount_ext4(self):
        image = self.above / "image"
        with open(image, "wb") as file:
            file.truncate(48 << 20)
        if not permitted("mkfs.ext4", "-q", str(image)):
            self.skipTest("there is no mkfs.ext4 here")
        self.mount("mount", "-o", "loop", str(image), str(self.mounted))

    def test_appends_get_507_reads_go_on_and_all_comes_back_on_tmpfs(self):
        self.mount_tmpfs()
        self.fills_up_and_comes_back()

    def test_appends_get_507_reads_go_on_and_all_comes_back_on_ext4(self):
        self.mount_ext4()
        self.fills_up_and_comes_back()

    def test_the_reserve_stays_free_on_tmpfs(self):
        self.disk_reserve = "2Mi"
        self.mount_tmpfs()
        self.fills_up_and_comes_back(free_bytes=1 << 20)
        self.assertGreater(self.free_bytes(), 0)

    def test_the_reserve_stays_free_on_ext4(self):
        self.disk_reserve = "2Mi"
        self.mount_ext4()
        self.fills_up_and_comes_back(free_bytes=1 << 20)

    def test_a_first_start_without_room_is_exit_1_that_says_so_and_the_next_one_begins_anew(self):
        self.mount_tmpfs()
        self.fill()
        said = self.refusal()
        self.assertIn(str(self.folder), said)
        self.assertIn("No space left", said)
        self.ballast.unlink()
        with self.serving() as server:
            self.append(server, b"first")
            self.assert_read(server, [b"first"])


class SystemCalls(DiskTest):
    CALL = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)")

    def test_an_append_is_one_write_and_one_fdatasync_before_its_answer(self):
        trace = self.above / "trace"
        launcher = ["strace", "-D", "-f", "-qq", "-y", "-s", "65536", "-e", "signal=none", "-e",
                    "trace=/^(p?write(64|v2?)?|f(data)?sync|sync_file_range|msync|sendto|sendm?msg)$"]
        if not permitted(*launcher, "-o", "/dev/null", "true"):
            self.skipTest("nothing can be traced here")
        with self.serving(launcher=[*launcher, "-o", str(trace)]) as server:
            self.append(server, b"what makes room")
            await_that(lambda: self.synced(self.calls(trace), "what makes room"), "the first append is synced")
            self.append(server, b"what is looked for")
            calls = await_that(lambda: self.synced(self.calls(trace), "what is looked for"), "the append is traced")
        began = next(i for i, call in enumerate(calls) if "what is looked for" in call["text"])
        write = calls[began]
        answered = next(i for i, call in enumerate(calls) if i > began and "HTTP/1.1 200" in call["text"])
        of_the_segment = [call for call in calls[began:answered] if call["file"] == write["file"]]
        self.assertRegex(write["file"], r"^\d+<.*/00000000000000000000\.log>$")
        self.assertEqual([call["name"] for call in of_the_segment[1:]], ["fdatasync"])
        self.assertIn(write["name"], ("write", "pwrite64", "writev", "pwritev", "pwritev2"))
        self.assertLess(of_the_segment[1]["end"], calls[answered]["begin"])

    def calls(self, trace):
        """In the order in which they began; `begin` and `end` are numbers of lines."""
        calls, open_calls = [], {}
        for number, line in enumerate(trace.read_text(errors="replace").splitlines()):
            if not (found := self.CALL.match(line)):
                continue
            process, name, text = found.groups()
            if "resumed>" in line:
                call = open_calls.pop((process, name), None)
                if call:
                    call["end"] = number
                continue
            call = {"name": name, "file": re.split(r"[,)]| <unfinished", text)[0], "text": text, "begin": number,
                    "end": None}
            calls.append(call)
            if line.endswith("<unfinished ...>"):
                open_calls[process, name] = call
            else:
                call["end"] = number
        return calls

    def synced(self, calls, value):
        """The calls, where the answer to the append of that value is among them."""
        began = next((i for i, call in enumerate(calls) if value in call["text"]), None)
        if began is not None and any("HTTP/1.1 200" in call["text"] for call in calls[began:]):
            return calls
        return None


if __name__ == "__main__":
    unittest.main()
