#!/usr/bin/env python3
"""kubernetes_test.py: daybook as it is installed on a real Kubernetes. scripts/e2e.sh runs it; cluster.py says on what."""
import json
import pathlib
import re
import tempfile
import time
import unittest

from cluster import (HELMS, IMAGE, ROOT, SHAPES, ClusterTest, Refused, await_that, documents, image_values, merged,
                     read_only, report, run, template, yaml)


def helm_name(helm):
    return "Helm " + run(helm, "version", "--short").strip().lstrip("v").partition(".")[0]


def readme_session():
    """The README's append and its read, as one command, and what it prints."""
    session = re.findall(r"^    \$ (curl -X \w+ localhost:8080 .*)\n    (\{.*\})$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [command.split()[2] for command, _ in session] == ["POST", "GET"], session
    options = "--silent --show-error --retry 5 --retry-connrefused"
    return "; ".join(f"{command} {options}" for command, _ in session), "".join(f"{answer}\n" for _, answer in session)


class Install(ClusterTest):
    def test_the_manifests_are_ready_and_serve(self):
        began = time.monotonic()
        name, _, tag = IMAGE.rpartition(":")
        with tempfile.TemporaryDirectory(dir=ROOT) as folder:  # kustomize takes no absolute paths
            kustomization = {"namespace": self.namespace, "resources": ["../k8s"],
                             "images": [{"name": "daybook", "newName": name, "newTag": tag}]}
            pathlib.Path(folder, "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
            run("kubectl", "apply", "--kustomize", folder)
        self.await_served()
        report(f"kubectl apply: {time.monotonic() - began:.1f} s to the first acknowledged append")
        self.append_some()
        self.ledger.check(self.address())

    def test_each_helm_installs_it_and_its_test_passes(self):
        for helm in HELMS:
            with self.subTest(helm=helm):
                self.make_namespace()
                began = time.monotonic()
                self.helm("install", helm=helm)
                self.await_served()
                report(f"{helm_name(helm)} install: {time.monotonic() - began:.1f} s to the first acknowledged append")
                self.append_some()
                self.ledger.check(self.address())
                self.helm("test", "--logs", "--timeout", "2m", helm=helm)
                self.helm("upgrade", "--wait", "--timeout", "2m", helm=helm, values={"config": {"max-body": "32Mi"}})
                self.helm("uninstall", "--wait", helm=helm)

    def test_the_engine_memory_is_ready_and_serves_without_a_volume(self):
        self.helm("install", values={"engine": "memory"})
        self.await_served()
        self.append_some()
        self.ledger.check(self.address())
        self.assertEqual(self.get("persistentvolumeclaim")["items"], [])
        self.helm("test", "--timeout", "2m")

    def test_curl_in_another_pod_appends_and_reads_by_the_services_name(self):
        self.helm("install")
        self.await_ready()  # with an empty log
        self.release, self.name = "other", "other-daybook"
        self.helm("install", values={"engine": "memory"})
        self.await_ready()
        other = self.process_id()
        command, expected = readme_session()
        with tempfile.NamedTemporaryFile("w") as resolver:
            resolver.write(pathlib.Path(f"/proc/{other}/root/etc/resolv.conf").read_text())
            resolver.flush()
            for offset, name in enumerate(("daybook", f"daybook.{self.namespace}.svc.cluster.local")):
                there = command.replace("localhost:8080", f"{name}:8080")
                said = run("nsenter", "--net", f"--target={other}", "unshare", "--mount", "bash", "-euc",
                           f"mount --bind {resolver.name} /etc/resolv.conf; {there}")
                self.assertEqual(said, expected.replace('{"offset":0}', f'{{"offset":{offset}}}'))
                report(f"curl in another pod, by {name}: {' '.join(said.split())}")

    def test_uninstall_leaves_the_records_to_the_next_install(self):
        self.helm("install", helm=HELMS[0])
        self.await_served()
        self.append_some()
        self.helm("uninstall", helm=HELMS[0])
        self.await_gone()
        self.assertEqual([each["metadata"]["name"] for each in self.get("persistentvolumeclaim")["items"]],
                         [f"data-{self.name}-0"])
        self.helm("install", helm=HELMS[-1])
        self.await_served()
        self.ledger.check(self.address())

    def test_the_api_server_takes_all_that_the_chart_can_render(self):
        wanted = {"servicemonitors.monitoring.coreos.com", "podmonitors.monitoring.coreos.com",
                  "prometheusrules.monitoring.coreos.com", "httproutes.gateway.networking.k8s.io"}
        there = {line.partition("/")[2] for line in run("kubectl", "get", "crd", "--output", "name").split()}
        if not wanted <= there:
            self.skipTest("the cluster does not know prometheus-operator's objects and the Gateway API's")
        for shape, values in SHAPES.items():
            with self.subTest(shape=shape):
                objects = template(merged(image_values(), values))
                # That of a pod has to be there.
                self.apply({"apiVersion": "v1", "kind": "ServiceAccount",
                            "metadata": {"name": objects.pod()["spec"]["serviceAccountName"]}})
                said = self.apply(*objects, options=["--dry-run=server"])
                self.assertEqual(said.count("(server dry run)"), len(objects), said)

    def test_the_api_server_takes_each_overlay(self):
        for folder in (ROOT / "k8s/overlays").iterdir():
            with self.subTest(overlay=folder.name):
                built = run("kubectl", "kustomize", folder)
                said = self.kubectl("apply", "--dry-run=server", "--filename", "-", text=built)
                self.assertEqual(said.count("(server dry run)"), len(documents(built)), said)


class Values(ClusterTest):
    def refused(self, verb="install", helm=None, **values):
        with self.assertRaises(Refused) as refused:
            self.helm(verb, helm=helm, values=values)
        return str(refused.exception)

    def test_what_cannot_be_is_refused_with_a_sentence(self):
        for helm in HELMS:
            self.assertIn("Set replicas to 1", self.refused(helm=helm, replicas=2))
            self.assertIn("persistance", self.refused(helm=helm, persistance={"size": "1Gi"}))
            self.assertIn("segment-size", self.refused(helm=helm, config={"segment-size": "1Q"}))
        self.assertEqual(self.get("statefulset")["items"], [])

    def test_an_option_that_does_not_parse_is_exit_2_that_names_it(self):
        self.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"},
                    "data": {"daybook.toml": 'segment-size = "1Q"\n'}})
        self.helm("install", values={"existingConfigMap": "mine"})
        code, log = self.await_exit()
        self.assertEqual(code, 2, log)
        self.assertIn("segment-size", log)
        self.assertIn("1Q", log)
        report(f"an option that does not parse: {log.strip()}")
        self.helm("upgrade")  # a broken pod does not keep the change from being rolled out that mends it
        self.await_served()

    def test_a_volume_that_may_not_be_written_is_exit_1_that_names_it(self):
        self.helm("install", values={"podSecurityContext": {"fsGroup": None}})
        code, log = self.await_exit()
        self.assertEqual(code, 1, log)
        self.assertIn("/var/lib/daybook", log)
        self.assertRegex(log, r"Permission denied to uid 65532, gid 65532; .*fsGroup")
        report(f"a volume that may not be written: {log.strip()}")
        self.helm("upgrade")
        self.await_served()

    def test_a_volume_that_is_read_only_is_exit_1_that_names_it(self):
        self.helm("install")
        self.await_served()
        self.append_some()
        before = self.pod()
        mount = "/spec/template/spec/containers/0/volumeMounts/0/readOnly"
        self.kubectl("patch", "statefulset", self.name, "--type=json", "--patch",
                     json.dumps([{"op": "add", "path": mount, "value": True}]))
        self.await_another(before)
        code, log = self.await_exit()
        self.assertEqual(code, 1, log)
        self.assertRegex(log, r"/var/lib/daybook.*Read-only file system")
        report(f"a volume that is read-only: {log.strip()}")
        self.kubectl("patch", "statefulset", self.name, "--type=json", "--patch", json.dumps([{"op": "remove", "path": mount}]))
        self.await_served()
        self.ledger.check(self.address())

    def test_a_service_called_daybook_does_no_harm(self):
        self.release, self.name = "ledger", "ledger-daybook"
        self.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "daybook"},
                    "spec": {"selector": {"app": "another"}, "ports": [{"name": "http", "port": 8080}]}})
        self.helm("install")
        before = self.await_ready()
        self.kubectl("patch", "statefulset", self.name, "--patch",
                     json.dumps({"spec": {"template": {"spec": {"enableServiceLinks": True}}}}))
        self.assertTrue(self.await_ready(unlike=before)["spec"]["enableServiceLinks"])
        self.await_served()
        try:
            variables = pathlib.Path(f"/proc/{self.process_id()}/environ").read_bytes()
        except unittest.SkipTest:
            return  # the rest is only seen from the pod's machine
        self.assertIn(b"DAYBOOK_PORT=tcp://", variables)

    def test_another_size_of_the_volume_is_refused_with_what_to_do(self):
        self.helm("install", values={"persistence": {"size": "1Gi"}})
        self.await_served()
        for helm in HELMS:
            refusal = self.refused("upgrade", helm, persistence={"size": "2Gi"})
            self.assertIn(f"kubectl --namespace {self.namespace} patch persistentvolumeclaim data-daybook-0", refusal)
            self.assertIn(f"kubectl --namespace {self.namespace} delete statefulset daybook --cascade=orphan", refusal)
            self.assertIn("volumes cannot shrink", self.refused("upgrade", helm, persistence={"size": "512Mi"}))
        before = self.pod()["metadata"]["uid"]
        self.kubectl("delete", "statefulset", "daybook", "--cascade=orphan")
        self.helm("upgrade", values={"persistence": {"size": "2Gi"}})
        self.assertEqual(self.await_ready()["metadata"]["uid"], before, "the pod did not go on")
        await_that(lambda: read_only(lambda: self.get("statefulset", "daybook")["status"]["readyReplicas"]) == 1,
                   "the StatefulSet has its pod again")


if __name__ == "__main__":
    unittest.main()
