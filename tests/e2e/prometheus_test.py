#!/usr/bin/env python3
"""prometheus_test.py DAYBOOK: what /metrics says to promtool and to a real Prometheus. Skips without them."""
import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from support.program import Server

PATIENCE_SECONDS = 60


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def append(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/", '{"record":{"value":"YWJj"}}')
    assert connection.getresponse().status == 200
    connection.close()


@unittest.skipUnless(shutil.which("promtool") and shutil.which("prometheus"), "there is no prometheus here")
class Prometheus(unittest.TestCase):
    def setUp(self):
        server = Server()
        self.addCleanup(server.kill)
        self.port = server.port

    def test_promtool_finds_nothing_to_say(self):
        append(self.port)
        text = get(f"http://127.0.0.1:{self.port}/metrics")
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_a_real_prometheus_scrapes_it(self):
        for _ in range(5):
            append(self.port)
        with tempfile.TemporaryDirectory() as folder, socket.socket() as reserved:
            configuration = pathlib.Path(folder, "prometheus.yml")
            configuration.write_text("scrape_configs:\n- job_name: daybook\n  scrape_interval: 1s\n"
                                     f"  static_configs: [{{targets: ['127.0.0.1:{self.port}']}}]\n")
            reserved.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{reserved.getsockname()[1]}"
            reserved.close()
            with open(pathlib.Path(folder, "log"), "w") as log:
                prometheus = subprocess.Popen(
                    ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={folder}/data",
                     f"--web.listen-address={address}"], stdout=log, stderr=log)
            try:
                self.assertEqual(self.ask(address, "daybook_log_appended_records_total"), 5)
                self.assertEqual(self.ask(address, 'up{job="daybook"} == 1'), 1)
                self.assertEqual(self.ask(address, 'daybook_http_requests_total{route="/",method="POST",code="200"}'), 5)
                quantile = 'histogram_quantile(0.99, sum by (le) (daybook_http_request_duration_seconds_bucket{route="/"}))'
                self.assertGreater(self.ask(address, quantile), 0)
            finally:
                prometheus.terminate()
                prometheus.wait(60)

    def ask(self, address, query):
        """The one sample that the query gives, as soon as there is one."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                answer = json.loads(get(f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": query})))
            except OSError:
                answer = None
            if answer and answer["data"]["result"]:
                return float(answer["data"]["result"][0]["value"][1])
            time.sleep(0.1)
        raise AssertionError(f"Prometheus has nothing for {query}")


if __name__ == "__main__":
    unittest.main()
