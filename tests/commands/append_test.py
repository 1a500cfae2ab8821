"""`daybook append`."""
import json
import random
import signal
import time

from commands.run import CommandTest, FakeServer, Proxy, await_that
from live.stream import Lines

APPENDED = b'{"first_offset":0,"last_offset":0,"count":1,"next_offset":1,"timestamp":"2026-01-02T03:04:05.678Z"}\n'


class Append(CommandTest):
    def test_values_and_lines_become_records(self):
        self.serve()
        self.assertEqual(self.out("append", "one", "", "[2]", "--", "-3"), b"0..3\n")
        self.assertEqual(self.out("append", stdin=b"four\r\n\nsix\x00\xff\nlast"), b"4..7\n")
        self.assertEqual(self.out("read"), b"one\n\n[2]\n-3\nfour\n\nsix\x00\xff\nlast\n")
        self.assertEqual(self.out("append", stdin=b""), b"")
        answer = json.loads(self.out("append", "-o", "json", "nine"))
        self.assertEqual((answer["first_offset"], answer["count"]), (8, 1))

    def test_json_records_keys_and_headers_are_kept(self):
        self.serve()
        self.out("append", "--json", "--key", "k", "-H", "a=b=c", stdin=b'{"n": 1.00}\n\n"x"\n')
        self.out("append", "--records", stdin=b'{"value":"/w==","key":"z"}\r\n \n{"text":"t","headers":{"h":"v"}}')
        self.out("append", "--json", '{\n"over": "lines"}')
        records = [json.loads(line) for line in self.out("read", "-o", "json").splitlines()]
        for record in records:
            del record["timestamp"]
        headers = {"a": "b=c"}
        self.assertEqual(records, [
            {"offset": 0, "key": "k", "headers": headers, "text": '{"n": 1.00}'},
            {"offset": 1, "key": "k", "headers": headers, "text": '"x"'},
            {"offset": 2, "key": "z", "value": "/w=="},
            {"offset": 3, "headers": {"h": "v"}, "text": "t"},
            {"offset": 4, "text": '{ "over": "lines"}'}])

    def test_raw_is_all_of_standard_input(self):
        self.serve()
        value = random.Random(1).randbytes(1 << 20)
        self.out("append", "--raw", "--key", "a b", stdin=value)
        self.out("append", "--raw", "--key", "a b", "-H", "x=y", stdin=b"\xff\r\n")
        self.assertEqual(self.out("read", "-o", "raw", "--key", "a b"), value + b"\xff\r\n")
        self.assertIn("more than 1048576 bytes", self.complaint("append", "--raw", stdin=value + b"x"))

    def test_a_file_goes_in_the_largest_batches_that_the_server_takes(self):
        self.serve("--max-batch", "1000", "--max-body", "64Ki")
        lines = [b"%d" % n for n in range(2500)]
        self.assertEqual(self.out("append", stdin=b"\n".join(lines)), b"0..999\n1000..1999\n2000..2499\n")
        large = [b"x" * 30_000] * 5
        self.assertEqual(self.out("append", stdin=b"\n".join(large)), b"2500..2501\n2502..2503\n2504\n")
        self.assertEqual(self.out("read").splitlines(), lines + large)

    def test_a_line_that_has_come_is_appended_before_the_next(self):
        self.serve()
        process = self.begin("append")
        for n in range(5):
            process.stdin.write(b"line\nand half of")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"%d\n" % n)
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"5\n")
        self.assertEqual(process.wait(20), 0)

    def test_a_bad_line_is_named_and_what_is_before_it_is_appended(self):
        self.serve()
        said = self.complaint("append", "--records", stdin=b'{"text":"a"}\n\n{"text":"b"}\n{"txt":"c"}\n{"text":"d"}\n')
        self.assertRegex(said, r'append: line 4: a record has no member "txt".*; records appended: 2\n')
        said = self.complaint("append", "--json", stdin=b'1\n2,"key":"x"\n3\n')
        self.assertRegex(said, r"append: line 2: .*; records appended: 1\n")
        said = self.complaint("append", stdin=b"%b\n%b\n%b\n" % (b"x" * (1 << 20), b"y" * (1 << 20), b"z" * (1 << 20 | 1)))
        self.assertRegex(said, r"append: line 3: .*; records appended: 2\n")
        self.assertRegex(self.complaint("append", "--json", "4", "five"), r"append: value 2: .*; records appended: 1\n")
        self.assertEqual([line[:1] for line in self.out("read").splitlines()], [b"a", b"b", b"1", b"x", b"y", b"4"])

    def test_conditions_hold_from_batch_to_batch(self):
        server = self.serve("--max-batch", "2")
        self.assertEqual(self.out("append", "--expect-next", 0, "a", "b", "c"), b"0..1\n2\n")
        self.assertIn("the log's end is 3, not 2", self.complaint("append", "--expect-next", 2, "x"))
        process = self.begin("append", "--expect-next", 3)
        process.stdin.write(b"d\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"3\n")
        server.append("between")
        process.stdin.write(b"e\n")
        process.stdin.close()
        self.assertEqual(process.wait(20), 1)
        self.assertIn(b"the log's end is 5, not 4; records appended: 1", process.stderr.read())

    def test_blank_records_are_none(self):
        self.serve()
        self.assertEqual(self.out("append", "--records", '{"text":"a"}', "", " ", '{"text":"b"}'), b"0..1\n")
        self.assertIn("value 3: ", self.complaint("append", "--records", '{"text":"a"}', "", '{"txt":"b"}'))

    def test_a_log_is_made_only_if_that_is_asked_for(self):
        self.serve()
        self.assertIn("there is no log 'orders'; records appended: 0", self.complaint("append", "--log", "orders", "a"))
        for offset in b"0\n", b"1\n":
            self.assertEqual(self.out("append", "--create", "--log", "orders", "a"), offset)

    def test_a_signal_ends_it_behind_what_was_appended(self):
        self.serve()
        for number in signal.SIGINT, signal.SIGTERM:
            process = self.begin("append")
            process.stdin.write(b"a\n")
            process.stdin.flush()
            process.stdout.readline()
            process.send_signal(number)
            self.assertEqual(process.wait(20), 128 + number)
            self.assertIn(f"ended by {number.name}; records appended: 1", process.stderr.read().decode())

    def append_while_the_server_is_away(self):
        """A process whose second record is under way."""
        server = self.serve()
        process = self.begin("append")
        process.stdin.write(b"a\n")
        process.stdin.flush()
        process.stdout.readline()
        server.kill()
        process.stdin.write(b"b\n")
        process.stdin.flush()
        self.assertIn(b"trying again", process.stderr.readline())
        return process

    def test_a_signal_lets_the_batch_under_way_be_finished(self):
        is_well = False

        def answer(method, *_):
            if method != "POST":
                return 200, {}, b"{}"
            return (201, {}, APPENDED) if is_well else (503, {}, b"{}")

        with FakeServer(answer) as server:
            process = self.begin("append", port=server.port)
            process.stdin.write(b"a\n")
            process.stdin.flush()
            await_that(lambda: any(method == "POST" for method, *_ in server.asked), "a try")
            process.send_signal(signal.SIGINT)
            is_well = True
            self.assertEqual(process.wait(60), 130)
            self.assertEqual(process.stdout.read(), b"0\n")
            tries = {(fields["Idempotency-Key"], body) for method, _, fields, body in server.asked if method == "POST"}
            self.assertEqual([json.loads(body) for _, body in tries], [{"text": "a"}])

    def test_after_a_signal_it_is_waited_for_no_longer_than_some_seconds(self):
        process = self.append_while_the_server_is_away()
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 143)
        self.assertLess(4, time.monotonic() - began)
        self.assertLess(time.monotonic() - began, 25)
        self.assertIn(b"records appended: 1", process.stderr.read())

    def test_a_second_signal_ends_it_at_once(self):
        process = self.append_while_the_server_is_away()
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.02)
        self.assertEqual(process.returncode, 143)


