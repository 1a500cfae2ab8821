#!/usr/bin/env python3
"""kubernetes_monitoring_test.py: a real Prometheus finds daybook by what the chart sets. scripts/e2e.sh runs it."""
import json
import re
import unittest

from cluster import CHART, await_that, report
from watched import Watched, shipped_rules

# Panels that have nothing to show while all is well.
EMPTY_WHEN_WELL = {"Errors of the server"}
TRAFFIC_APPENDS = 3000


class Monitoring(Watched):
    def test_prometheus_finds_one_target_a_pod_and_has_data_for_each_panel(self):
        self.helm("install")
        before = self.await_ready()
        self.start_prometheus(shipped_rules())
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
