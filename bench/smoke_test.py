#!/usr/bin/env python3
"""smoke_test.py BUILD: the yardstick itself: that its table is whole, that its generator counts the time that requests
wait, and that both end, with all that they started. Only lower bounds on time: noise cannot break them."""
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

BENCH = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


class SlowServer(socketserver.ThreadingTCPServer):
    """Answers each request `delay` seconds after it came; never, where that is None."""
    daemon_threads = True

    def __init__(self, delay):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self):
                if delay is None:
                    self.server.ended.wait(60)
                    return
                time.sleep(delay)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.ended = threading.Event()
        self.port = self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.shutdown()
        self.server_close()


def load(port, *options):
    """What bench_load reports of reads; it has to end by itself."""
    done = subprocess.run([BUILD / "bench_load", "--port", str(port), "--target", "read", *options],
                          capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def bench(out, *options, **more):
    command = [sys.executable, BENCH / "bench.py", "--build", BUILD, "--out", out, "--quick", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def folders_in(out):
    return [path.name for path in pathlib.Path(out).iterdir() if path.is_dir()]


class Generator(unittest.TestCase):
    def test_its_parts_do_what_they_say(self):
        subprocess.run([BUILD / "bench_load", "--self-test"], check=True, timeout=60)

    def test_latency_counts_from_when_a_request_was_due(self):
        # Two connections of 50 ms a request answer 40/s, so that of 200/s half wait for more than 0.8 s, though all are
        # answered 50 ms after they were sent.
        with SlowServer(0.05) as server:
            result = load(server.port, "--rate", "200", "--connections", "2", "--seconds", "0.5",
                          "--drain-seconds", "30", "--timeout-seconds", "30")
        self.assertEqual((result["requests"], result["unsent"]), (100, 0))
        self.assertGreater(result["latency_us"]["p50"], 400_000)
        self.assertGreater(result["latency_us"]["p99"], 800_000)
        self.assertGreater(result["queue_us"]["p50"], 350_000)

    def test_what_is_never_sent_counts_as_long_as_it_waited(self):
        with SlowServer(0.05) as server:
            result = load(server.port, "--rate", "200", "--connections", "2", "--seconds", "1", "--drain-seconds", "1")
        self.assertGreater(result["unsent"], 100)
        self.assertGreater(result["latency_us"]["p50"], 900_000)
        self.assertLess(result["rate"], 60)

    def test_every_request_that_was_due_is_accounted_for(self):
        with SlowServer(0.05) as server:
            result = load(server.port, "--rate", "200", "--connections", "3", "--seconds", "0.5", "--threads", "2",
                          "--drain-seconds", "0.2")
        errors = result["errors"]
        self.assertEqual(result["requests"] + result["unsent"] + sum(errors.values()), 100)

    def test_a_closed_loop_waits_for_each_answer(self):
        with SlowServer(0.05) as server:
            result = load(server.port, "--connections", "2", "--seconds", "0.5")
        self.assertGreaterEqual(result["latency_us"]["p50"], 49_000)
        self.assertLessEqual(result["requests"], 20)
        self.assertEqual(sum(result["errors"].values()), 0)

    def test_a_server_that_does_not_answer_is_timeouts_and_an_end(self):
        with SlowServer(None) as server:
            result = load(server.port, "--connections", "2", "--seconds", "0.5", "--timeout-seconds", "0.2",
                          "--drain-seconds", "0.1")
        self.assertGreaterEqual(result["errors"]["timeout"], 2)
        self.assertEqual(result["requests"], 0)

    def test_nobody_listening_is_connection_errors_and_an_end(self):
        with SlowServer(0) as server:
            port = server.port
        result = load(port, "--rate", "100", "--seconds", "0.3", "--drain-seconds", "0.1")
        self.assertGreater(result["errors"]["connection"], 0)
        self.assertEqual((result["requests"], result["unsent"]), (0, 30))


class Bench(unittest.TestCase):
    def whole_run(self, *options, peers="floor"):
        with tempfile.TemporaryDirectory() as out:
            process = bench(out, "--peers", peers, "--preload", "50", *options)
            printed, said = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, said)
            raw = json.loads(pathlib.Path(out, "raw.json").read_text(encoding="utf-8"))
            self.assertEqual(pathlib.Path(out, "table.md").read_text(encoding="utf-8").strip(), printed.strip())
            self.assertEqual(folders_in(out), [])
        return raw, printed

    def check_samples(self, entries):
        for entry in entries:
            for sample in entry["samples"]:
                self.assertEqual(sum(sample["errors"].values()), 0, entry)
                self.assertGreater(sample["requests"], 0)
                latency = sample.get("latency_us", {})  # wrk tells none
                quantiles = [latency[name] for name in ("p50", "p90", "p99", "p999", "max") if latency]
                self.assertEqual(quantiles, sorted(quantiles))

    def check(self, raw, printed, rows_closed, rows_open):
        self.assertEqual([entry["row"] for entry in raw["closed"]], [row for row in rows_closed for _ in range(2)])
        # daybook at its own half, the floor at its own and at daybook's
        self.assertEqual([entry["row"] for entry in raw["open"]], [row for row in rows_open for _ in range(3)])
        for entry in raw["closed"]:
            self.assertIsNone(entry["cannot"], entry)
        for entry in raw["open"]:
            self.assertTrue(entry["cannot"] or all(sample["latency_us"]["p50"] > 0 for sample in entry["samples"]))
        self.check_samples(raw["closed"] + raw["open"])
        lines = [line for line in printed.splitlines() if line.startswith("|")]
        for head in [i for i, line in enumerate(lines) if line.startswith("| row")]:
            self.assertRegex(lines[head + 1], r"^\| --- (\| ---: )+\|$")
            self.assertEqual(lines[head].count("|"), lines[head + 1].count("|"))
        for row in rows_closed:
            self.assertRegex(printed, rf"(?m)^\| {row} \| [\d.-]+ \| - \| - \| - \| [\d,]+ \| [\d.-]+ \|$")
        for part in ("kernel", "compiler", "bench/bench.py --build"):
            self.assertIn(part, printed)

    def test_the_table_is_whole_with_the_own_generator(self):
        raw, printed = self.whole_run("--driver", "load", "--seconds", "0.5", "--rows", "*-1,*x16,*-open")
        self.assertEqual(raw["driver"], "bench_load")
        self.check(raw, printed, ["append-1", "append-64", "read-1", "read-64", "append-64x16", "read-64x16"],
                   ["append-open", "read-open"])

    @unittest.skipUnless(shutil.which("wrk"), "wrk is not here")
    def test_the_table_is_whole_with_wrk(self):
        raw, printed = self.whole_run("--driver", "wrk", "--rows", "append-32,read-64x16")
        self.assertEqual(raw["driver"], "wrk")
        self.check(raw, printed, ["append-32", "read-64x16"], [])

    def test_with_tokens_each_request_is_let_in(self):
        raw, printed = self.whole_run("--driver", "load", "--seconds", "0.5", "--rows", "append-32,append-64,read-64x16",
                                      peers="tokens")
        self.assertEqual([(entry["row"], entry["server"]) for entry in raw["closed"]],
                         [("append-32", "daybook"), ("append-64", "daybook"), ("append-64", "tokens"),
                          ("read-64x16", "daybook"), ("read-64x16", "tokens")])
        self.check_samples(raw["closed"])
        for row in ("append-64", "read-64x16"):
            self.assertRegex(printed, rf"(?m)^\| {row} \| - \| [\d.]+ \| - \| - \|")

    def test_durable_appends_stand_beside_a_bare_sync(self):
        peers = ["loop-reserved", "loop-zeroed", "floor", "disk-no-sync", "webdis", "etcd"]
        raw, printed = self.whole_run("--seconds", "0.5", "--rows", "durable-1,durable-32", peers=",".join(peers))
        here = [peer for peer in peers if not any(line.startswith(f"{peer} is left out") for line in raw["skipped"])]
        self.assertLessEqual({"loop-reserved", "loop-zeroed", "floor", "disk-no-sync"}, set(here))
        of_all = [peer for peer in here if peer not in ("loop-reserved", "loop-zeroed", "floor")]
        self.assertEqual([(entry["row"], entry["server"]) for entry in raw["durable"]],
                         [("durable-1", name) for name in ("disk", *here)] +
                         [("durable-32", name) for name in ("disk", *of_all)])
        self.check_samples(raw["durable"])
        for entry in raw["durable"]:
            self.assertIsNone(entry["cannot"], entry)
            self.assertGreater(entry["samples"][0]["cpu_seconds"], 0)
            self.assertGreater(entry["samples"][0]["latency_us"]["p50"], 0)
        for row in ("durable-1", "durable-32"):  # requests/s and requests/CPU s
            line = rf"(?m)^\| {row} \| [\d,]+ \| - \| [\d.]+ \| [\d.-]+ \| [\d.-]+ \|$"
            self.assertEqual(len(re.findall(line, printed)), 2)
        for room in ("reserved", "zeroed"):
            self.assertRegex(printed, rf"(?m)^\| durable-1, {room}[^|]*\|( [\d,]+ \|){{3}} [\d.]+ \| [\d.]+ \|$")
        self.assertIn("file system: ", printed)

    def test_rows_about_size_have_all_their_figures(self):
        rows = ("engine-batches", "http-batches", "engine-reads", "http-reads", "idle-memory", "start-clean",
                "append-cost", "start-killed", "logs-append", "logs-start")
        raw, printed = self.whole_run("--seconds", "0.5", "--scale", "0.0005", "--rows", ",".join(rows))
        subjects = {row: [entry["subject"] for entry in raw["size"] if entry["row"] == row] for row in rows}
        with_fio = not any(line.startswith("fio is left out") for line in raw["skipped"])
        self.assertEqual(subjects["engine-batches"], ["engine", "fio"] if with_fio else ["engine"])
        self.assertEqual(subjects["engine-reads"], [
            "engine, 100 bytes", "pread, 100 bytes", "engine, 1,000 bytes", "pread, 1,000 bytes"])
        self.assertEqual(subjects["http-batches"], ["HTTP", "engine"])
        self.assertEqual(subjects["http-reads"], [
            f"{pages}, {form}" for pages in ("100 bytes, largest pages", "1,000 bytes, largest pages",
                                             "1,000 bytes, pages of 1 MiB")
            for form in ("bytes", "NDJSON", "NDJSON as text", "JSON", "pread and send", "sendfile")])
        self.assertEqual(subjects["start-killed"], ["warm", "cache dropped"])
        self.assertEqual(len(subjects["append-cost"]), 4)
        self.assertEqual(subjects["logs-append"], ["1 log", "64 logs", "100 logs"])
        self.assertEqual(subjects["logs-start"], ["100 logs, after a clean stop", "100 logs, after kill -9"])
        for entry in raw["size"]:
            for sample in entry["samples"]:
                self.assertGreaterEqual(min(sample.values()), 0, entry)
            line = rf"(?m)^\| {entry['row']}, {re.escape(entry['subject'])} \|( [\d,.-]+ \|)+$"
            self.assertRegex(printed, line)
        for entry in raw["size"]:
            if entry["row"].startswith("start-") or entry["row"] == "logs-start":
                self.assertGreater(entry["samples"][0]["ready_ms"], 0)
            if entry["beside"] and entry["row"] != "engine-batches":
                self.assertRegex(printed, rf"(?m)^\| {entry['row']}, {entry['subject']} \|.* \d+\.\d+ \|$")

    def test_followers_and_polls_have_all_their_figures(self):
        raw, printed = self.whole_run("--seconds", "0.5", "--rows", "live-*", "--scale", "0.005")
        self.assertEqual([(entry["row"], entry["subject"]) for entry in raw["size"]], [
            ("live-followers", "daybook, 10 followers"), ("live-followers", "fan-out, 10 followers"),
            ("live-polls", "no polls"), ("live-polls", "100 polls")])
        for entry in raw["size"]:
            (sample,) = entry["samples"]
            self.assertGreater(sample.get("deliveries_per_second", sample.get("appends_per_second")), 0, entry)
            self.assertRegex(printed, rf"(?m)^\| {entry['row']}, {entry['subject']} \|( [\d,.-]+ \|)+$")

    def test_appends_to_nats_stand_beside_cnats_alone(self):
        raw, printed = self.whole_run("--seconds", "0.5", "--rows", "nats-64,nats-open")
        if any(line.startswith("nats-64 is left out") for line in raw["skipped"]):
            self.assertEqual(raw["size"], [])
            self.skipTest("; ".join(raw["skipped"]))
        self.assertEqual([(entry["row"], entry["subject"]) for entry in raw["size"]],
                         [(row, subject + suffix) for row, suffix in (
                             ("nats-64", ""), ("nats-1024", ""), ("nats-open", ", half of cnats's"),
                             ("nats-open", ", half of daybook's"))
                          for subject in ("daybook", "cnats", "cnats, buffered")])
        for entry in raw["size"]:
            (sample,) = entry["samples"]
            for figure in ("appends_per_second", "p50_us", "p99_us", "cpu_us", "nats_cpu_us"):
                self.assertGreater(sample[figure], 0, entry)
            if entry["row"] != "nats-open":  # a busy machine may not keep up
                self.assertEqual(sample["errors"], 0, entry)
            self.assertRegex(printed, rf"(?m)^\| {entry['row']}, {entry['subject']} \|( [\d,.-]+ \|)+$")

    def test_without_nats_server_its_rows_are_left_out(self):
        with mock.patch.dict(os.environ, {"NATS_SERVER": os.devnull}):
            raw, printed = self.whole_run("--rows", "nats-64")
        self.assertEqual(raw["size"], [])
        self.assertRegex(printed, r"(?m)^- nats-64 is left out: nats_server: NATS_SERVER is ")

    def test_a_build_before_has_its_turns(self):
        raw, printed = self.whole_run("--driver", "load", "--seconds", "0.5", "--rows", "append-1,durable-1",
                                      "--daybook-before", str(BUILD / "daybook"))
        self.assertEqual([entry["server"] for entry in raw["closed"]], ["daybook", "before", "floor"])
        self.assertEqual([entry["server"] for entry in raw["durable"]], ["disk", "disk-before", "floor"])
        self.check_samples(raw["closed"] + raw["durable"])
        for row in ("append-1", "durable-1"):
            self.assertRegex(printed, rf"(?m)^\| {row} \|( [\d,]+ \|){{2}} [\d.]+ \|( [\d.]+ \|){{3}}$")

    def test_an_interrupt_ends_the_server_too(self):
        with tempfile.TemporaryDirectory() as out:
            process = bench(out, "--peers", "", "--driver", "load", "--seconds", "1", start_new_session=True)
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            end, found = time.monotonic() + 60, []
            while len(found) < 2 and time.monotonic() < end:  # the server and what loads it
                time.sleep(0.02)
                found = [int(child) for child in children.read_text(encoding="utf-8").split()]
            self.assertEqual(len(found), 2)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 128 + signal.SIGINT)
            end = time.monotonic() + 20  # what was killed may take a moment to go
            while (left := [child for child in found if os.path.exists(f"/proc/{child}")]) and time.monotonic() < end:
                time.sleep(0.02)
            self.assertEqual(left, [])
            self.assertEqual(folders_in(out), [])


if __name__ == "__main__":
    unittest.main()
