#!/usr/bin/env python3
"""program_test.py DAYBOOK: the program as its users start and stop it."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

from support.program import DAYBOOK, Server


def read_answer(client):
    """One answer with a Content-Length, or what came of it."""
    client.settimeout(20)
    answer = b""
    while True:
        head, end, body = answer.partition(b"\r\n\r\n")
        if end and len(body) >= int(re.search(rb"Content-Length: (\d+)", head).group(1)):
            return answer
        received = client.recv(65536)
        if not received:
            return answer
        answer += received


class Program(unittest.TestCase):
    def run_for(self, code, *arguments, environment=None):
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run([DAYBOOK, *arguments], capture_output=True, text=True, timeout=20, cwd=folder,
                                   env={**os.environ, **(environment or {})})
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stdout + ended.stderr

    def test_appends_and_reads_then_stops_with_0(self):
        with Server() as server:
            self.assertEqual(server.ask("POST", '{"record":{"value":"YQ=="}}'), (200, {"offset": 0}))
            self.assertEqual(server.ask("GET", '{"offset":0}'), (200, {"record": {"value": "YQ==", "offset": 0}}))
            self.assertEqual(server.ask("GET", None, "/version")[1]["engine"], "disk")
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(20), 0)

    def test_a_stop_waits_no_longer_than_the_drain_time_out(self):
        with Server("--drain-timeout", "200ms") as server:
            half = socket.create_connection(("127.0.0.1", server.port))
            half.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn(b"100", half.recv(100))
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(20), 0)
            half.close()

    def test_a_second_signal_ends_at_once(self):
        with Server() as server:
            half = socket.create_connection(("127.0.0.1", server.port))
            half.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn(b"100", half.recv(100))
            server.process.send_signal(signal.SIGTERM)
            server.line("stopping")
            for _ in range(1000):  # until the first was taken
                server.process.send_signal(signal.SIGTERM)
                try:
                    code = server.process.wait(0.02)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self.assertEqual(code, 128 + signal.SIGTERM)
            half.close()

    def test_every_request_that_the_kernel_has_when_it_is_stopped_is_answered(self):
        request = b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n{"record":{"value":"YQ=="}}'
        with Server() as server:
            known = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
            for client in known:
                client.sendall(request)
                self.assertIn(b"200 OK", read_answer(client))
            server.process.send_signal(signal.SIGSTOP)
            new = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
            for client in known + new:
                client.sendall(request)
            server.process.send_signal(signal.SIGTERM)
            server.process.send_signal(signal.SIGCONT)
            for client in known + new:
                answer = read_answer(client)
                self.assertIn(b"200 OK", answer)
                client.close()
            self.assertEqual(server.process.wait(20), 0)

    def test_a_stop_is_delayed_neither_by_idle_clients_nor_by_one_that_does_not_read(self):
        with Server("--drain-timeout", "300ms") as server:
            for _ in range(8):
                server.ask("POST", json.dumps({"record": {"value": "YWFh" * 250_000}}))
            idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
            silent = socket.socket()
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            silent.connect(("127.0.0.1", server.port))
            silent.sendall(b"".join(b"GET /?offset=%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(8)))
            self.assertTrue(silent.recv(1))
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(20), 0)
            for client in idle:
                client.close()
            silent.close()

    def test_a_drain_delay_goes_on_serving_and_says_close(self):
        with Server("--drain-delay", "6s") as server:
            server.process.send_signal(signal.SIGTERM)
            server.line("stopping")
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
                client.request("GET", "/healthz")
                answer = client.getresponse()
                client.close()
                self.assertEqual(answer.status, 200)
                if answer.getheader("Connection") == "close":
                    break
            self.assertEqual(answer.getheader("Connection"), "close")
            self.assertEqual(server.process.wait(20), 0)

    def test_a_hangup_changes_what_can_change_and_keeps_all_where_there_is_a_mistake(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            def write(text):
                file.seek(0)
                file.truncate()
                file.write(text)
                file.flush()

            write('max-body = "1Mi"\n')
            with Server("--config", file.name) as server:
                write('max-body = "2Mi"\naccess-log = true\n')
                server.process.send_signal(signal.SIGHUP)
                self.assertEqual(server.line("an option changes at the next start")["option"], "max-body")
                self.assertEqual(server.line("an option changed")["option"], "access-log")
                write('access-log = "perhaps"\n')
                server.process.send_signal(signal.SIGHUP)
                self.assertIn("perhaps", server.line("the configuration is wrong and stays as it was")["mistake"])
                server.ask("GET", None, "/version")
                self.assertEqual(server.line("request")["route"], "/version")

    def test_an_access_log_line_tells_of_the_request(self):
        with Server("--access-log") as server:
            client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            client.request("GET", "/?offset=7", headers={
                "X-Request-Id": 'a"b', "traceparent": f"00-{'0' * 31}1-{'0' * 15}2-01"})
            self.assertEqual(client.getresponse().read()[:1], b"{")
            client.close()
            line = server.line("request")
            self.assertEqual({name: line[name] for name in (
                "request_id", "client", "method", "route", "target", "status", "trace_id", "parent_id")}, {
                    "request_id": 'a"b', "client": "127.0.0.1", "method": "GET", "route": "/",
                    "target": "/?offset=7", "status": 404, "trace_id": "0" * 31 + "1", "parent_id": "0" * 15 + "2"})
            self.assertGreater(line["bytes"], 0)
            self.assertGreaterEqual(line["duration_us"], 0)

    def test_a_blocked_standard_output_fails_no_request_and_is_counted(self):
        with Server("--access-log") as server:  # from here on nobody reads its lines
            client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            for _ in range(15_000):
                client.request("GET", "/healthz")
                self.assertEqual(client.getresponse().read(), b'{"status":"ok"}\n')
            client.request("GET", "/metrics")
            text = client.getresponse().read().decode()
            client.close()
            dropped = re.search(r"^daybook_logging_dropped_lines_total (\S+)$", text, re.M)
            self.assertGreater(float(dropped.group(1)), 0)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(20), 0)

    def test_metrics_and_probes_have_an_address_of_their_own_if_wanted(self):
        with Server("--metrics-address", "127.0.0.1:0") as server:
            port = server.lines["serving metrics and probes"]["port"]
            self.assertEqual(server.ask("GET", None, "/metrics")[0], 404)
            for target in ("/healthz", "/readyz", "/version"):
                self.assertEqual(server.ask("GET", None, target)[0], 200)
                self.assertEqual(server.ask("GET", None, target, port)[0], 200)
            self.assertEqual(server.ask("POST", "{}", "/", port)[0], 404)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
                self.assertIn(b"\ndaybook_build_info{", answer.read())

    def test_the_options_of_records_batches_and_pages_are_told_and_held_to(self):
        limits = {"max-record-value": ("record_value_bytes", 11), "max-record-key": ("record_key_bytes", 12),
                  "max-record-headers": ("record_headers", 3), "max-record-header-bytes": ("record_header_bytes", 14),
                  "max-batch": ("batch_records", 2), "max-body": ("body_bytes", 1000),
                  "max-header": ("request_header_bytes", 9000), "max-page-records": ("page_records", 1),
                  "max-page-bytes": ("page_bytes", 18), "max-wait": ("wait_ms", 21), "max-logs": ("logs", 19),
                  "max-cursors": ("cursors", 20)}
        with Server(*(part for option, (_, number) in limits.items()
                      for part in (f"--{option}", f"{number}ms" if option == "max-wait" else str(number)))) as server:
            code, told = server.ask("GET", None, "/v1")
            self.assertEqual((code, told["limits"]), (200, dict(limits.values()) | {"listed_logs": 1000}))
            target, lines = "/v1/logs/default/records", {"Content-Type": "application/x-ndjson"}
            self.assertEqual(server.answer("POST", target, b'{"text":"a"}\n' * 2, fields=lines)[0], 201)
            code, _, body = server.answer("POST", target, b'{"text":"a"}\n' * 3, fields=lines)
            self.assertEqual((code, json.loads(body)["type"]), (413, "urn:daybook:problem:batch-too-large"))
            self.assertEqual(server.ask("GET", None, target + "?limit=9")[1]["next_offset"], 1)

    def test_the_options_of_logs_and_cursors_are_held_to(self):
        options = ("--max-logs", "3", "--max-cursors", "1", "--auto-create", "--metrics-logs", "2",
                   "--metrics-cursors", "0")
        text, cursor = {"Content-Type": "text/plain"}, {"Content-Type": "application/json"}
        with tempfile.TemporaryDirectory() as folder, Server(*options, data=folder) as server:
            server.await_line("the logs are open")
            for name, code in ("a", 201), ("b", 201), ("c", 507), ("a", 201):
                self.assertEqual(server.answer("POST", f"/v1/logs/{name}/records", b"a", fields=text)[0], code, name)
            self.assertEqual(server.answer("PUT", "/v1/logs/c")[0], 507)
            for name, code in ("x", 201), ("y", 507), ("x", 200):
                self.assertEqual(server.answer("PUT", f"/v1/logs/a/cursors/{name}", b'{"offset":1}', fields=cursor)[0], code)
            told = server.answer("GET", "/metrics")[2].decode()
            for sample in ('daybook_log_next_offset{log="a"} 2', "daybook_logs 3", "daybook_logs_without_series 1",
                           'daybook_log_cursors{log="a"} 1', "daybook_cursors_without_series 1"):
                self.assertIn(f"\n{sample}\n", told)
            self.assertNotIn('log="b"', told)
            self.assertNotIn("daybook_cursor_offset{", told)

    def test_links_to_a_service_called_daybook_change_nothing_and_a_misspelling_is_exit_2(self):
        links = {"DAYBOOK_PORT": "tcp://10.0.0.1:8080", "DAYBOOK_SERVICE_HOST": "10.0.0.1",
                 "DAYBOOK_PORT_8080_TCP_ADDR": "10.0.0.1"}
        without = self.run_for(0, "serve", "--print-config")
        self.assertEqual(self.run_for(0, "serve", "--print-config", environment=links), without)
        said = self.run_for(2, "serve", environment={"DAYBOOK_LISTEN_ADRESS": ":8080"})
        self.assertIn("DAYBOOK_LISTEN_ADRESS", said)
        self.assertIn("did you mean DAYBOOK_LISTEN_ADDRESS?", said)

    def test_a_bug_s_signal_is_named_before_it_ends_the_process(self):
        with Server(stderr=subprocess.PIPE) as server:
            server.process.send_signal(signal.SIGSEGV)
            self.assertIn("SEGV", server.process.communicate(timeout=20)[1])
            self.assertNotEqual(server.process.returncode, 0)

    def test_bad_options_are_exit_2(self):
        self.assertIn("--idle-timeout", self.run_for(2, "serve", "--idle-timeout", "soon"))
        self.assertIn("host:port", self.run_for(2, "serve", "--listen-address", "8080"))
        self.run_for(2)

    def test_a_port_in_use_is_exit_1(self):
        with Server() as server:
            self.assertIn("in use", self.run_for(1, "serve", "--listen-address", f"127.0.0.1:{server.port}"))
            self.assertIn("in use", self.run_for(1, "serve", "--listen-address", "127.0.0.1:0",
                                                 "--metrics-address", f"127.0.0.1:{server.port}"))

    def test_an_address_that_is_not_this_machine_s_is_exit_1(self):
        self.assertIn("192.0.2.1", self.run_for(1, "serve", "--listen-address", "192.0.2.1:8080"))

    def test_a_probe_appends_reads_back_and_sees_the_metrics(self):
        with Server() as server:
            said = self.run_for(0, "probe", "--timeout", "60s", "--url", f"http://127.0.0.1:{server.port}")
            self.assertRegex(said, "ready: .*\nappended: offset 0\nread back: offset 0\nmetrics: the next offset is 1\n")
            self.assertEqual(server.ask("GET", None, "/?offset=0")[0], 200)
            said = self.run_for(0, "probe", "--url", f"http://localhost:{server.port}/", "--read-only")
            self.assertIn("the next offset is 1", said)

    def test_a_probe_of_a_server_that_is_away_or_not_ready_is_exit_1(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            said = self.run_for(1, "probe", "--timeout", "200ms", "--url", f"http://127.0.0.1:{reserved.getsockname()[1]}")
            self.assertIn("refused", said)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            said = self.run_for(1, "probe", "--timeout", "200ms", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}")
            self.assertIn("127.0.0.1", said)
        with tempfile.TemporaryDirectory() as folder, Server("--maintenance", data=folder) as server:
            said = self.run_for(1, "probe", "--timeout", "2s", "--url", f"http://127.0.0.1:{server.port}")
            self.assertIn("maintenance", said)
        self.assertIn("http://HOST", self.run_for(2, "probe", "--url", "https://localhost"))
        self.assertIn("--timeout", self.run_for(2, "probe", "--timeout", "soon"))

    def test_in_maintenance_the_folder_is_nobody_s_and_only_the_process_is_well(self):
        with Server() as other:
            with Server("--maintenance", data=other.data) as server:
                self.assertEqual(server.ask("GET", None, "/healthz")[0], 200)
                self.assertEqual(server.ask("GET", None, "/readyz")[0], 503)
                self.assertEqual(server.ask("POST", '{"record":{"value":"YQ=="}}')[0], 503)
                self.assertEqual(server.ask("GET", None, "/?offset=0")[0], 503)
                for target in "/v1/logs", "/v1/logs/default", "/v1/logs/other/records":
                    code, problem = server.ask("GET", None, target)
                    self.assertEqual((code, problem["detail"]), (503, "in maintenance: the logs are not open"))

    def test_version_and_help_are_exit_0(self):
        self.assertRegex(self.run_for(0, "version"), r"daybook \d+\.\d+\.\d+\nrevision \S+\ncompiler")
        self.assertIn("serve", self.run_for(0, "--help"))


if __name__ == "__main__":
    unittest.main()
