"""What the tests on Kubernetes share: a namespace for each, what happens in it, and the way to the Service.

They run against what KUBECONFIG points to, on a machine that reaches its Services (a node, or TEST_CLUSTER's `in`),
with the image of the variable IMAGE on each node. scripts/e2e.sh sees to all of that."""
import contextlib
import json
import os
import pathlib
import re
import secrets
import sys
import time
import unittest

from load import Ledger, Load

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helm"))

from chart import CHART, HELMS, SHAPES, Refused, documents, run, template, yaml  # noqa: E402, F401

IMAGE = os.environ.get("IMAGE", "")
PATIENCE_SECONDS = 120
POLL_SECONDS = 0.2
# What kubectl shows in the place of a log that the kubelet has lost, until the container is started anew.
LOG_IS_GONE = ("failed to try resolving symlinks", "unable to retrieve container logs")
POD_SECURITY = "pod-security.kubernetes.io/"


def report(text):
    """A figure, for who reads the output."""
    print(f"e2e: {text}", flush=True)


def await_that(condition, what, seconds=PATIENCE_SECONDS):
    """What `condition` gives, as soon as it is something."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(POLL_SECONDS)
    return found


def read_only(call):
    """What it gives; None while it fails."""
    try:
        return call()
    except (Refused, LookupError):
        return None


def image_values():
    repository, _, tag = IMAGE.rpartition(":")
    return {"image": {"repository": repository, "tag": tag}}


def merged(into, values):
    for key, value in values.items():
        into[key] = merged(dict(into.get(key) or {}), value) if isinstance(value, dict) and value else value
    return into


@unittest.skipUnless(IMAGE and HELMS and yaml, "there is no IMAGE, helm, or yaml for python")
class ClusterTest(unittest.TestCase):
    """Has a namespace with Pod Security `restricted`; a release that is called daybook, as its objects are."""

    release = "daybook"
    name = "daybook"

    def run(self, result=None):
        self._result = result
        return super().run(result)

    def setUp(self):
        self.make_namespace()

    def make_namespace(self):
        """An empty ledger, and a namespace to go with it, until the end of the test."""
        self.namespace = f"daybook-e2e-{secrets.token_hex(4)}"
        labels = {POD_SECURITY + kind: "restricted" for kind in ("enforce", "warn")}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace, "labels": labels}})
        self.ledger = Ledger()
        self.addCleanup(run, "kubectl", "delete", "namespace", self.namespace, "--wait=false")
        self.addCleanup(self.tell_what_was_there)

    def tell_what_was_there(self):
        if any(self is getattr(test, "test_case", test) for test, _ in self._result.failures + self._result.errors):
            for command in (["get", "pods,persistentvolumeclaims,services", "-o", "wide"],
                            ["get", "events", "--sort-by=.lastTimestamp"], ["logs", f"{self.name}-0", "--tail=30"],
                            ["logs", f"{self.name}-0", "--tail=30", "--previous"]):
                with contextlib.suppress(Refused):
                    print(f"--- {command[0]} {command[1]}\n{self.kubectl(*command)}", flush=True)

    # What there is.

    def kubectl(self, *arguments, text=None):
        return run("kubectl", "--namespace", self.namespace, *arguments, text=text)

    def apply(self, *objects, options=()):
        return run("kubectl", "--namespace", self.namespace, "apply", "--filename", "-", *options,
                   text=yaml.safe_dump_all(objects))

    def get(self, *what):
        return json.loads(self.kubectl("get", *what, "--output", "json"))

    def pod(self):
        """The pod; None: there is none."""
        return read_only(lambda: self.get("pod", f"{self.name}-0"))

    def container(self, pod=None):
        """The container's status; {} before it has one."""
        return next(iter(((pod or self.pod() or {}).get("status") or {}).get("containerStatuses") or []), {})

    def log(self, *options):
        return self.kubectl("logs", f"{self.name}-0", *options)

    def address(self):
        spec = self.get("service", self.name)["spec"]
        return spec["clusterIP"], spec["ports"][0]["port"]

    # What is done to it.

    def helm(self, verb, *arguments, helm=None, values=None):
        """install and upgrade are of the chart, with the image under test."""
        command = [helm or HELMS[0], verb, self.release, "--namespace", self.namespace, *arguments]
        if verb not in ("install", "upgrade"):
            return run(*command)
        return run(*command, CHART, "--values", "-", text=yaml.safe_dump(merged(image_values(), values or {})))

    def load(self):
        return Load(self.address(), self.ledger)

    def append(self, value):
        return self.ledger.append(self.address(), value)

    def append_some(self, count=20):
        for number in range(count):
            self.assertTrue(self.append(f"{self.namespace}/{len(self.ledger)}/{number}"))

    # What is waited for.

    def await_ready(self, unlike=None):
        """The ready pod, another one than `unlike`."""
        def ready():
            pod = self.pod()
            if pod and (not unlike or pod["metadata"]["uid"] != unlike["metadata"]["uid"]):
                return pod if self.container(pod).get("ready") and "deletionTimestamp" not in pod["metadata"] else None
            return None

        return await_that(ready, "the pod is ready")

    def await_served(self):
        """Ready, and the Service leads there: an append was acknowledged."""
        self.await_ready()
        await_that(lambda: self.append(f"{self.namespace}/{len(self.ledger)}/{time.monotonic()}"), "an append is acknowledged")

    def await_another(self, before):
        """A pod in place of that one."""
        await_that(lambda: (self.pod() or before)["metadata"]["uid"] != before["metadata"]["uid"], "there is another pod")

    def await_gone(self):
        await_that(lambda: not self.pod(), "the pod is gone")

    def await_exit(self):
        """Exit code and log of a container that ended."""
        def ended():
            status = self.container()
            states = (status.get("state") or {}), (status.get("lastState") or {})
            return next((state["terminated"] for state in states if "terminated" in state), None)

        def said():
            waits = "terminated" not in self.container().get("state", {})
            log = (waits and read_only(lambda: self.log("--previous"))) or read_only(self.log) or ""
            return None if log.startswith(LOG_IS_GONE) else log

        code = await_that(ended, "the container ends")["exitCode"]
        return code, await_that(said, "what it said can be read")

    def await_recovered(self, restarts):
        """That the container was started anew, and is ready."""
        def again():
            status = self.container()
            return status.get("restartCount", 0) > restarts and status.get("ready")

        await_that(again, "the container is ready again")

    # The machine below, where it is this one.

    def process_id(self):
        """Of the program in the pod."""
        container = re.sub(r".*//", "", self.container()["containerID"])
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if container in (path / "cgroup").read_text() and (path / "comm").read_text().strip() == "daybook":
                    return int(path.name)
        self.skipTest("the pod's process is not on this machine, or belongs to somebody else")

    def data_folder(self):
        """Where the volume's files are."""
        claim = self.get("persistentvolumeclaim", f"data-{self.name}-0")
        volume = self.get("persistentvolume", claim["spec"]["volumeName"])["spec"]
        path = pathlib.Path((volume.get("local") or volume.get("hostPath") or {}).get("path", "/nowhere"))
        if not (path / "catalogue").is_dir():
            self.skipTest("the volume's files are not on this machine")
        return path

    def segments(self):
        """Of the log, the oldest first."""
        return sorted(path for path in self.data_folder().glob("*/*.log") if path.parent.name != "catalogue")

    def stopped_with_one_segment(self):
        """The file of a fresh release's one segment, which has records and is served by nobody; what it is called in the pod."""
        self.helm("install")
        self.await_served()
        self.append_some(50)
        [segment] = self.segments()
        place = f"/var/lib/daybook/{segment.relative_to(self.data_folder())}"
        self.helm("upgrade", values={"replicas": 0})
        self.await_gone()
        segment.with_suffix(".index").unlink(missing_ok=True)  # with it nothing before the last mark would be read
        return segment, place


def on_a_test_cluster():
    return bool(os.environ.get("TEST_CLUSTER"))


def flip_bit(path, position):
    with open(path, "r+b") as file:
        file.seek(position)
        [byte] = file.read(1)
        file.seek(position)
        file.write(bytes([byte ^ 1]))
