#!/usr/bin/env python3
"""manifests_test.py: k8s/ is what helm/daybook renders. Skips without helm, PyYAML or kubectl."""
import shutil
import unittest

from chart import PRODUCTION, ROOT, Objects, documents, needs_helm, run, template

# Each overlay, and the values for which the chart renders the same.
OVERLAYS = {
    ".": {},
    "overlays/ephemeral": {"engine": "memory"},
    "overlays/production": PRODUCTION,
}


def is_probe(labels):
    return labels.get("app.kubernetes.io/component") == "probe"


def without_helm(each):
    """The object without what only Helm has a use for; this is all that may differ."""
    for label in ("helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/version"):
        each["metadata"]["labels"].pop(label, None)
    if each["kind"] == "NetworkPolicy":  # it lets the pod of `helm test` in
        for rule in each["spec"]["ingress"]:
            rule["from"] = [peer for peer in rule["from"]
                            if not is_probe(peer.get("podSelector", {}).get("matchLabels", {}))]
    return each


def in_order(value):
    """Lists of things with names (variables, ports) in the order of these, which kustomize does not keep."""
    if isinstance(value, dict):
        return {key: in_order(each) for key, each in value.items()}
    if isinstance(value, list):
        named = all(isinstance(each, dict) and "name" in each for each in value)
        return [in_order(each) for each in (sorted(value, key=lambda each: each["name"]) if named else value)]
    return value


@needs_helm
@unittest.skipUnless(shutil.which("kubectl"), "there is no kubectl here")
class Manifests(unittest.TestCase):
    maxDiff = None

    def test_they_are_what_the_chart_renders(self):
        for folder, values in OVERLAYS.items():
            built = Objects(documents(run("kubectl", "kustomize", ROOT / "k8s" / folder)))
            rendered = [without_helm(each) for each in template(values) if not is_probe(each["metadata"]["labels"])]
            for each in rendered:
                with self.subTest(folder=folder, kind=each["kind"], name=each["metadata"]["name"]):
                    same = [other for other in built.kind(each["kind"])
                            if other["metadata"]["name"] == each["metadata"]["name"]]
                    self.assertEqual(in_order([each]), in_order(same))
            self.assertEqual(len(built), len(rendered), folder)


if __name__ == "__main__":
    unittest.main()
