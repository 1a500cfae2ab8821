#!/usr/bin/env python3
"""kubernetes_faults_test.py: what was acknowledged is there after whatever happens to the pod. scripts/e2e.sh runs it."""
import os
import pathlib
import re
import shutil
import signal
import socket
import time
import unittest

from cluster import ClusterTest, await_that, flip_bit, on_a_test_cluster, read_only, report, run
from disk import Disk, needs_this_machine
from load import Unanswered, answers, append_request, connected, send

SEGMENT_HEADER_BYTES = 4096
# How clients see a pod that goes and comes: see load.py. No other failure is allowed.
ALLOWED = {"refused", "unreachable", "reset", "503"}


class UnderLoad(ClusterTest):
    """Everything here happens while clients append and read."""

    def setUp(self):
        super().setUp()
        self.helm("install")
        self.await_served()

    def survives(self, what, fault, load):
        """After `fault` and what it waits for, appends are acknowledged again; tells how long none was."""
        self.acknowledged(load, 100)
        began = time.monotonic()
        fault()
        ready = time.monotonic()
        self.acknowledged(load, 100)
        gap = self.ledger.gap_seconds(began, time.monotonic())
        report(f"{what}: {gap:.2f} s without an answer, ready again after {ready - began:.1f} s, {dict(load.failures)}")
        self.assertLessEqual(set(load.failures), ALLOWED)
        load.failures.clear()

    def acknowledged(self, load, count):
        enough = len(load.ledger) + count
        await_that(lambda: len(load.ledger) >= enough, f"{count} more appends are acknowledged")

    def replaced(self, change, *arguments, **options):
        """After that change another pod is ready."""
        before = self.pod()
        change(*arguments, **options)
        self.await_ready(unlike=before)

    def checked(self, planned=True):
        """What was appended at a planned stop had its answer, too."""
        unanswered = self.ledger.check(self.address())
        report(f"{len(self.ledger)} appends acknowledged: 0 lost, 0 altered, no offset twice; "
               f"{len(self.ledger.unknown)} without an answer, of which {unanswered} were appended")
        if planned:
            self.assertEqual(unanswered, 0)

    def test_an_upgrade_a_restart_and_a_deletion_lose_nothing(self):
        with self.load() as load:
            self.survives("helm upgrade with another value",
                          lambda: self.replaced(self.helm, "upgrade", values={"config": {"max-body": "32Mi"}}), load)
            self.survives("kubectl rollout restart",
                          lambda: self.replaced(self.kubectl, "rollout", "restart", "statefulset", self.name), load)
            self.survives("kubectl delete pod",
                          lambda: self.replaced(self.kubectl, "delete", "pod", f"{self.name}-0", "--wait=false"), load)
            self.survives("helm rollback", lambda: self.replaced(self.helm, "rollback", "1"), load)
        self.checked()

    def test_a_request_under_way_at_a_stop_gets_its_answer(self):
        before = self.pod()
        with self.load() as load, connected(self.address()) as connection:
            self.acknowledged(load, 100)
            request = append_request("under way")
            send(connection, request[:-10])
            self.kubectl("delete", "pod", f"{self.name}-0", "--wait=false")
            await_that(lambda: not self.listens(before["status"]["podIP"]), "the pod does not listen any longer")
            send(connection, request[-10:])
            [(code, answer)] = answers(connection)
            self.assertEqual(code, 200, answer)
            self.ledger.acknowledge(answer["offset"], "under way")
            self.await_ready(unlike=before)
            self.acknowledged(load, 100)
        self.assertLessEqual(set(load.failures), ALLOWED)
        self.checked()

    def listens(self, host):
        try:
            with connected((host, 8080)):
                return True
        except Unanswered:
            return False

    def test_a_drained_node_gives_the_records_back_with_its_volume(self):
        if not on_a_test_cluster() or len(self.get("nodes")["items"]) < 2:
            self.skipTest("no node is drained that is not a test cluster's, or is the only one")
        self.helm("upgrade", "--wait", values={"podDisruptionBudget": {"enabled": True}})
        node = self.pod()["spec"]["nodeName"]
        self.addCleanup(run, "kubectl", "uncordon", node)

        def drained():
            before = self.pod()
            run("kubectl", "drain", node, "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=60s")
            pending = await_that(self.unschedulable, "the pod waits for its node, where its volume is")
            self.assertNotEqual(pending["metadata"]["uid"], before["metadata"]["uid"])
            run("kubectl", "uncordon", node)
            self.await_ready()

        with self.load() as load:
            self.survives("kubectl drain, uncordon", drained, load)
        self.checked()

    def unschedulable(self):
        pod = self.pod() or {"status": {}}
        reasons = [each.get("reason") for each in pod["status"].get("conditions", [])]
        return pod if "Unschedulable" in reasons else None

    def test_a_killed_process_is_started_anew_and_recovers(self):
        self.process_id()  # or skips
        with self.load() as load:
            for _ in range(2):  # later ones wait long, for Kubernetes' back-off
                restarts = self.container()["restartCount"]

                def killed():
                    os.kill(self.process_id(), signal.SIGKILL)
                    self.await_recovered(restarts)

                self.survives("kill -9 of the process", killed, load)
        self.assertEqual(self.container()["lastState"]["terminated"]["exitCode"], 128 + signal.SIGKILL)
        self.checked(planned=False)

    def test_a_container_killed_by_its_runtime_is_started_anew_and_recovers(self):
        pod = self.pod()
        # Beside its kubeconfig, a test cluster has each node's folder.
        container_socket = pathlib.Path(os.environ["KUBECONFIG"]).parent / pod["spec"]["nodeName"] / "containerd.sock"
        if not (on_a_test_cluster() and shutil.which("ctr") and container_socket.is_socket()):
            self.skipTest("the node's containerd is not within reach")
        restarts = self.container()["restartCount"]
        task = self.container()["containerID"].partition("//")[2]

        def killed():
            run("ctr", "--address", container_socket, "--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", task)
            self.await_recovered(restarts)

        with self.load() as load:
            self.survives("SIGKILL of the container", killed, load)
        self.checked(planned=False)


