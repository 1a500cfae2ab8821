#!/usr/bin/env python3
"""upgrade_test.py: what becomes of a release that is there when the chart is put over it. Skips without helm or PyYAML."""
import copy
import pathlib
import shutil
import tempfile
import unittest

from api_server import api_server
from chart import CHART, HELMS, Refused, needs_helm, run, template, yaml


def stateful_set(size):
    """As the chart made it, in short."""
    metadata = {"name": "daybook", "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": "daybook", "meta.helm.sh/release-namespace": "default"}}
    spec = {"volumeClaimTemplates": [{"spec": {"resources": {"requests": {"storage": size}}}}]} if size else {}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec}


@needs_helm
class Upgrades(unittest.TestCase):
    def refusal(self, before, **values):
        """What Helm says where there is a StatefulSet with such a volume; None: it has nothing against it."""
        said = set()
        for helm in HELMS:
            with api_server(stateful_set(before)) as kubeconfig:
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

    def test_a_new_version_changes_nothing_that_is_immutable(self):
        with tempfile.TemporaryDirectory() as folder:
            newer = pathlib.Path(folder, "daybook")
            shutil.copytree(CHART, newer)
            metadata = yaml.safe_load((newer / "Chart.yaml").read_text())
            metadata.update(version="9.9.9+build.7", appVersion="9.9.9-rc.1")
            (newer / "Chart.yaml").write_text(yaml.safe_dump(metadata))
            before, after = template(), template(chart=newer)
        stateful_sets = [copy.deepcopy(objects.one("StatefulSet")) for objects in (before, after)]
        for each in stateful_sets:
            del each["metadata"]["labels"]
            del each["spec"]["template"]["spec"]["containers"][0]["image"]
        self.assertEqual(*stateful_sets)
        self.assertEqual(*([each["spec"] for each in objects.kind("Service")] for objects in (before, after)))


if __name__ == "__main__":
    unittest.main()
