#!/usr/bin/env python3
"""cluster_test.py: the cluster that tests run against starts, goes on without a server, and leaves nothing behind. Skips
where there is no nats-server."""
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from nats import cluster as cluster_module
from nats.client import NatsClient, Refused
from nats.cluster import NatsCluster
from nats.server import program, runs, wait_until

PATIENCE_SECONDS = 30
NATS_SERVER, WHY_NONE = program()


def json_request(client, subject, document, **options):
    return json.loads(client.request(subject, json.dumps(document).encode(), **options)[1])


def processes(servers):
    """Those servers and their watchdogs that are there."""
    return [server.name for server in servers
            if runs(server.pid, "-c", server.config) or runs(server.watchdog, str(server.pid), server.config)]


class ClusterTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, servers, **options):
        cluster = NatsCluster(self.folder, servers, **options)
        self.addCleanup(cluster.stop)
        cluster.start()
        return cluster


@unittest.skipUnless(NATS_SERVER, WHY_NONE)
class ThreeServers(ClusterTest):
    def setUp(self):
        super().setUp()
        self.cluster = self.start(3)
        with NatsClient(self.cluster.url) as client:
            made = json_request(client, "$JS.API.STREAM.CREATE.S", {"name": "S", "subjects": ["s"], "num_replicas": 3})
        self.assertNotIn("error", made)
        for number in range(1, 11):
            self.assertEqual(self.publish(number, self.cluster.url), number)

    def publish(self, number, url):
        """The sequence number of that message, which is published once however often it has to be tried."""
        def acknowledged():
            try:
                with NatsClient(url, timeout=1) as client:
                    told = client.request("s", b"message", {"Nats-Msg-Id": f"m{number}"}, timeout=2)[1]
                return json.loads(told)["seq"] if told and b'"seq"' in told else None
            except OSError:
                return None
        return wait_until(acknowledged, f"the acknowledgement of message {number}", PATIENCE_SECONDS)

    def leader(self, of=lambda leader: True):
        def leading():
            leader = self.cluster.stream_leader("S")
            return leader if leader is not None and of(leader) else None
        return wait_until(leading, "a leader", PATIENCE_SECONDS)

    def await_replicas(self):
        def current():
            told = self.cluster.server(self.leader()).ask("/jsz?acc=$G&streams=1")
            if not told:
                return None
            replicas = told["account_details"][0]["stream_detail"][0]["cluster"].get("replicas", [])
            return True if len(replicas) == 2 and all(each["current"] for each in replicas) else None
        wait_until(current, "two current replicas", PATIENCE_SECONDS)

    def test_a_stream_goes_on_without_its_leader_and_has_it_again(self):
        halted = self.leader()
        self.cluster.server(halted).stop()
        self.assertEqual(self.publish(11, self.cluster.url), 11)
        self.assertNotEqual(self.leader(of=lambda leader: leader != halted), halted)
        self.cluster.server(halted).cont()
        self.await_replicas()
        self.assertEqual(self.publish(12, self.cluster.server(halted).url), 12)

    def test_a_killed_server_comes_back_with_its_store(self):
        killed = self.cluster.server(self.leader())
        before = killed.pid
        killed.kill()
        self.assertEqual(self.publish(11, self.cluster.url), 11)
        killed.start()
        self.cluster.await_ready()
        self.assertNotEqual(killed.pid, before)
        self.await_replicas()
        self.assertEqual(self.publish(12, killed.url), 12)

    def test_stop_leaves_no_process_and_no_store_of_halted_servers_too(self):
        servers = list(self.cluster.servers)
        self.assertEqual(processes(servers), ["n1", "n2", "n3"])
        servers[0].stop()
        NatsCluster.of(self.folder).stop()  # as another process does it
        self.assertEqual(processes(servers), [])
        left = {path.name for path in pathlib.Path(self.folder).iterdir()}
        self.assertEqual(left, {f"n{number}.{kind}" for number in (1, 2, 3) for kind in ("conf", "log")})


@unittest.skipUnless(NATS_SERVER, WHY_NONE)
class OneServer(ClusterTest):
    @staticmethod
    def told(cluster, target):
        return wait_until(lambda: cluster.server(0).ask(target), target, PATIENCE_SECONDS)

    def test_it_says_that_it_syncs_each_write_before_its_acknowledgement(self):
        cluster = self.start(1)
        for target, path in (("/jsz", ["config"]), ("/varz", ["jetstream", "config"])):
            told = self.told(cluster, target)
            for name in path:
                told = told[name]
            self.assertIs(told.get("sync_always"), True)
        cluster.stop()
        self.assertNotIn("sync_always", self.told(self.start(1, sync="2m"), "/jsz")["config"])

    def test_a_payload_of_eight_megabytes_is_taken(self):
        with NatsClient(self.start(1).url) as client:
            json_request(client, "$JS.API.STREAM.CREATE.S", {"name": "S", "subjects": ["s"]})
            self.assertEqual(json.loads(client.request("s", bytes(8 << 20))[1])["seq"], 1)
            self.assertEqual(client.request("nobody")[0]["Status"], "503")

    def test_strangers_are_refused(self):
        cluster = self.start(1, user="u", password='p"')
        NatsClient(cluster.url, "u", 'p"').close()
        with self.assertRaises(Refused):
            NatsClient(cluster.url)
        cluster.stop()
        with self.assertRaises(Refused):
            NatsClient(self.start(1, nkey="UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4").url)

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_tls_is_with_the_certificate_that_was_given(self):
        key, certificate = f"{self.folder}/key.pem", f"{self.folder}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        port = self.start(1, tls={"cert": certificate, "key": key, "ca": certificate}).server(0).port
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as plain:
            self.assertTrue(json.loads(plain.recv(1 << 16).removeprefix(b"INFO "))["tls_required"])
            context = ssl.create_default_context(cafile=certificate)
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
                self.assertIsNotNone(secured.cipher())

    def test_a_port_that_is_taken_is_left_to_whom_it_belongs(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            found = [[taken.getsockname()[1], *cluster_module.free_ports(2)], cluster_module.free_ports(3)]
            with mock.patch.object(cluster_module, "free_ports", lambda count: found.pop(0)):
                self.assertNotIn(taken.getsockname()[1], [each.port for each in self.start(1).servers])

    def test_one_that_is_forgotten_ends(self):
        servers = self.start(1, seconds_max=10).servers
        wait_until(lambda: None if servers[0].running() else True, "its end", PATIENCE_SECONDS)

    def test_the_command_starts_anew_what_is_there_and_stops_it(self):
        def run(command):
            script = pathlib.Path(__file__).with_name("cluster.py")
            subprocess.run([sys.executable, script, command, self.folder, "--servers", "1"], check=True, timeout=120,
                           stdout=subprocess.PIPE)  # which ends although the server has not
            return NatsCluster.of(self.folder).servers
        first = run("start")
        self.assertEqual(processes(first), ["n1"])
        second = run("start")
        self.assertEqual((processes(first), processes(second)), ([], ["n1"]))
        self.assertEqual((run("stop"), processes(second)), ([], []))


if __name__ == "__main__":
    unittest.main()
