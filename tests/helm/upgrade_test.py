#!/usr/bin/env python3
"""upgrade_test.py: what becomes of a release that is there when the chart is put over it. Skips without helm or PyYAML."""
import copy
import pathlib
import shutil
import tempfile
import unittest

from api_server import api_server
from chart import CHART, HELMS, JETSTREAM, Refused, needs_helm, run, template, yaml


def workload(kind, spec, release="daybook"):
    """As the chart made it, in short."""
    metadata = {"name": "daybook", "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "default"}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def stateful_set(size):
    return workload("StatefulSet",
                    {"volumeClaimTemplates": [{"spec": {"resources": {"requests": {"storage": size}}}}]} if size else {})


@needs_helm
class Upgrades(unittest.TestCase):
    def refusal(self, before, **values):
        """What Helm says where there is `before`, or a StatefulSet with such a volume; None: it has nothing against it."""
        said = set()
        for helm in HELMS:
            with api_server(before if isinstance(before, dict) else stateful_set(before)) as kubeconfig:
                try:
                    run(helm, "template", "daybook", CHART, "--dry-run=server", "--disable-openapi-validation", "--kubeconfig",
                        kubeconfig, "--values", "-", text=yaml.safe_dump(values))
                    said.add(None)
                except Refused as refused:
                    said.add(str(refused))
        self.assertEqual(len(said), 1)
        return said.pop()

    def test_a_volume_of_the_same_size_is_no_change_however_it_is_written(self):
        for before, size in (("8Gi", "8Gi"), ("8Gi", "8192Mi"), ("2Ti", "2048Gi")):
            self.assertIsNone(self.refusal(before, persistence={"size": size}))
        self.assertIsNone(self.refusal(None, engine="memory"))

    def test_a_larger_volume_is_refused_with_the_commands_that_make_it(self):
        refusal = self.refusal("8Gi", persistence={"size": "16Gi"})
        self.assertIn("""kubectl --namespace default patch persistentvolumeclaim data-daybook-0 --patch """
                      """'{"spec":{"resources":{"requests":{"storage":"16Gi"}}}}' && """
                      """kubectl --namespace default delete statefulset daybook --cascade=orphan""", refusal)

    def test_a_smaller_volume_is_refused(self):
        self.assertIn("volumes cannot shrink. Set it to 8Gi.", self.refusal("8Gi", persistence={"size": "4Gi"}))

    def test_another_engine_is_refused_with_the_command_that_lets_it(self):
        remove = "kubectl --namespace default delete statefulset daybook"
        self.assertIn(remove, self.refusal("8Gi", engine="memory"))
        self.assertIn(remove, self.refusal(None, engine="disk"))

    def test_pods_of_two_engines_are_never_behind_one_service(self):
        deployment = workload("Deployment", {})
        self.assertIsNone(self.refusal(deployment, **JETSTREAM))
        for before in ("8Gi", None):
            refusal = self.refusal(before, **JETSTREAM)
            self.assertIn("engine is jetstream, and the StatefulSet daybook is there", refusal)
            self.assertIn("kubectl --namespace default delete statefulset daybook", refusal)
        for engine in ("disk", "memory"):
            self.assertIn("kubectl --namespace default delete deployment daybook", self.refusal(deployment, engine=engine))
        self.assertIsNone(self.refusal(workload("Deployment", {}, release="other"), engine="disk"))

    def test_a_new_version_changes_nothing_that_is_immutable(self):
        with tempfile.TemporaryDirectory() as folder:
            newer = pathlib.Path(folder, "daybook")
            shutil.copytree(CHART, newer)
            metadata = yaml.safe_load((newer / "Chart.yaml").read_text())
            metadata.update(version="9.9.9+build.7", appVersion="9.9.9-rc.1")
            (newer / "Chart.yaml").write_text(yaml.safe_dump(metadata))
            for values in ({}, JETSTREAM):
                with self.subTest(values=values):
                    self.is_the_same(template(values), template(values, chart=newer))

    def is_the_same(self, before, after):
        workloads = [copy.deepcopy(objects.workload()) for objects in (before, after)]
        for each in workloads:
            del each["metadata"]["labels"]
            del each["spec"]["template"]["spec"]["containers"][0]["image"]
        self.assertEqual(*workloads)
        self.assertEqual(*([each["spec"] for each in objects.kind("Service")] for objects in (before, after)))

    def test_what_a_stateful_set_was_made_with_stays(self):
        """Written down, for what the chart rendered before this version is nowhere else."""
        spec = template().one("StatefulSet")["spec"]
        labels = {"app.kubernetes.io/name": "daybook", "app.kubernetes.io/instance": "daybook",
                  "app.kubernetes.io/component": "server"}
        self.assertEqual((spec["serviceName"], spec["podManagementPolicy"], spec["selector"]),
                         ("daybook-headless", "Parallel", {"matchLabels": labels}))
        self.assertEqual(spec["volumeClaimTemplates"], [
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "labels": labels},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}}}])


if __name__ == "__main__":
    unittest.main()
