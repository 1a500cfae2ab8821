#!/usr/bin/env python3
"""monitoring_test.py DAYBOOK: how the chart has daybook watched. Skips without helm or PyYAML, in parts without promtool."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from chart import CHART, EVERYTHING, JETSTREAM, JETSTREAM_EVERYTHING, ROOT, needs_helm, run, template, yaml

sys.path.append(str(ROOT / "tests"))
from support.program import DAYBOOK, Server

# What the API server leaves of a pod's name before the five characters that it adds.
POD_NAME_BASE_MAX = 58
# Prometheus' own.
OTHER_METRICS = {"up"}

needs_promtool = unittest.skipUnless(shutil.which("promtool"), "there is no promtool here")


def alerts():
    groups = yaml.safe_load((CHART / "files/alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard_queries():
    """Of all panels, with something in place of Grafana's variables."""
    dashboard = json.loads((CHART / "files/dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], re.sub(r"\$\w+", lambda name: "5m" if "interval" in name[0] else "x", target["expr"])


class Served(Server):
    """A running daybook, for what it says."""

    def metrics(self):
        """The names of the series, and for each label its values."""
        names, labels = set(), {}
        for line in self.answer("GET", "/metrics")[2].decode().splitlines():
            name = re.match(r"[a-z_]+", line)
            if name:
                names.add(name[0])
                for label, value in re.findall(r'(\w+)="([^"]*)"', line):
                    labels.setdefault(label, set()).add(value)
        return names, labels


def targets(objects):
    """How many targets the objects give Prometheus, however it looks for them. Each has a port that there is."""
    pod, found = objects.pod(), 0
    container_ports = {port["name"]: port["containerPort"] for port in objects.container()["ports"]}
    for each in [pod, *objects.kind("Service")]:
        annotations = each["metadata"].get("annotations", {})
        if annotations.get("prometheus.io/scrape") == "true":
            found += 1
            assert int(annotations["prometheus.io/port"]) in container_ports.values()
    for monitor in objects.kind("ServiceMonitor") + objects.kind("PodMonitor"):
        of_pods = monitor["kind"] == "PodMonitor"
        for each in [pod] if of_pods else objects.kind("Service"):
            if monitor["spec"]["selector"]["matchLabels"].items() <= each["metadata"]["labels"].items():
                found += 1
                ports = container_ports if of_pods else {port["name"] for port in each["spec"]["ports"]}
                for endpoint in monitor["spec"]["podMetricsEndpoints" if of_pods else "endpoints"]:
                    assert endpoint["port"] in ports, endpoint["port"]
    return found


@needs_helm
class Monitoring(unittest.TestCase):
    def test_a_pod_is_one_target_however_it_is_found(self):
        for engine in ({}, JETSTREAM):
            for port in (0, 9090):
                for scrape in ("annotations", "serviceMonitor", "podMonitor"):
                    self.assertEqual(targets(template({**engine, "metrics": {"scrape": scrape, "port": port}})), 1, scrape)
        self.assertEqual(targets(template({"metrics": {"scrape": "none"}})), 0)

    def test_what_rules_and_panels_ask_for_is_served(self):
        with Served() as served:
            names, labels = served.metrics()
        queries = [(rule["alert"], rule["expr"]) for rule in alerts()] + list(dashboard_queries())
        self.assertGreater(len(queries), 30)
        for title, query in queries:
            with self.subTest(query=title):
                asked = set(re.findall(r"\b(\w+)\{", query))
                self.assertTrue(asked)
                self.assertLessEqual(asked, names | OTHER_METRICS)
                for label, value in re.findall(r'\b(route|method|le)="([^"]+)"', query):
                    self.assertIn(value, labels[label])

    def test_each_alert_tells_what_to_do(self):
        rules = alerts()
        for rule in rules:
            with self.subTest(alert=rule["alert"]):
                self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"))
                self.assertLessEqual({"summary", "description"}, set(rule["annotations"]))
                self.assertEqual(rule["annotations"]["runbook_url"], f"docs/runbooks/{rule['alert']}.md")
                runbook = (ROOT / rule["annotations"]["runbook_url"]).read_text()
                self.assertEqual(re.findall(r"^#+ (.*)", runbook, re.MULTILINE),
                                 [rule["alert"], "What it means", "How to look", "What to do"])
        self.assertEqual({path.stem for path in (ROOT / "docs/runbooks").glob("*.md")}, {rule["alert"] for rule in rules})
        told = re.findall(r"^\| \[(\w+)\]\(runbooks/\1.md\) \| (\w+) \|", (ROOT / "docs/kubernetes.md").read_text(), re.MULTILINE)
        self.assertEqual(told, [(rule["alert"], rule["labels"]["severity"]) for rule in rules])

    def test_the_release_has_rules_about_its_own_pods(self):
        rendered = template(EVERYTHING, release="prod").one("PrometheusRule")["spec"]["groups"][0]["rules"]
        self.assertEqual([rule["alert"] for rule in rendered], [rule["alert"] for rule in alerts()])
        for rule in rendered:
            self.assertNotIn('job="', rule["expr"])
            self.assertIn('namespace="default",pod=~"prod-daybook-[0-9]+"', rule["expr"])
            self.assertEqual(rule["annotations"]["runbook_url"], f"https://example.com/runbooks/{rule['alert']}.md")

    def test_the_rules_are_about_pods_as_a_deployment_names_them(self):
        values = {**JETSTREAM, "alerts": {"enabled": True}}
        for release in ("prod-daybook", "daybook-" + "r" * 45):
            objects = template(values, release=release)
            name = objects.one("Deployment")["metadata"]["name"]
            expression = objects.one("PrometheusRule")["spec"]["groups"][0]["rules"][0]["expr"]
            pods = re.compile(re.search(r'pod=~"([^"]+)"', expression)[1])
            for replica_set in ("7d9c5b8f4", "5f6d7c8b9d"):
                # What comes behind is cut where it does not fit: names.go of the API server.
                self.assertTrue(pods.fullmatch(f"{name}-{replica_set}-"[:POD_NAME_BASE_MAX] + "x2b4z"))
            self.assertFalse(pods.fullmatch(f"{name}-probe-7d9c5b8f4-x2b4z"))
            self.assertFalse(pods.fullmatch(f"other-{name}-7d9c5b8f4-x2b4z"))

    @needs_promtool
    def test_the_rules_fire_when_they_should(self):
        run("promtool", "test", "rules", ROOT / "tests/helm/alerts_test.yaml")
        tested = (ROOT / "tests/helm/alerts_test.yaml").read_text()
        for rule in alerts():
            self.assertIn(f"alertname: {rule['alert']}\n", tested)

    @needs_promtool
    def test_the_panels_queries_are_promql(self):
        rules = [{"record": "query", "expr": query} for _, query in dashboard_queries()]
        rules += template(EVERYTHING).one("PrometheusRule")["spec"]["groups"][0]["rules"]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump({"groups": [{"name": str(i), "rules": [rule]} for i, rule in enumerate(rules)]}, file)
            file.flush()
            run("promtool", "check", "rules", file.name)

    def test_the_dashboard_is_found_by_grafanas_sidecar(self):
        config_map = template({"dashboard": {"enabled": True}}).one("ConfigMap")
        self.assertEqual(config_map["metadata"]["labels"]["grafana_dashboard"], "1")
        dashboard = json.loads(config_map["data"]["daybook.json"])
        panels = dashboard["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))

    def printed_with(self, values):
        """What the program's --print-config says of all that the chart tells it."""
        objects = template(values)
        environment = {each["name"]: each["value"] for each in objects.container()["env"]}
        with tempfile.TemporaryDirectory() as folder:
            environment["DAYBOOK_CONFIG"] = os.path.join(folder, "daybook.toml")
            files = {environment["DAYBOOK_CONFIG"]: objects.kind("ConfigMap")[0]["data"]["daybook.toml"]}
            for name in environment:
                if name.endswith("_FILE"):
                    environment[name] = os.path.join(folder, os.path.basename(environment[name]))
                    files[environment[name]] = "secret"
            for path, text in files.items():
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            printed = subprocess.run([DAYBOOK, *objects.container()["args"], "--print-config"], capture_output=True,
                                     text=True, timeout=20, env={**os.environ, **environment})
        self.assertEqual(printed.returncode, 0, printed.stderr)
        return printed.stdout

    def test_the_program_takes_what_the_chart_tells_it(self):
        printed = self.printed_with(EVERYTHING)
        for line in ('engine = "disk"', 'metrics-address = ":9090"', 'max-body = "32Mi"', "access-log = true"):
            self.assertIn(line, printed)

    def test_the_program_takes_what_the_chart_tells_it_of_nats(self):
        printed = self.printed_with(JETSTREAM_EVERYTHING)
        for line in ('engine = "jetstream"', 'nats-url = "nats://nats:4222"', 'nats-prefix = "ledger"', "nats-replicas = 5",
                     'nats-timeout = "2s"', "allow-weaker-durability = true", 'drain-delay = "5s"',
                     f'nats-monitor-urls = "{",".join(JETSTREAM["nats"]["monitorUrls"])}"'):
            self.assertIn(line, printed)
        told = {line.partition(" = ")[0] for line in printed.splitlines() if "  # DAYBOOK_NATS_" in line}
        self.assertLessEqual({"nats-nkey", "nats-nkey-seed-file", "nats-tls-ca-file", "nats-tls-certificate-file",
                              "nats-tls-key-file"}, told)


if __name__ == "__main__":
    unittest.main()
