#!/usr/bin/env python3
"""kubernetes_monitoring_test.py: a real Prometheus finds daybook by what the chart sets. scripts/e2e.sh runs it."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

from cluster import CHART, ClusterTest, await_that, report, run, yaml

# Panels that have nothing to show while all is well.
EMPTY_WHEN_WELL = {"Errors of the server"}
TRAFFIC_APPENDS = 3000


def discovers_pods():
    """Debian's Prometheus does not."""
    if not shutil.which("prometheus"):
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pod}]}]")
        file.flush()
        return subprocess.run(["promtool", "check", "config", "--syntax-only", file.name], capture_output=True).returncode == 0


class Monitoring(ClusterTest):
    def configuration(self, rules):
        """As those write it who go by the annotations prometheus.io/...; the labels are what the dashboard wants."""
        pod = "__meta_kubernetes_pod_"
        relabel = [
            {"source_labels": [pod + "annotation_prometheus_io_scrape"], "action": "keep", "regex": "true"},
            {"source_labels": [pod + "annotation_prometheus_io_path"], "target_label": "__metrics_path__", "regex": "(.+)"},
            {"source_labels": [pod + "ip", pod + "annotation_prometheus_io_port"], "separator": ":",
             "target_label": "__address__"},
            {"source_labels": [pod + "label_app_kubernetes_io_name"], "target_label": "job"},
            {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
            {"source_labels": [pod + "name"], "target_label": "pod"},
            {"source_labels": [pod + "phase"], "action": "drop", "regex": "Succeeded|Failed"}]
        discovery = {"role": "pod", "kubeconfig_file": os.environ["KUBECONFIG"], "namespaces": {"names": [self.namespace]}}
        # Every container port of a pod is found, and all of them become the same target, which is scraped once.
        return {"global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
                "rule_files": [str(rules)],
                "scrape_configs": [{"job_name": "pods", "kubernetes_sd_configs": [discovery], "relabel_configs": relabel}]}

    def start_prometheus(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        rules = yaml.safe_load((CHART / "files/alerts.yaml").read_text())
        for rule in rules["groups"][0]["rules"]:
            if rule["alert"] == "DaybookDown":
                rule["for"] = "2s"
        paths = {name: pathlib.Path(folder.name, name) for name in ("rules.yml", "prometheus.yml", "log")}
        paths["rules.yml"].write_text(yaml.safe_dump(rules))
        paths["prometheus.yml"].write_text(yaml.safe_dump(self.configuration(paths["rules.yml"])))
        run("promtool", "check", "config", paths["prometheus.yml"])
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            self.prometheus = f"127.0.0.1:{reserved.getsockname()[1]}"
        with open(paths["log"], "w") as log:
            process = subprocess.Popen(
                ["prometheus", f"--config.file={paths['prometheus.yml']}", f"--storage.tsdb.path={folder.name}/data",
                 f"--web.listen-address={self.prometheus}"], stdout=log, stderr=log)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.terminate)

    def ask(self, path, **parameters):
        """What Prometheus says; None: it does not answer yet."""
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"http://{self.prometheus}/api/v1/{path}?{query}", timeout=20) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def samples(self, query):
        return (self.ask("query", query=query) or {}).get("result")

    def targets_up(self):
        """Their ports, those of targets that are down not among them as numbers."""
        return [int(each["metric"]["instance"].rpartition(":")[2]) if each["value"][1] == "1" else "down"
                for each in self.samples("up") or []]

    def alert(self, name, state):
        alerts = (self.ask("alerts") or {"alerts": []})["alerts"]
        return any(each["labels"]["alertname"] == name and each["state"] == state for each in alerts)

    @unittest.skipUnless(discovers_pods(), "there is no prometheus here that discovers pods")
    def test_prometheus_finds_one_target_a_pod_and_knows_when_it_is_down(self):
        self.helm("install")
        before = self.await_ready()
        self.start_prometheus()
        await_that(lambda: self.targets_up() == [8080], "there is one target, and it is up")
        self.helm("upgrade", values={"metrics": {"port": 9090}})
        self.await_ready(unlike=before)
        await_that(lambda: self.targets_up() == [9090], "there is one target, and it is up")
        self.await_served()
        with self.load():
            await_that(lambda: len(self.ledger) >= TRAFFIC_APPENDS, "there was traffic")
        self.dashboard_has_data()
        firing = [each["labels"]["alertname"] for each in self.ask("alerts")["alerts"] if each["state"] == "firing"]
        self.assertEqual(firing, [], "alerts while all is well")

        self.helm("upgrade", values={"metrics": {"port": 9090}, "replicas": 0})
        began = time.monotonic()
        await_that(lambda: self.alert("DaybookDown", "firing"), "DaybookDown fires")
        report(f"DaybookDown fires {time.monotonic() - began:.1f} s after the pod was scaled to 0 (with `for: 2s`)")
        self.helm("upgrade", values={"metrics": {"port": 9090}})
        self.await_served()
        await_that(lambda: not self.alert("DaybookDown", "firing"), "DaybookDown is over")

    def dashboard_has_data(self):
        dashboard = json.loads((CHART / "files/dashboard.json").read_text())
        variables = {"$namespace": self.namespace, "$pod": f"{self.name}-.*", "$__rate_interval": "1m"}
        empty, count = set(), 0
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                count += 1
                query = re.sub(r"\$\w+", lambda name: variables[name[0]], target["expr"])
                if not self.samples(query):
                    empty.add(panel["title"])
        self.assertLessEqual(empty, EMPTY_WHEN_WELL)
        report(f"the dashboard's {count} queries give data for real traffic, but for: {', '.join(empty) or 'none'}")


if __name__ == "__main__":
    unittest.main()