class ExactlyOnce(CommandTest):
    def read_back(self):
        return self.out("read").splitlines()

    def test_a_server_that_is_killed_over_and_over_has_each_line_once_in_order(self):
        chance = random.Random(7)
        lines = [b"%d " % n + b"x" * 200 for n in range(150_000)]
        server = self.serve()
        process = self.begin("append", "--timeout", "60s", stdin=self.file_of(lines))
        told = Lines(process)
        for kill in range(6):
            before = len(told.all)
            await_that(lambda: len(told.all) > before or process.poll() is not None, "progress")
            time.sleep(chance.random() * 0.05)  # so that it is killed at any moment
            server.kill()
            server = self.serve()
        self.assertEqual(process.wait(120), 0, process.stderr.read())
        told.join()
        self.assertEqual(self.read_back(), lines)
        self.assertEqual(told.all[-1].strip().split(b"..")[-1], b"149999")

    def test_connections_that_are_reset_over_and_over_lose_and_double_nothing(self):
        server = self.serve()
        lines = [b"%d " % n + b"y" * 50 for n in range(40_000)]
        with Proxy(server.port, 11, 2 << 20) as proxy:
            self.run_for(0, "append", "--timeout", "60s", stdin=b"\n".join(lines), port=proxy.port)
            self.assertGreater(proxy.resets, 0)
        self.assertEqual(self.read_back(), lines)

    def test_what_is_busy_is_asked_again_with_the_same_key(self):
        busy = 503, {"Retry-After": "1"}, b"{}"
        with FakeServer(*2 * [(200, {}, b"{}")], busy, (429, {}, b""), (500, {}, b""), (201, {}, APPENDED)) as server:
            began = time.monotonic()
            self.run_for(0, "append", "a", port=server.port)
            self.assertGreaterEqual(time.monotonic() - began, 1)
            keys = [fields["Idempotency-Key"] for method, _, fields, _ in server.asked if method == "POST"]
            self.assertEqual(len(keys), 4)
            self.assertEqual(len(set(keys)), 1)
            self.run_for(0, "append", "a", port=server.port)
            self.assertNotEqual(server.asked[-1][2]["Idempotency-Key"], keys[0])

    def test_what_may_have_been_appended_is_said(self):
        told = 200, {}, b"{}"

        def answering(answer):
            return lambda method, *_: answer if method == "POST" else told

        lost, unknown = (0, {}, b""), (500, {}, b'{"detail":"a disk fault","outcome":"unknown"}')
        refused = 500, {}, b'{"detail":"a disk fault","outcome":"not_appended"}'
        for answer in lost, unknown:
            for raw, what in ([], "lines 1 to 2"), (["--raw"], "the record"):
                with FakeServer(answering(answer)) as server:
                    said = self.complaint("append", *raw, "--timeout", "2s", stdin=b"a\nb\n", port=server.port)
                    self.assertIn(f"; {what} may have been appended; records appended: 0", said)
        forbidden = 403, {}, b'{"detail":"the token was revoked","outcome":"not_appended"}'
        with FakeServer(told, told, lost, forbidden) as server:
            self.assertIn("value 1 may have been appended", self.complaint("append", "a", port=server.port))
        with FakeServer(answering(refused)) as server:
            said = self.complaint("append", "a", "--timeout", "2s", port=server.port)
            self.assertIn("append: a disk fault; records appended: 0", said)

    def test_what_the_log_may_not_know_again_is_not_sent_again(self):
        tries = []

        def answer(method, *_):
            if method != "POST":
                return 200, {}, b'{"idempotency":{"window":"8s","keys":100000}}'
            tries.append(time.monotonic())
            return 0, {}, b""

        with FakeServer(answer) as server:
            said = self.complaint("append", "a", "--timeout", "60s", port=server.port)
        self.assertIn("it is too late to try again", said)
        self.assertIn("value 1 may have been appended; records appended: 0", said)
        self.assertGreater(len(tries), 1)
        self.assertLess(tries[-1] - tries[0], 8)

    def test_nor_after_it_was_stopped_for_that_long(self):
        log = 200, {}, b'{"idempotency":{"window":"2s","keys":100000}}'
        with FakeServer((200, {}, b"{}"), log, (0, {}, b"")) as server:
            process = self.begin("append", "a", "--timeout", "60s", port=server.port)
            await_that(lambda: len(server.asked) > 2, "a try")
            process.send_signal(signal.SIGSTOP)
            time.sleep(2.2)
            tries = len(server.asked)
            process.send_signal(signal.SIGCONT)
            self.assertEqual(process.wait(20), 1)
            self.assertEqual(len(server.asked), tries)

    def test_a_batch_that_a_proxy_finds_too_large_is_halved(self):
        told = 200, {}, b"{}"
        def appended(first, last):
            return 201, {}, b'{"first_offset":%d,"last_offset":%d,"count":%d}' % (first, last, last - first + 1)
        with FakeServer(told, told, (413, {}, b"<html>"), appended(0, 1), (413, {}, b""), appended(2, 2), appended(3, 3)) as server:
            self.assertEqual(self.out("append", "a", "b", "c", "d", port=server.port), b"0..1\n2\n3\n")
            self.assertEqual([len(body.splitlines()) for method, _, _, body in server.asked if method == "POST"], [4, 2, 2, 1, 1])
        with FakeServer(told, told, (413, {}, b"<html>")) as server:
            self.assertIn("the server answered 413; records appended: 0", self.complaint("append", "a", "b", port=server.port))

    def test_a_server_that_stays_away_or_busy_is_exit_1(self):
        self.assertRegex(self.complaint("append", "a", "--timeout", "300ms"), "cannot connect to .* refused; records appended: 0")
        with FakeServer((503, {}, b'{"detail":"the log is being recovered"}')) as server:
            said = self.complaint("append", "a", "--timeout", "2s", port=server.port)
            self.assertIn("append: the log is being recovered", said)