class Damage(ClusterTest):
    @needs_this_machine
    def test_a_file_system_that_turns_read_only_ends_the_pod_and_loses_nothing(self):
        disk = Disk(self, 256)
        self.helm("install", values=disk.values)
        self.await_served()
        self.append_some(50)
        disk.turn_read_only()
        self.assertFalse(self.append("into the void"))
        self.assertEqual(self.await_exit()[0], 1)
        why = r"/var/lib/daybook.*Read-only file system"
        said = await_that(lambda: re.search(why, read_only(self.log) or ""), "it says why")
        report(f"a file system that turned read-only: {said[0]}")
        self.helm("upgrade", values={**disk.values, "replicas": 0})
        self.await_gone()
        disk.mend()
        self.helm("upgrade", values=disk.values)
        self.await_served()
        self.ledger.check(self.address())

    def test_a_damaged_record_is_a_refusal_and_maintenance_lets_one_look(self):
        segment, place = self.stopped_with_one_segment()
        flip_bit(segment, SEGMENT_HEADER_BYTES + 200)

        self.helm("upgrade")
        code, log = self.await_exit()
        self.assertEqual(code, 1, log)
        self.assertRegex(log, rf"{place}, position \d+")
        report("a damaged record: " + next(line for line in log.splitlines() if ", position " in line))

        self.helm("upgrade", values={"maintenance": True})
        await_that(lambda: (self.container().get("state") or {}).get("running")
                   and "--maintenance" in self.pod()["spec"]["containers"][0]["args"], "the pod runs in maintenance")
        self.assertIn("daybook", await_that(
            lambda: read_only(lambda: self.kubectl("exec", f"{self.name}-0", "--", "/usr/bin/daybook", "version")),
            "a program is run in the pod"))
        host = await_that(lambda: self.pod()["status"].get("podIP"), "the pod has an address")
        for path, expected in ((b"/healthz", 200), (b"/readyz", 503)):
            with connected((host, 8080)) as connection:
                send(connection, b"GET %s HTTP/1.1\r\nHost: daybook\r\n\r\n" % path)
                self.assertEqual(answers(connection)[0][0], expected)
        self.assertFalse(self.container()["ready"])
        with self.assertRaises((Unanswered, socket.timeout)):
            connected(self.address())

        flip_bit(segment, SEGMENT_HEADER_BYTES + 200)
        self.helm("upgrade")
        self.await_served()
        self.ledger.check(self.address())


if __name__ == "__main__":
    unittest.main()
