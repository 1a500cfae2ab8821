#!/usr/bin/env python3
"""kubernetes_tools_test.py: what docs/repair.md and docs/backup.md say of a pod, done word for word. scripts/e2e.sh runs it."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from cluster import (HELMS, PATIENCE_SECONDS, ROOT, ClusterTest, await_that, flip_bit, image_values, read_only, report, run,
                     yaml)
from load import Ledger, answers, connected, read_request, send, value_of

DAMAGED = 25  # the offset of a record


def behind(page, *words):
    """The page of docs/ behind these words, which follow one another in it."""
    text = (ROOT / "docs" / page).read_text()
    for each in words:
        before, found, text = text.partition(each)
        assert found, f"docs/{page} does not have '{each}' behind '{before[-50:]}'"
    return text


def commands(page, *words):
    """The lines of the first block of commands there."""
    return [line.strip() for line in re.search(r"^(    \S.*\n)+", behind(page, *words), re.MULTILINE)[0].splitlines()]


def file_of(page, *words):
    """Name and content of the first file that is shown there."""
    content = re.search(r"^```yaml\n(# (\S+)\n.*?)^```$", behind(page, *words), re.MULTILINE | re.DOTALL)
    return content[2], content[1]


class ToolsTest(ClusterTest):
    """In a folder with the chart, where kubectl and helm go to the test's namespace."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "helm").symlink_to(ROOT / "helm")
        (self.folder / "bin").mkdir()
        (self.folder / "bin/helm").symlink_to(HELMS[0])
        (self.folder / "image.yaml").write_text(yaml.safe_dump(image_values()))
        kubeconfig = self.folder / "kubeconfig"
        kubeconfig.write_text(run("kubectl", "config", "view", "--raw", "--minify", "--flatten"))
        run("kubectl", "--kubeconfig", kubeconfig, "config", "set-context", "--current", "--namespace", self.namespace)
        self.environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def follow(self, line, code=0):
        """What the command says, which ends with that code. Only the image under test is no word of the page."""
        line = re.sub("^helm install", "helm install --values image.yaml", line)
        ended = subprocess.run(["bash", "-c", line], cwd=self.folder, env=self.environment, text=True, capture_output=True,
                               timeout=PATIENCE_SECONDS)
        said = ended.stdout + ended.stderr
        self.assertEqual(ended.returncode, code, f"{line}\n{said}")
        if line.startswith("helm") and " uninstall " not in line:
            self.await_rolled_out()
        return said

    def await_rolled_out(self):
        """The pod that runs is what was asked for last."""
        def rolled_out():
            pod = self.pod()
            workload = read_only(lambda: self.get("statefulset", self.name))
            if not pod or not workload or "deletionTimestamp" in pod["metadata"]:
                return False
            status = workload.get("status", {})
            return (status.get("observedGeneration") == workload["metadata"]["generation"]
                    and pod["metadata"]["labels"]["controller-revision-hash"] == status.get("updateRevision")
                    and "running" in self.container(pod).get("state", {}))

        await_that(rolled_out, "the pod runs")


class Repair(ToolsTest):
    def test_a_damaged_log_is_repaired_in_its_pod_and_loses_the_damaged_frame_alone(self):
        segment, place = self.stopped_with_one_segment()
        flip_bit(segment, segment.read_bytes().index(self.ledger.values[DAMAGED].encode()))
        self.helm("upgrade")
        self.assertEqual(self.await_exit()[0], 1)

        page = ["repair.md", "### In a pod"]
        [maintenance] = commands(*page)
        verify, look = commands(*page, "When the new one runs")
        repair, verify_again, serve = commands(*page, "Before the next step")
        self.follow(maintenance)
        self.assertFalse(self.container()["ready"])
        self.assertRegex(self.follow(verify, code=1), rf"{place}, position \d+")
        self.assertIn(f"lost: offset {DAMAGED}\n", self.follow(look, code=1))
        self.assertIn(f"lost: offset {DAMAGED}\n", self.follow(repair))
        self.follow(verify_again)
        self.follow(serve)
        self.await_served()
        self.assertEqual(self.lost(), [DAMAGED])
        report(f"a damaged log, repaired in its pod: of {len(self.ledger)} records one is lost, the damaged one")

    def lost(self):
        """The offsets of those that were acknowledged and are answered as lost; all others are what they were."""
        offsets = sorted(self.ledger.values)
        with connected(self.address()) as connection:
            send(connection, *map(read_request, offsets))
            answered = dict(zip(offsets, answers(connection, len(offsets))))
        lost = [offset for offset, (code, answer) in answered.items() if (code, answer.get("type")) == (410, "urn:daybook:problem:lost")]
        for offset in set(offsets) - set(lost):
            code, answer = answered[offset]
            self.assertEqual((code, value_of(answer)), (200, self.ledger.values[offset]))
        return lost


class Backup(ToolsTest):
    def test_what_was_acknowledged_before_a_backup_under_load_comes_back_each_way(self):
        page = ["backup.md", "## In a pod"]
        [same_volume] = commands(*page, "**On the same volume**")
        name, content = file_of(*page, "**On another volume**")
        (self.folder / name).write_text(content)
        give_volume, another_volume = commands(*page, "**On another volume**")
        [dump] = commands(*page, "**Out of the cluster**")
        claim = yaml.safe_load(content)["volumes"][0]["persistentVolumeClaim"]["claimName"]
        self.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})
        self.helm("install", values={"config": {"segment-size": "256Ki"}})
        self.await_served()
        self.follow(give_volume)
        self.await_served()
        copies = {}
        with self.load() as load:
            for line in (same_volume, another_volume, dump):
                self.acknowledged(load, 300)
                before = dict(self.ledger.values)
                self.follow(line)
                copies[line] = before
            self.acknowledged(load, 300)
        self.assertEqual(load.failures, {})

        submitted = {*self.ledger.values.values(), *self.ledger.unknown}
        for line in commands(*page, "**Back to a backup on the same volume**"):
            self.follow(line)
        self.comes_back("a backup on the same volume", copies[same_volume], submitted)
        for how, begin, copy in (("a backup on another volume", "From a backup on another volume", another_volume),
                                 ("a dump", "With records from outside", dump)):
            for line in commands("kubernetes.md", "## Uninstall"):
                self.follow(line)
            self.await_gone()
            for line in commands(*page, "**Into a fresh volume**", begin):
                self.follow(line)
            self.comes_back(how, copies[copy], submitted)

    def acknowledged(self, load, count):
        enough = len(load.ledger) + count
        await_that(lambda: len(load.ledger) >= enough, f"{count} more appends are acknowledged")

    def comes_back(self, how, before, submitted):
        """The release serves all of `before` at its offsets, and nothing behind that was not submitted."""
        self.ledger = Ledger()
        self.ledger.values = dict(before)
        self.ledger.unknown = submitted - set(before.values())
        self.await_served()
        meanwhile = self.ledger.check(self.address())
        report(f"{how}, made under load: all {len(before)} records are back that were acknowledged before, {meanwhile} of "
               "those that came meanwhile")


if __name__ == "__main__":
    unittest.main()
