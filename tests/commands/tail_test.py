"""`daybook tail`."""
import json
import os
import pathlib
import signal
import time

from commands.run import CommandTest, FakeServer, Lines, await_that, frame


class Tail(CommandTest):
    def tail(self, *arguments, **options):
        process = self.begin("tail", *arguments, **options)
        return process, Lines(process)

    def await_lines(self, told, lines):
        await_that(lambda: len(told.all) >= len(lines), f"{len(lines)} lines")
        self.assertEqual(told.all, [b"%b\n" % line for line in lines])

    def end(self, process, number=signal.SIGINT):
        process.send_signal(number)
        code = process.wait(20)
        self.assertEqual((code, process.stderr.read()), (128 + number, b""))

    def cursor(self, name, log="default"):
        return json.loads(self.out("cursor", "get", name, "--log", log, "-o", "json"))["offset"]

    def test_it_gives_the_last_records_and_then_those_that_come(self):
        server = self.serve()
        self.out("append", *range(20))
        for arguments, first in ((), 10), (("-n", 3), 17), (("-n", 0), 20), (("--offset", 5), 5), (("-n", 99), 0):
            process, told = self.tail(*arguments)
            end = json.loads(server.answer("GET", "/v1/logs/default")[2])["next_offset"]
            expected = [b"%d" % n for n in range(first - 20 + end if arguments[:1] != ("--offset",) and first else first, end)]
            self.await_lines(told, expected)
            server.await_waits(1)
            for n in range(end, end + 3):
                self.out("append", n)
                expected.append(b"%d" % n)
                self.await_lines(told, expected)
            self.end(process)
            server.await_waits(0)

    def test_in_each_output_it_misses_and_doubles_nothing_through_kills_and_stops(self):
        server = self.serve()
        tails = {form: self.tail("-n", "0", "-o", form) for form in ("text", "json")}
        raw = pathlib.Path(self.folder, "raw")
        with raw.open("wb") as file:
            processes = [self.begin("tail", "-n", "0", "-o", "raw", stdout=file), *(process for process, _ in tails.values())]
        server.await_waits(3)
        for n in range(6):
            for _ in range(10):
                self.out("append", "--key", "k", f"round {n}")
            server.kill() if n % 2 else server.stop(signal.SIGTERM)
            server.kill()
            server = self.serve()
        self.out("append", stdin=b"last\n")
        texts = [b"round %d" % (n // 10) for n in range(60)] + [b"last"]
        self.await_lines(tails["text"][1], texts)
        await_that(lambda: len(tails["json"][1].all) >= 61, "all records as JSON")
        self.assertEqual([json.loads(line)["offset"] for line in tails["json"][1].all], list(range(61)))
        await_that(lambda: raw.read_bytes().endswith(b"last"), "the last record as it is")
        for process in processes:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(20), 143)
        self.assertEqual(raw.read_bytes(), b"".join(texts))

    def test_records_that_are_trimmed_before_they_were_read_are_a_gap(self):
        server = self.serve()
        self.out("append", *range(5))
        process, told = self.tail("--offset", "first")
        self.await_lines(told, [b"%d" % n for n in range(5)])
        process.send_signal(signal.SIGSTOP)
        server.append("5", "6", "7")
        server.trim(7)
        process.send_signal(signal.SIGCONT)
        self.out("append", "8")
        await_that(lambda: b"8\n" in told.all, "what comes behind the gap")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 130)
        complaint = process.stderr.read().decode()
        # What was answered before it was stopped it has.
        if complaint:
            self.assertRegex(complaint, "^daybook: tail: gap: the records from 5 to 6 were trimmed; going on at 7\n$")
            self.assertEqual(told.all[5:], [b"7\n", b"8\n"])
        else:
            self.assertEqual(told.all[5:], [b"%d\n" % n for n in range(5, 9)])

    def test_a_cursor_below_the_first_record_is_a_gap(self):
        server = self.serve()
        self.out("append", *range(5))
        self.out("cursor", "set", "c", 1)
        server.trim(3)
        process, told = self.tail("--cursor", "c")
        self.await_lines(told, [b"3", b"4"])
        await_that(lambda: self.cursor("c") == 5, "the cursor at the end")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 130)
        self.assertEqual(process.stderr.read(), b"daybook: tail: gap: the records from 1 to 2 were trimmed; going on at 3\n")

    def test_a_log_that_is_deleted_ends_it(self):
        server = self.serve()
        for remade in False, True:
            server.make("orders")
            self.out("append", "--log", "orders", "a")
            process, told = self.tail("--log", "orders")
            self.await_lines(told, [b"a"])
            server.await_waits(1)
            if remade:
                process.send_signal(signal.SIGSTOP)
            server.delete("orders")
            if remade:
                server.make("orders")
                process.send_signal(signal.SIGCONT)
            self.assertEqual(process.wait(60), 1)
            self.assertRegex(process.stderr.read().decode(), "^daybook: tail: .*(no log|deleted).*\n$")
            self.assertEqual(told.all, [b"a\n"])
            if remade:
                server.delete("orders")

    def test_a_cursor_is_made_and_moved_behind_what_was_written(self):
        self.serve()
        self.out("append", *range(5))
        process, told = self.tail("--cursor", "c")
        self.await_lines(told, [b"%d" % n for n in range(5)])
        await_that(lambda: self.cursor("c") == 5, "a cursor that was moved")
        self.out("append", "5", "6")
        self.await_lines(told, [b"%d" % n for n in range(7)])
        self.end(process)
        self.assertEqual(self.cursor("c"), 7)
        self.out("append", "7")
        process, told = self.tail("--cursor", "c", "-n", "5")  # which is for a new one
        self.await_lines(told, [b"7"])
        self.end(process, signal.SIGTERM)
        for arguments, offset in (("-n", 2), 6), (("--offset", "next"), 8):
            process, told = self.tail("--cursor", f"new{offset}", *arguments)
            await_that(lambda: self.has_cursor(f"new{offset}"), "a cursor")
            self.end(process)
            self.assertIn(self.cursor(f"new{offset}"), (offset, 8))

    def has_cursor(self, name):
        return any(line.startswith(name + " ") for line in self.out("cursor").decode().splitlines())

    def test_after_a_kill_a_cursor_gives_everything_at_least_once(self):
        self.serve()
        seen = set()
        for n in range(3):
            self.out("append", *range(n * 100, n * 100 + 100))
            process, told = self.tail("--cursor", "c")
            await_that(lambda: any(line == b"%d\n" % (n * 100 + 99) for line in told.all), "the last one")
            process.kill()
            process.wait(20)
            told.join()
            seen.update(int(line) for line in told.all)
        self.assertEqual(seen, set(range(300)))

    def test_it_waits_for_nothing_before_it_knows_where_it_is(self):
        for arguments, start in ((), "last=10"), (("--offset", "next"), "offset=next"):
            with FakeServer((200, {"Next-Offset": "5", "End-Offset": "5"}, b"")) as server:
                process, _ = self.tail(*arguments, port=server.port)
                await_that(lambda: len(server.asked) > 1, "a poll")
                (_, first, _, _), (_, second, _, _), *_ = server.asked
                self.assertIn(start, first)
                self.assertNotIn("wait", first)
                self.assertIn("offset=5&wait=", second)
                self.end(process)

    def test_a_move_of_its_own_that_had_no_answer_is_not_somebody_else_s(self):
        for trouble in 0, 429:
            cursor, end = {"offset": 0, "revision": 1}, 1
            moves, is_well = 0, False

            def answer(method, path, fields):
                nonlocal moves
                if "/cursors/" not in path:
                    at = int(path.partition("offset=")[2].partition("&")[0])
                    time.sleep(0.1 if at == end else 0)
                    return 200, {"Next-Offset": str(end), "End-Offset": str(end)}, frame(at, b"a") if at < end else b""
                if method == "PUT":
                    moves += 1
                    if fields["If-Match"] != f'"{cursor["revision"]}"' and trouble == 0 and is_well:
                        return 412, {}, b'{"detail":"the cursor was moved meanwhile"}'
                    if moves == 1 and trouble == 0:
                        cursor.update(offset=1, revision=2)
                    if not is_well:
                        return trouble, {}, b""
                    cursor.update(offset=end, revision=cursor["revision"] + 1)
                return 200, {}, json.dumps(cursor).encode()

            with FakeServer(answer) as server:
                process, _ = self.tail("--cursor", "c", port=server.port)
                await_that(lambda: moves > 8, "a move that was given up")
                before, is_well = moves, True
                await_that(lambda: moves > before and cursor["revision"] == 2, "the move")
                end = 2
                await_that(lambda: cursor["offset"] == 2, "the next move")
                self.assertEqual(cursor["revision"], 3)
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(20), 130)

    def test_with_a_cursor_a_server_that_is_away_is_waited_for_as_well(self):
        process, told = self.tail("--cursor", "c")
        self.assertRegex(process.stderr.readline(), b"^daybook: tail: cannot connect to .*; trying again\n$")
        time.sleep(6)
        self.serve()
        self.out("append", "a")
        self.await_lines(told, [b"a"])
        self.end(process)

    def test_a_cursor_that_somebody_else_moves_ends_it(self):
        self.serve()
        self.out("append", "a")
        process, told = self.tail("--cursor", "c")
        self.await_lines(told, [b"a"])
        await_that(lambda: self.cursor("c") == 1, "the cursor at the end")
        self.out("cursor", "set", "c", 0)
        self.out("append", "b")
        self.assertEqual(process.wait(60), 1)
        self.assertIn(b"cursor", process.stderr.read())
        self.assertEqual(self.cursor("c"), 0)

    def test_who_has_read_enough_ends_it_quietly_also_while_nothing_comes(self):
        server = self.serve()
        self.out("append", "a")
        read, write = os.pipe()
        process = self.begin("tail", stdout=write)
        os.close(write)
        self.assertEqual(os.read(read, 10), b"a\n")
        server.await_waits(1)
        os.close(read)
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_a_signal_ends_it_also_while_nobody_reads(self):
        self.serve()
        self.out("append", stdin=b"some line\n" * 50_000)
        process = self.begin("tail", "--offset", "first")
        self.assertTrue(process.stdout.read(5))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 130)

    def test_a_server_that_is_away_is_told_of_once_and_waited_for(self):
        process, told = self.tail("-n", "5")
        self.assertRegex(process.stderr.readline(), b"^daybook: tail: cannot connect to .*; trying again\n$")
        self.serve()
        self.out("append", "a")
        self.await_lines(told, [b"a"])
        self.end(process)
        self.assertIn("refused", self.complaint("tail", "--timeout", "200ms", port=1))
