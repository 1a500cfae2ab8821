#!/usr/bin/env python3
"""score_test.py: kube-score finds nothing in what the chart renders but what is meant so. Skips without helm or kube-score."""
import json
import os
import shutil
import subprocess
import unittest

from chart import SHAPES, needs_helm, template, yaml

KUBE_SCORE = shutil.which(os.environ.get("KUBE_SCORE", "kube-score"))
GRADE_WELL = 10
# What it finds of any pod, and why it stays. It is not asked about the limit of CPU, without which the pod is left on purpose:
# throttling would show in every answer's time.
MEANT = {
    "container-image-pull-policy": "an image's name has its version or digest; a pod has to start while the registry is away",
    "container-ephemeral-storage-request-and-limit":
        "nothing is written there but standard output, which the kubelet cuts; a limit would have the pod evicted for it",
}
MEANT_OF_DEPLOYMENTS = {
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints spread the pods, and also more of them than there are nodes",
}
# Who may ask is for the operator to say. Nobody asks the pod of `helm test`.
MEANT_WITHOUT_NETWORK_POLICY = {"pod-networkpolicy"}


def findings(objects):
    """The checks that each object does not pass, by the object's kind."""
    scored = subprocess.run([KUBE_SCORE, "score", "--output-format", "json", "--ignore-container-cpu-limit", "-"],
                            input=yaml.safe_dump_all(objects), capture_output=True, text=True, timeout=60)
    found = {}
    for each in json.loads(scored.stdout):
        found.setdefault(each["type_meta"]["kind"], set()).update(
            check["check"]["id"] for check in each["checks"] if not check["skipped"] and check["grade"] < GRADE_WELL)
    return found


@needs_helm
@unittest.skipUnless(KUBE_SCORE, "there is no kube-score here")
class Score(unittest.TestCase):
    def test_kube_score_finds_nothing_but_what_is_meant_so(self):
        for shape, values in SHAPES.items():
            with self.subTest(shape=shape):
                objects = template(values)
                found = findings(objects)
                kind = objects.workload()["kind"]
                guarded = values.get("networkPolicy", {}).get("enabled")
                self.assertEqual(found.pop(kind), set(MEANT) | (set() if guarded else MEANT_WITHOUT_NETWORK_POLICY) |
                                 (set(MEANT_OF_DEPLOYMENTS) if kind == "Deployment" else set()))
                self.assertEqual(found.pop("Pod"), set(MEANT) | MEANT_WITHOUT_NETWORK_POLICY)
                self.assertEqual({kind: checks for kind, checks in found.items() if checks}, {})


if __name__ == "__main__":
    unittest.main()
