"""What the tests of the chart share: it is rendered as `helm template` renders it."""
import functools
import json
import os
import pathlib
import shutil
import subprocess
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "daybook"
# Each Helm that is there: the variables HELM and HELM4, or what is on PATH.
HELMS = [path for path in map(shutil.which, [os.environ.get("HELM", "helm"), os.environ.get("HELM4", "helm4")]) if path]
# What a Pod, Service or label's name may be long.
NAME_MAX = 63

needs_helm = unittest.skipUnless(HELMS and yaml, "there is no helm, or no yaml for python, here")


class Refused(Exception):
    pass


def run(*command, text=None):
    ended = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, timeout=120)
    if ended.returncode != 0:
        raise Refused(ended.stdout + ended.stderr)
    return ended.stdout


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


class Objects(list):
    """Objects of Kubernetes."""

    def kind(self, kind):
        return [each for each in self if each["kind"] == kind]

    def one(self, kind):
        found = self.kind(kind)
        assert len(found) == 1, f"{len(found)} of {kind}"
        return found[0]

    def workload(self):
        found = self.kind("StatefulSet") + self.kind("Deployment")
        assert len(found) == 1, f"{len(found)} workloads"
        return found[0]

    def pod(self):
        return self.workload()["spec"]["template"]

    def container(self):
        return self.pod()["spec"]["containers"][0]


def template(values=None, release="daybook", chart=CHART, helm=None):
    text = json.dumps(values or {})
    return Objects(documents(run(helm or HELMS[0], "template", release, chart, "--values", "-", text=text)))


@functools.cache
def default_values():
    return yaml.safe_load((CHART / "values.yaml").read_text())


def with_value(path, value):
    """The values in which `path`, such as drain.timeout, has `value`."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


# Everything that is off by default, on.
EVERYTHING = {
    "config": {"max-body": "32Mi", "threads": 2, "access-log": True},
    "ingress": {"enabled": True, "hosts": ["daybook.example.com"],
                "tls": [{"secretName": "daybook-tls", "hosts": ["daybook.example.com"]}]},
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "gateway"}], "hostnames": ["daybook.example.com"]},
    "metrics": {"port": 9090, "scrape": "serviceMonitor", "interval": "15s", "labels": {"release": "prometheus"}},
    "alerts": {"enabled": True, "labels": {"release": "prometheus"}, "runbooks": "https://example.com/runbooks"},
    "dashboard": {"enabled": True},
    "networkPolicy": {"enabled": True, "metricsFrom": [{"namespaceSelector": {}}]},
    "podDisruptionBudget": {"enabled": True},
    "imagePullSecrets": [{"name": "registry"}],
    "args": ["--log-level=debug"],
    "env": [{"name": "TZ", "value": "UTC"}],
    "envFrom": [{"secretRef": {"name": "more"}}],
    "volumes": [{"name": "more", "emptyDir": {}}],
    "volumeMounts": [{"name": "more", "mountPath": "/more"}],
    "podAnnotations": {"example.com/team": "ledger"},
    "podLabels": {"team": "ledger"},
    "commonLabels": {"cost-centre": "7"},
    "priorityClassName": "high",
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "storage", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
}

# The least that the engine jetstream takes.
JETSTREAM = {
    "engine": "jetstream",
    "nats": {"url": "nats://nats:4222",
             "monitorUrls": [f"http://nats-{number}.nats-headless:8222" for number in range(3)]},
}
# Everything of it that is off by default, on.
JETSTREAM_EVERYTHING = {
    **EVERYTHING,
    "engine": "jetstream",
    "nats": {**JETSTREAM["nats"], "prefix": "ledger", "replicas": 5, "timeout": "2s", "allowWeakerDurability": True,
             "nkey": "U" + "A" * 55, "existingSecret": "nats",
             "secretKeys": {"nkeySeed": "ledger.nk", "tlsCa": "ca.crt", "tlsCertificate": "tls.crt", "tlsKey": "tls.key"}},
    "autoscaling": {"enabled": True, "minReplicas": 2, "maxReplicas": 6, "targetCPUUtilizationPercentage": 60},
}

# A larger installation: k8s/overlays/production.
PRODUCTION = {
    "metrics": {"port": 9090},
    "persistence": {"size": "100Gi"},
    "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "4Gi"}},
    "networkPolicy": {"enabled": True, "metricsFrom": [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]},
    "podDisruptionBudget": {"enabled": True},
}

# Values between them lead through each branch of the templates.
SHAPES = {
    "default": {},
    "memory": {"engine": "memory"},
    "jetstream": JETSTREAM,
    "jetstream, everything": JETSTREAM_EVERYTHING,
    "production": PRODUCTION,
    "everything": EVERYTHING,
    "podMonitor": {"metrics": {"scrape": "podMonitor", "port": 9090}},
    "no scraping": {"metrics": {"scrape": "none"}},
    "maintenance": {"maintenance": True},
    "a ConfigMap of one's own": {"existingConfigMap": "mine"},
    "a ServiceAccount of one's own": {"serviceAccount": {"create": False, "name": "mine"}},
    "names of one's own": {"fullnameOverride": "ledger", "commonLabels": {"team": "ledger"}},
    "another Service": {"service": {"port": 80, "spec": {"ipFamilyPolicy": "PreferDualStack"}}},
}
