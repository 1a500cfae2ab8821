#!/usr/bin/env python3
"""chart_test.py: what helm/daybook renders, and what it refuses. Skips without helm or PyYAML."""
import functools
import os
import re
import unittest

from api_server import api_server
from chart import (CHART, EVERYTHING, HELMS, JETSTREAM, JETSTREAM_EVERYTHING, NAME_MAX, ROOT, SHAPES, Objects, Refused,
                   default_values, documents, needs_helm, run, template, with_value, yaml)

# The hash that the StatefulSet's controller puts behind the name, in a label.
REVISION_HASH_MAX = 10
# Maps whose keys are Kubernetes' or the operator's.
OPEN_MAPS = {"global", "podSecurityContext", "securityContext", "resources.requests", "resources.limits",
             "ingress.annotations", "dashboard.labels"}


def strings(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from strings(key)
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def closed_maps(values, path=""):
    """The paths of the maps whose keys the chart defines."""
    yield path
    for key, value in values.items():
        inner = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and (value or key == "config") and inner not in OPEN_MAPS:
            yield from closed_maps(value, inner)


@needs_helm
class Rendering(unittest.TestCase):
    def test_each_helm_has_nothing_to_say(self):
        for shape, values in SHAPES.items():
            for helm in HELMS:
                with self.subTest(shape=shape, helm=helm):
                    run(helm, "lint", "--strict", CHART, "--values", "-", text=yaml.safe_dump(values))

    def test_each_helm_renders_the_same(self):
        for shape, values in SHAPES.items():
            first, *others = [template(values, helm=helm) for helm in HELMS]
            for other in others:
                self.assertCountEqual(first, other, shape)

    def test_by_default_it_is_one_pod_with_a_volume(self):
        objects = template()
        self.assertEqual(sorted(each["kind"] for each in objects),
                         ["Pod", "Service", "Service", "ServiceAccount", "StatefulSet"])
        spec = objects.one("StatefulSet")["spec"]
        self.assertEqual((spec["replicas"], len(spec["volumeClaimTemplates"])), (1, 1))
        self.assertEqual(spec["persistentVolumeClaimRetentionPolicy"], {"whenDeleted": "Retain", "whenScaled": "Retain"})
        self.assertIn(spec["serviceName"], [each["metadata"]["name"] for each in objects.kind("Service")])

    def test_the_engine_memory_has_no_volume(self):
        objects = template({"engine": "memory"})
        self.assertNotIn("volumeClaimTemplates", objects.one("StatefulSet")["spec"])
        self.assertNotIn("volumeMounts", objects.container())
        self.assertIn({"name": "DAYBOOK_ENGINE", "value": "memory"}, objects.container()["env"])

    def test_the_engine_jetstream_is_a_deployment_of_three_without_volumes(self):
        objects = template(JETSTREAM)
        self.assertEqual(sorted(each["kind"] for each in objects),
                         ["Deployment", "Pod", "PodDisruptionBudget", "Service", "ServiceAccount"])
        spec = objects.one("Deployment")["spec"]
        self.assertEqual(spec["replicas"], 3)
        self.assertEqual(spec["strategy"], {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
        self.assertEqual(spec["selector"], template().one("StatefulSet")["spec"]["selector"])
        self.assertEqual(objects.one("PodDisruptionBudget")["spec"]["maxUnavailable"], 1)
        pod = objects.pod()["spec"]
        self.assertNotIn("volumes", pod)
        self.assertEqual(pod["terminationGracePeriodSeconds"], 5 + 25 + 15)
        environment = {each["name"]: each["value"] for each in objects.container()["env"]}
        self.assertEqual(environment["DAYBOOK_NATS_MONITOR_URLS"], ",".join(JETSTREAM["nats"]["monitorUrls"]))
        self.assertEqual(environment["DAYBOOK_DRAIN_DELAY"], "5s")
        self.assertNotIn("DAYBOOK_DATA_DIR", environment)
        self.assertNotIn("DAYBOOK_ALLOW_WEAKER_DURABILITY", environment)

    def test_the_engine_jetstream_has_as_many_replicas_as_is_said(self):
        for replicas in (0, 1, 2, 12):
            self.assertEqual(template({**JETSTREAM, "replicas": replicas}).one("Deployment")["spec"]["replicas"], replicas)
        for engine in ("disk", "memory"):
            self.assertEqual(template({"engine": engine, "replicas": 0}).one("StatefulSet")["spec"]["replicas"], 0)

    def test_replicas_are_spread_over_the_nodes_unless_it_is_said_otherwise(self):
        def constraints(**values):
            return template({**JETSTREAM, **values}).pod()["spec"].get("topologySpreadConstraints")

        pods = template(JETSTREAM).one("Deployment")["spec"]["selector"]
        self.assertEqual(constraints(), [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "labelSelector": pods,
                                          "whenUnsatisfiable": "ScheduleAnyway", "matchLabelKeys": ["pod-template-hash"]}])
        own = {"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
        self.assertEqual(constraints(topologySpreadConstraints=[own]), [{**own, "labelSelector": pods}])
        self.assertIsNone(constraints(topologySpreadConstraints=[]))
        self.assertNotIn("topologySpreadConstraints", template().pod()["spec"])

    def test_a_disruption_budget_can_be_had_or_not(self):
        for values, expected in (({}, 0), (JETSTREAM, 1), ({"podDisruptionBudget": {"enabled": True}}, 1),
                                 ({**JETSTREAM, "podDisruptionBudget": {"enabled": False}}, 0)):
            self.assertEqual(len(template(values).kind("PodDisruptionBudget")), expected)

    def test_an_autoscaler_has_the_number_of_replicas_to_itself(self):
        objects = template(JETSTREAM_EVERYTHING)
        deployment, spec = objects.one("Deployment"), objects.one("HorizontalPodAutoscaler")["spec"]
        self.assertNotIn("replicas", deployment["spec"])
        self.assertEqual(spec["scaleTargetRef"],
                         {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment["metadata"]["name"]})
        self.assertEqual((spec["minReplicas"], spec["maxReplicas"]), (2, 6))
        self.assertEqual(spec["metrics"][0]["resource"]["target"], {"type": "Utilization", "averageUtilization": 60})

    def test_what_the_secret_has_for_nats_is_there_as_files(self):
        objects = template(JETSTREAM_EVERYTHING)
        volume = next(each for each in objects.pod()["spec"]["volumes"] if each["name"] == "nats")["secret"]
        mount = next(each for each in objects.container()["volumeMounts"] if each["name"] == "nats")
        self.assertEqual((volume["secretName"], volume["defaultMode"], mount["readOnly"]), ("nats", 0o440, True))
        keys = {f"{mount['mountPath']}/{item['path']}": item["key"] for item in volume["items"]}
        files = {each["name"]: keys[each["value"]] for each in objects.container()["env"] if each["name"].endswith("_FILE")}
        self.assertEqual(files, {"DAYBOOK_NATS_NKEY_SEED_FILE": "ledger.nk", "DAYBOOK_NATS_TLS_CA_FILE": "ca.crt",
                                 "DAYBOOK_NATS_TLS_CERTIFICATE_FILE": "tls.crt", "DAYBOOK_NATS_TLS_KEY_FILE": "tls.key"})
        self.assertEqual(len(keys), len(files))

    def test_the_secret_with_the_tokens_is_a_folder_of_its_own(self):
        self.assertNotIn("access", [each["name"] for each in template().pod()["spec"].get("volumes", [])])
        objects = template({"access": {"existingSecret": "let-in", "key": "who", "protectMetrics": True}})
        volume = next(each for each in objects.pod()["spec"]["volumes"] if each["name"] == "access")["secret"]
        mount = next(each for each in objects.container()["volumeMounts"] if each["name"] == "access")
        self.assertEqual((volume["secretName"], volume["defaultMode"]), ("let-in", 0o440))
        self.assertEqual(volume["items"], [{"key": "who", "path": "tokens"}])
        self.assertEqual((mount["readOnly"], "subPath" in mount), (True, False))
        environment = {each["name"]: each.get("value") for each in objects.container()["env"]}
        self.assertEqual(environment["DAYBOOK_TOKEN_FILE"], f"{mount['mountPath']}/tokens")
        self.assertEqual(environment["DAYBOOK_PROTECT_METRICS"], "true")

    def test_its_own_clients_show_their_tokens(self):
        def probe(**access):
            return template({"access": access}).kind("Pod")

        token = {"secret": "tokens-of-ours", "key": "probe"}
        with_token = probe(existingSecret="let-in", clients={"test": token})[0]["spec"]["containers"][0]
        self.assertNotIn("--read-only", with_token["args"])
        self.assertEqual(with_token["env"], [{"name": "DAYBOOK_TOKEN", "valueFrom": {
            "secretKeyRef": {"name": "tokens-of-ours", "key": "probe"}}}])
        self.assertIn("--read-only", probe(existingSecret="let-in")[0]["spec"]["containers"][0]["args"])
        self.assertEqual(probe(existingSecret="let-in", protectMetrics=True), [])
        monitor = template({"metrics": {"scrape": "serviceMonitor"}, "access": {"clients": {"metrics": token}}})
        self.assertEqual(monitor.one("ServiceMonitor")["spec"]["endpoints"][0]["authorization"],
                         {"credentials": {"name": "tokens-of-ours", "key": "probe"}})

    def test_a_network_policy_lets_daybook_reach_what_its_engine_needs(self):
        def egress(values, **policy):
            return template({**values, "networkPolicy": {"enabled": True, **policy}}).one("NetworkPolicy")["spec"]["egress"]

        dns = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
        self.assertEqual(egress({}), [])
        self.assertEqual(egress(JETSTREAM), [dns, {"ports": [{"protocol": "TCP", "port": 4222}, {"protocol": "TCP", "port": 8222}]}])
        urls = {"url": "tls://nats,nats://[fd00::7],nats://10.0.0.1:4333", "allowWeakerDurability": True}
        self.assertEqual(egress({"engine": "jetstream", "nats": urls})[1]["ports"],
                         [{"protocol": "TCP", "port": 4222}, {"protocol": "TCP", "port": 4333}])
        own = [{"ports": [{"port": 4222}]}]
        self.assertEqual(egress(JETSTREAM, egress=own), own)

    def test_all_that_is_optional_renders(self):
        objects = template(EVERYTHING)
        kinds = {each["kind"] for each in objects}
        self.assertLessEqual({"ConfigMap", "HTTPRoute", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "PrometheusRule",
                              "ServiceMonitor"}, kinds)
        self.assertEqual(objects.one("PodDisruptionBudget")["spec"]["maxUnavailable"], 1)
        for each in objects:
            self.assertEqual(each["metadata"]["labels"]["cost-centre"], "7", each["kind"])
        pod = objects.pod()["spec"]
        for key in ("imagePullSecrets", "priorityClassName", "nodeSelector", "tolerations", "affinity"):
            self.assertEqual(pod[key], EVERYTHING[key])
        self.assertEqual(pod["topologySpreadConstraints"],
                         [{**EVERYTHING["topologySpreadConstraints"][0],
                           "labelSelector": objects.one("StatefulSet")["spec"]["selector"]}])
        container = objects.container()
        for key in ("env", "envFrom", "volumeMounts"):
            self.assertIn(EVERYTHING[key][0], container[key])
        self.assertIn(EVERYTHING["volumes"][0], pod["volumes"])
        self.assertEqual(container["args"], ["serve", "--log-level=debug"])

    def test_the_grace_period_is_longer_than_all_of_a_stop(self):
        def grace(**drain):
            return template({"drain": drain}).pod()["spec"]["terminationGracePeriodSeconds"]

        self.assertEqual(grace(), 25 + 15)
        self.assertEqual(grace(delay=""), 25 + 15)
        self.assertEqual(grace(delay="5s", timeout="2m", margin="10s"), 5 + 120 + 10)
        self.assertEqual(grace(delay="250ms", timeout="500ms", margin="1h"), 1 + 3600)
        self.assertEqual(grace(delay="0ms", timeout="1ms", margin="0s"), 1)

    def test_pods_are_what_pod_security_calls_restricted(self):
        for values in (EVERYTHING, JETSTREAM_EVERYTHING):
            self.is_restricted(template(values))

    def is_restricted(self, objects):
        for pod in (objects.pod(), objects.one("Pod")):
            spec = pod["spec"]
            self.assertFalse(spec["automountServiceAccountToken"])
            self.assertFalse(spec["enableServiceLinks"])
            security = spec["securityContext"]
            self.assertTrue(security["runAsNonRoot"])
            self.assertEqual((security["runAsUser"], security["fsGroup"], security["fsGroupChangePolicy"]),
                             (65532, 65532, "OnRootMismatch"))
            self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})
            for container in spec["containers"]:
                self.assertEqual(container["securityContext"],
                                 {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                                  "readOnlyRootFilesystem": True})
        self.assertFalse(objects.one("ServiceAccount")["automountServiceAccountToken"])

    def test_only_readiness_asks_for_more_than_that_the_process_runs(self):
        container = template().container()
        paths = {kind: container[kind + "Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
        self.assertEqual(paths, {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"})

    def test_a_change_of_the_configuration_rolls_the_pod(self):
        def checksum(objects):
            return objects.pod()["metadata"]["annotations"].get("checksum/config")

        first, same, other = (template({"config": {"max-body": size}}) for size in ("32Mi", "32Mi", "64Mi"))
        self.assertEqual(first.one("ConfigMap")["data"]["daybook.toml"].strip(), 'max-body = "32Mi"')
        self.assertEqual(checksum(first), checksum(same))
        self.assertNotEqual(checksum(first), checksum(other))

    def test_in_maintenance_the_pod_lives_and_is_not_ready(self):
        container = template({"maintenance": True, "args": ["--threads=1"]}).container()
        self.assertEqual(container["args"], ["serve", "--maintenance", "--threads=1"])
        self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/healthz")
        self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_the_configuration_may_be_a_config_map_that_is_there(self):
        objects = template({"existingConfigMap": "mine"})
        self.assertEqual(objects.kind("ConfigMap"), [])
        self.assertEqual(objects.pod()["spec"]["volumes"], [{"name": "config", "configMap": {"name": "mine"}}])
        self.assertIn({"name": "DAYBOOK_CONFIG", "value": "/etc/daybook/daybook.toml"}, objects.container()["env"])

    def test_helm_test_asks_where_it_is_served_and_is_let_in(self):
        for values, url in (({"service": {"port": 80}}, ["--url=http://daybook:80"]),
                            (EVERYTHING, ["--url=http://daybook:8080", "--metrics-url=http://daybook:9090"])):
            objects = template(values)
            probe = objects.one("Pod")
            self.assertEqual(probe["spec"]["containers"][0]["args"], ["probe", *url])
        for rule in objects.one("NetworkPolicy")["spec"]["ingress"]:
            selectors = [peer["podSelector"]["matchLabels"].items() for peer in rule["from"]
                         if peer.get("podSelector", {}).get("matchLabels")]
            self.assertTrue(any(each <= probe["metadata"]["labels"].items() for each in selectors), rule["ports"])

    def test_the_image_is_what_is_said(self):
        digest = "sha256:" + "0" * 64
        for image, expected in (({}, "daybook:" + yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]),
                                ({"registry": "example.com", "tag": "7"}, "example.com/daybook:7"),
                                ({"digest": digest, "tag": "7"}, "daybook@" + digest)):
            objects = template({"image": image})
            for container in (objects.container(), objects.one("Pod")["spec"]["containers"][0]):
                self.assertEqual(container["image"], expected)


@needs_helm
class Names(unittest.TestCase):
    def test_names_are_legal_at_a_release_name_of_53_characters(self):
        names = set()
        for release in ("r" * 52 + "1", "r" * 52 + "2", "r" * 42 + "-" + "r" * 10):
            objects = template(EVERYTHING, release=release)
            name = objects.one("StatefulSet")["metadata"]["name"]
            names.add(name)
            self.assertLessEqual(len(name) + 1 + REVISION_HASH_MAX, NAME_MAX)
            for each in [*(each["metadata"]["name"] for each in objects), f"data-{name}-0"]:
                self.assertRegex(each, r"^[a-z]([-a-z0-9]*[a-z0-9])?$")
                self.assertLessEqual(len(each), NAME_MAX)
            for each in objects:
                for value in each["metadata"]["labels"].values():
                    self.assertLessEqual(len(value), NAME_MAX)
        self.assertEqual(len(names), 3, "releases with different names share objects")

    def test_names_can_be_chosen(self):
        self.assertEqual(template({"fullnameOverride": "ledger"}).one("StatefulSet")["metadata"]["name"], "ledger")
        self.assertEqual(template({}, release="prod").one("StatefulSet")["metadata"]["name"], "prod-daybook")


@needs_helm
class Refusals(unittest.TestCase):
    def refuses(self, values, *words):
        with self.assertRaises(Refused) as refused:
            template(values)
        for word in words:
            self.assertIn(word, str(refused.exception))

    def test_more_than_one_replica_is_refused_with_the_reason(self):
        self.refuses({"replicas": 2}, "replicas is 2", "one volume", "another log behind the same Service", "Set replicas to 1")
        self.refuses({"replicas": 3, "engine": "memory"}, "replicas is 3", "another log", "Set replicas to 1")
        for engine in ("disk", "memory"):
            self.refuses({"engine": engine, "autoscaling": {"enabled": True}}, "autoscaling.enabled is true", engine)

    def test_the_engine_jetstream_is_refused_without_what_it_needs(self):
        nats = JETSTREAM["nats"]

        def refuses(words, values=None, **changed):
            self.refuses({"engine": "jetstream", "nats": {**nats, **changed}, **(values or {})}, *words)

        self.refuses({"engine": "jetstream"}, "nats.url is empty", "such as nats://nats:4222")
        refuses(["nats.monitorUrls is empty", "nats.allowWeakerDurability"], monitorUrls=[])
        refuses(["nats.replicas is 2", "nats.allowWeakerDurability"], replicas=2)
        template({"engine": "jetstream", "nats": {"url": "nats://nats", "replicas": 1, "allowWeakerDurability": True}})
        refuses(["nats.existingSecret and nats.secretKeys go together"], existingSecret="nats")
        refuses(["nats.existingSecret and nats.secretKeys go together"], secretKeys={"password": "password"})
        refuses(["maintenance is true", "no volume"], {"maintenance": True})
        refuses(["autoscaling.minReplicas is 3", "maxReplicas is 2"], {"autoscaling": {"enabled": True, "maxReplicas": 2}})
        refuses(["resources.requests.cpu is not set"],
                {"autoscaling": {"enabled": True}, "resources": {"requests": {"cpu": None}}})

    def test_protected_metrics_without_tokens_are_refused(self):
        self.refuses({"access": {"protectMetrics": True}}, "access.existingSecret is empty")

    def test_a_misspelt_key_is_refused_at_every_level(self):
        for path in closed_maps(default_values()):
            with self.subTest(path=path):
                self.refuses(with_value(f"{path}.misspelt".lstrip("."), "x"), "misspelt")

    def test_global_is_admitted(self):
        template({"global": {"imageRegistry": "example.com", "deep": {"er": 1}}})

    def test_what_does_not_parse_is_refused_with_its_place(self):
        for path, value in (("engine", "redis"), ("replicas", -1), ("drain.timeout", 25), ("drain.delay", "5 s"),
                            ("persistence.size", "8G"), ("persistence.retention.whenDeleted", "Keep"),
                            ("config.max-body", "32MB"), ("config.idle-timeout", "75"), ("config.log-level", "trace"),
                            ("config.threads", "two"), ("image.digest", "latest"), ("metrics.scrape", "both"),
                            ("replicas", "three"), ("nats.url", "nats:4222"), ("nats.url", "nats://a, nats://b"),
                            ("nats.url", "nats://user:secret@a"), ("nats.monitorUrls", "http://a:8222"),
                            ("nats.prefix", "a.b"), ("nats.replicas", 6), ("nats.timeout", "5"), ("nats.nkey", "SUA"),
                            ("nats.secretKeys.password", "a/b"), ("autoscaling.minReplicas", 0),
                            ("podDisruptionBudget.enabled", "yes"), ("topologySpreadConstraints", {})):
            with self.subTest(path=path):
                self.refuses(with_value(path, value), path.replace(".", "/"))

    def test_an_option_that_the_chart_sets_is_refused_in_config(self):
        self.refuses({"config": {"drain-timeout": "1m"}}, "drain-timeout")
        self.refuses({"config": {"nats-url": "nats://nats"}}, "nats-url")

    def test_two_configurations_are_refused(self):
        self.refuses({"config": {"threads": 2}, "existingConfigMap": "mine"}, "config and existingConfigMap are both set")

    def test_one_port_for_both_is_refused(self):
        self.refuses({"metrics": {"port": 8080}}, "metrics.port is 8080")

    def test_a_route_that_leads_nowhere_is_refused(self):
        self.refuses({"ingress": {"enabled": True}}, "ingress.hosts is empty")
        self.refuses({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs is empty")


def documented_keys():
    """Of values.yaml: path, what stands behind the key, and the comment above it."""
    path, comment = [], []
    for line in (CHART / "values.yaml").read_text().splitlines():
        key = re.match(r"( *)([\w./-]+):", line)
        if line.lstrip().startswith("#"):
            comment.append(line.strip("# "))
            continue
        if key:
            path[len(key[1]) // 2:] = [key[2]]
            yield tuple(path), line[key.end():].strip(), " ".join(comment)
        comment = []


def value_rows():
    """The rows of README.md's table. A map whose keys have no comments is one row."""
    keys = list(documented_keys())
    whole = []
    for path, default, comment in keys:
        inside = [key for key in keys if key[0][:len(path)] == path and key[0] != path]
        if any(path[:len(each)] == each for each in whole):
            continue
        if inside and not any(key[2] for key in inside):
            whole.append(path)
            value = functools.reduce(lambda outer, name: outer[name], path, default_values())
            default = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False).strip()
        elif not default and not comment:
            continue  # a group whose keys speak for themselves
        yield ".".join(path), default, comment


class Documentation(unittest.TestCase):
    @needs_helm
    def test_the_readme_has_each_value(self):
        rows = list(value_rows())
        self.assertEqual([path for path, _, comment in rows if not comment], [], "not documented")
        table = "| value | default | what it is |\n|---|---|---|\n" + "".join(
            f"| `{path}` | {f'`{default}`' if default else ''} | {comment} |\n" for path, default, comment in rows)
        readme = CHART / "README.md"
        before, begin, rest = readme.read_text().partition("<!-- values -->\n")
        _, end, after = rest.partition("<!-- end of values -->\n")
        text = before + begin + table + end + after
        if os.environ.get("DAYBOOK_WRITE_DOCS"):
            readme.write_text(text)
        self.assertTrue(begin and end)
        self.assertEqual(readme.read_text(), text, "`make docs` writes it")

    @needs_helm
    def test_config_takes_the_options_of_the_program(self):
        schema = yaml.safe_load((CHART / "values.schema.json").read_text())
        options = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
        set_by_the_chart = {"engine", "data-dir", "listen-address", "maintenance", "metrics-address", "drain-delay",
                            "drain-timeout", "allow-weaker-durability", "token-file", "protect-metrics",
                            *(each for each in options if each.startswith("nats-"))}
        self.assertEqual(set(schema["properties"]["config"]["properties"]), options - set_by_the_chart)

    @needs_helm
    def test_there_is_one_version(self):
        version = re.search(r"project\(daybook VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))

    @needs_helm
    def test_the_notes_commands_are_about_what_is_there(self):
        for values in ({}, {"engine": "memory"}, JETSTREAM, {"maintenance": True}, {"persistence": {"retention": {"whenDeleted": "Delete"}}}):
            with api_server() as kubeconfig:
                text = run(HELMS[-1], "install", "prod", CHART, "--namespace", "logs", "--dry-run=client", "--values", "-",
                           "--kubeconfig", kubeconfig, "--disable-openapi-validation", text=yaml.safe_dump(values))
            rendered, _, notes = text.partition("\nNOTES:\n")
            objects = Objects(documents(rendered[rendered.index("\n---"):]))
            commands = [line.strip() for line in notes.splitlines() if line.startswith("    ")]
            self.assertGreater(len(commands), 1)
            run("bash", "-n", text="\n".join(commands))
            there = {(each["kind"].lower(), each["metadata"]["name"]) for each in objects}
            named = [match.groups() for command in commands
                     for match in re.finditer(r"\b(statefulset|deployment|service)[ /](\S+)", command)]
            self.assertLessEqual(set(named), there)
            for command in commands:
                if command.startswith(("kubectl", "helm")):
                    self.assertIn("--namespace logs", command)


if __name__ == "__main__":
    unittest.main()
