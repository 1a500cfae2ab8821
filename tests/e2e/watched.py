"""What the tests with a Prometheus share: it finds the pods of the test's namespace by what the chart sets, and asks them every
second."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

from cluster import CHART, ClusterTest, run, yaml


def discovers_pods():
    """Debian's Prometheus does not."""
    if not shutil.which("prometheus"):
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pod}]}]")
        file.flush()
        return subprocess.run(["promtool", "check", "config", "--syntax-only", file.name], capture_output=True).returncode == 0


def shipped_rules():
    return yaml.safe_load((CHART / "files/alerts.yaml").read_text())


@unittest.skipUnless(discovers_pods(), "there is no prometheus here that discovers pods")
class Watched(ClusterTest):
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

    def start_prometheus(self, rules):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
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
