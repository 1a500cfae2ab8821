#!/usr/bin/env python3
"""repair_program_test.py DAYBOOK: verify and repair as an operator runs them, on damaged folders and beside a server."""
import signal
import subprocess
import threading
import unittest

from support.program import DAYBOOK, PATIENCE_SECONDS, Server
from disk_program_test import HEADER_BYTES, DiskTest, flip_bit


class RepairTest(DiskTest):
    def run_tool(self, *arguments):
        """Exit code, standard output and standard error."""
        ended = subprocess.run([DAYBOOK, *map(str, arguments)], capture_output=True, text=True, timeout=3 * PATIENCE_SECONDS)
        return ended.returncode, ended.stdout, ended.stderr

    def assert_whole(self):
        code, said, complaint = self.run_tool("verify", self.folder)
        self.assertEqual((code, complaint), (0, ""), said)
        self.assertIn("no damage", said)
        return said

    def assert_damaged(self, path, position):
        code, said, complaint = self.run_tool("verify", self.folder)
        place = f"{path}, position {position}: "
        self.assertEqual(code, 1)
        self.assertIn(f"damage: {place}", said)
        self.assertIn(place, complaint.splitlines()[-1])


class Verify(RepairTest):
    def test_a_whole_folder_is_exit_0_with_what_is_in_it(self):
        values = self.written()
        self.assertRegex(self.assert_whole(), rf"log default, [-0-9a-f]+: offsets 0 to {len(values) - 1}, {len(self.segments())} segments")

    def test_a_folder_that_is_not_there_is_exit_2(self):
        code, _, complaint = self.run_tool("verify", self.above / "missing")
        self.assertEqual(code, 2)
        self.assertIn(str(self.above / "missing"), complaint)
        self.assertEqual(self.run_tool("repair", "--yes", self.above / "missing")[0], 2)
        self.assertFalse((self.above / "missing").exists())

    def test_beside_a_server_that_is_appended_to_it_finds_no_damage(self):
        with self.serving() as server:
            self.append(server, b"first")
            done = threading.Event()

            def append_all_the_time():
                while not done.is_set():
                    self.append(server, b"v" * 3000)

            appending = threading.Thread(target=append_all_the_time)
            appending.start()
            try:
                while len(self.segments()) < 8:
                    code, said, complaint = self.run_tool("verify", self.folder)
                    self.assertEqual((code, complaint), (0, ""), said)
            finally:
                done.set()
                appending.join()

    def test_what_a_kill_leaves_is_no_damage(self):
        with self.serving() as server:
            self.append(server, b"first")
            server.stop(signal.SIGKILL)
        with open(self.segments()[-1], "r+b") as file:
            file.seek(HEADER_BYTES + 200)
            file.write(b"torn")
        self.assertIn("torn tail, no damage: ", self.assert_whole())
        code, said, _ = self.run_tool("repair", self.folder)
        self.assertEqual(code, 0, said)
        self.assertIn("nothing is damaged", said)


class Repair(RepairTest):
    def test_a_damaged_record_is_given_up_and_all_others_are_served(self):
        values = self.written()
        segment = self.segments()[1]
        lost = int(segment.stem)
        segment.with_suffix(".index").unlink()
        flip_bit(segment, HEADER_BYTES + 100)
        before = segment.read_bytes()
        self.assert_damaged(segment, HEADER_BYTES)
        self.assertIn(str(segment), self.refusal())

        code, said, _ = self.run_tool("repair", self.folder)
        self.assertEqual(code, 1)
        self.assertIn(f"lost: offset {lost}\n", said)
        self.assertIn("nothing was changed", said)
        self.assertEqual(segment.read_bytes(), before)

        code, said, complaint = self.run_tool("repair", "--yes", self.folder)
        self.assertEqual((code, complaint), (0, ""), said)
        self.assertIn(f"lost: offset {lost}\n", said)
        self.assertEqual(segment.with_name(segment.name + ".damaged").read_bytes(), before)
        self.assert_whole()
        with self.serving() as server:
            for offset, value in enumerate(values):
                code, answer = server.ask("GET", None, f"/?offset={offset}")
                if offset == lost:
                    self.assertEqual((code, answer["type"], answer["resume_offset"]),
                                     (410, "urn:daybook:problem:lost", lost + 1))
                else:
                    self.assertEqual(code, 200, answer)
            self.assertEqual(self.append(server, b"afterwards"), len(values))
            self.assertEqual(server.stop(signal.SIGTERM), 0)
        self.assert_whole()

    def test_a_lost_catalogue_is_made_again(self):
        values = self.written()
        [catalogue] = (self.folder / "catalogue").glob("*.log")
        flip_bit(catalogue, HEADER_BYTES + 60)
        self.assert_damaged(catalogue, HEADER_BYTES)
        code, said, complaint = self.run_tool("repair", "--yes", self.folder)
        self.assertEqual((code, complaint), (0, ""), said)
        self.assert_whole()
        with self.serving() as server:
            self.assert_read(server, values)

    def test_a_served_folder_is_refused_and_one_in_maintenance_is_not(self):
        self.written()
        flip_bit(self.segments()[0], HEADER_BYTES + 100)
        with self.serving():
            code, _, complaint = self.run_tool("repair", "--yes", self.folder)
            self.assertEqual(code, 1)
            self.assertIn("--maintenance", complaint)
        with Server("--maintenance", "--log-format", "json", data=str(self.folder)):
            self.assertEqual(self.run_tool("repair", "--yes", self.folder)[0], 0)
        self.assert_whole()


if __name__ == "__main__":
    unittest.main()
