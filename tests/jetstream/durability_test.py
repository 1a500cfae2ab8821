"""Servers of NATS that promise less than a daybook does."""
import pathlib
import re

from jetstream.daybook import JetStreamTest


class Durability(JetStreamTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.three = cls.share(3)

    def assert_refused_until_it_is_allowed(self, cluster, settings, durability, arguments=(), monitor_urls=None, log="default"):
        """`settings`: each is named to whoever appends and to whoever asks whether it is ready."""
        strict = self.daybook(cluster, *arguments, monitor_urls=monitor_urls, ready=False)
        refused = strict.await_ready(503)
        while "durability" not in refused.document["checks"]:  # NATS was not reached yet
            refused = strict.await_ready(503)
        check = refused.document["checks"]["durability"]
        self.assertEqual(check["status"], "unavailable")
        answers = [strict.append("one", log=log), strict.append("one", "two", log=log), strict.append("one", log=log, key="k")]
        for answer in answers:
            self.assertEqual((answer.code, answer.document["outcome"]), (503, "not_appended"), answer)
            self.assertEqual(answer.fields["Retry-After"], "1")
        for setting in settings:
            self.assertIn(setting, check["detail"])
            for answer in answers:
                self.assertIn(setting, answer.document["detail"])
        self.assertEqual(strict.values(log), [])
        self.assertEqual(strict.request("GET", f"/v1/logs/{log}").code, 200)
        self.assertEqual(strict.request("GET", "/healthz").code, 200)
        said = strict.request("GET", "/v1").document["durability"]
        self.assertEqual(said, durability)

        weak = self.daybook(cluster, "--allow-weaker-durability", *arguments, monitor_urls=monitor_urls)
        for values in (["one"], ["two", "three"]):
            answer = weak.append(*values, log=log)
            self.assert_appended(answer)
            self.assertEqual(answer.fields["Durability"], durability)
        self.assertEqual(weak.request("GET", "/v1").document["durability"], durability)
        told = weak.ready().document["checks"]["durability"]
        self.assertEqual(told["status"], "ok")
        for setting in settings:
            self.assertIn(setting, told["detail"])
        self.assertEqual(strict.values(log), ["one", "two", "three"])
        self.assertEqual(strict.append("four", log=log).code, 503)

    def test_one_server_that_does_not_sync_always_is_named(self):
        cluster = self.start_cluster(3)
        weak = cluster.server(2)
        config = pathlib.Path(weak.config)
        weak.kill()
        config.write_text(config.read_text().replace("sync_interval: always", "sync_interval: 2m"))
        weak.start()
        cluster.await_ready()
        self.assert_refused_until_it_is_allowed(
            cluster, [f"{weak.name} ({weak.monitor_url}) must have jetstream.sync_interval: always"], "memory")

    def test_a_server_alone_that_syncs_now_and_then_and_has_the_only_replica_is_memory(self):
        self.assert_refused_until_it_is_allowed(
            self.start_cluster(1, sync="2m"), ["sync_interval: always", "num_replicas 1: it must be 3 or more"], "memory",
            ["--nats-replicas", "1"])

    def test_a_single_replica_is_named_and_only_synced(self):
        self.assert_refused_until_it_is_allowed(
            self.three, ["num_replicas 1: it must be 3 or more"], "fsync", ["--nats-replicas", "1"])

    def test_servers_whose_monitoring_is_not_named_may_sync_or_not(self):
        self.assert_refused_until_it_is_allowed(self.three, ["nats-monitor-urls must name its monitoring"], "memory", monitor_urls=[])

    def test_one_server_whose_monitoring_is_not_named_is_named(self):
        self.assert_refused_until_it_is_allowed(
            self.three, ["n2 has a replica of", "nats-monitor-urls must name its monitoring"], "memory",
            monitor_urls=[self.three.server(0).monitor_url, self.three.server(2).monitor_url])

    def test_monitoring_that_cannot_be_read_is_named(self):
        closed = "http://127.0.0.1:1"
        self.assert_refused_until_it_is_allowed(
            self.three, [f"the monitoring at {closed} cannot be read", "n3"], "memory",
            monitor_urls=[self.three.server(0).monitor_url, self.three.server(1).monitor_url, closed])

    def test_a_server_that_comes_back_without_syncing_is_seen_when_it_is_back(self):
        cluster = self.start_cluster(3)
        daybook = self.daybook(cluster)
        server = cluster.server(2)
        config = pathlib.Path(server.config)
        for setting, code in (("2m", 503), ("always", 200)):
            server.kill()
            config.write_text(re.sub("sync_interval: [a-z0-9]+", f"sync_interval: {setting}", config.read_text()))
            server.start()
            cluster.await_ready()
            daybook.await_ready(code)
