"""A daybook with the engine `jetstream`, what its clients ask of it, and the class that tests with such begin from."""
import base64
import collections
import http.client
import json
import pathlib
import shutil
import tempfile
import threading
import unittest

from nats.client import NatsClient
from nats.cluster import NatsCluster
from nats.server import program, wait_until
from support.program import Server

ANSWER_SECONDS = 60
READY_SECONDS = 40
NATS_SERVER, WHY_NONE = program()
RECORDS = "/v1/logs/{}/records"
# `document` is the JSON of the body.
Answer = collections.namedtuple("Answer", "code fields document")


class Daybook(Server):
    """Its log lines are kept in `log`, by a thread of its own."""

    def __init__(self, url, monitor_urls=(), prefix="t", *arguments, **options):
        monitor = ("--nats-monitor-urls", ",".join(monitor_urls)) if monitor_urls else ()
        self._folder = tempfile.TemporaryDirectory()
        self.log = []
        super().__init__("--engine", "jetstream", "--nats-url", url, *monitor, "--nats-prefix", prefix, *arguments,
                         data=self._folder.name, **options)
        self._reader = threading.Thread(target=lambda: self.log.extend(self.process.stdout), daemon=True)
        self._reader.start()

    def line(self, message):
        for line in self.process.stdout:
            self.log.append(line)
            if json.loads(line)["message"] == message:
                return json.loads(line)
        raise AssertionError(f"the log ended without '{message}': {self.log}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        if hasattr(self, "_reader"):
            self._reader.join()
        self.process.stdout.close()
        self._folder.cleanup()

    def request(self, method, target, body=None, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            if isinstance(body, (dict, list)):
                body, fields = json.dumps(body), {"Content-Type": "application/json"} | (fields or {})
            connection.request(method, target, body, fields or {})
            answer = connection.getresponse()
            text = answer.read()
            return Answer(answer.status, answer.headers, json.loads(text) if text else None)
        finally:
            connection.close()

    def append(self, *values, log="default", key=None, expected=None, log_id=None):
        """Of texts. One goes as it is, several as a batch."""
        fields = {}
        if key is not None:
            fields["Idempotency-Key"] = key
        if expected is not None:
            fields["Expected-Next-Offset"] = str(expected)
        target = RECORDS.format(log) + (f"?log_id={log_id}" if log_id else "")
        if len(values) == 1:
            return self.request("POST", target, values[0].encode(), fields | {"Content-Type": "text/plain"})
        return self.request("POST", target, {"records": [{"text": value} for value in values]}, fields)

    def read(self, query="offset=first", log="default"):
        return self.request("GET", f"{RECORDS.format(log)}?encoding=text&{query}")

    def values(self, log="default"):
        """All values that are in it, as texts."""
        values, offset = [], "first"
        while True:
            answer = self.read(f"offset={offset}&limit=1000", log)
            assert answer.code == 200, answer
            if not answer.document["records"]:
                return values
            values += [record["text"] if "text" in record else base64.b64decode(record["value"]).decode()
                       for record in answer.document["records"]]
            offset = answer.document["next_offset"]

    def ready(self):
        return self.request("GET", "/readyz")

    def await_ready(self, code=200):
        told = None

        def as_wanted():
            nonlocal told
            told = self.ready()
            return told if told.code == code else None
        try:
            return wait_until(as_wanted, f"a /readyz of {code}", READY_SECONDS)
        except TimeoutError as fault:
            raise AssertionError(f"{fault}: {told.document}") from fault

    def sample(self, name):
        """Of the metrics: the sum of those with that name."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        found = [float(line.split()[-1]) for line in lines if line.split("{")[0].split(" ")[0] == name]
        assert found, f"there is no {name}"
        return sum(found)


@unittest.skipUnless(NATS_SERVER, WHY_NONE)
class JetStreamTest(unittest.TestCase):
    """Servers of NATS and daybooks that end with the test; those of `share()` with the class."""

    tests = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.clusters = 0

    @classmethod
    def make_cluster(cls, add_cleanup, servers, options):
        cls.clusters += 1
        cluster = NatsCluster(pathlib.Path(cls.folder) / str(cls.clusters), servers, **options)
        add_cleanup(cluster.stop)
        cluster.start()
        return cluster

    @classmethod
    def share(cls, servers=3, **options):
        return cls.make_cluster(cls.addClassCleanup, servers, options)

    def start_cluster(self, servers=3, **options):
        return self.make_cluster(self.addCleanup, servers, options)

    def setUp(self):
        JetStreamTest.tests += 1
        self.prefix = f"t{self.tests}"  # of the streams of this test alone

    def daybook(self, cluster, *arguments, url=None, monitor_urls=None, prefix=None, ready=True, **options):
        monitor_urls = cluster.monitor_urls if monitor_urls is None else monitor_urls
        made = Daybook(url or cluster.url, monitor_urls, prefix or self.prefix, *arguments, **options)
        self.addCleanup(made.kill)
        if ready:
            made.await_ready()
        return made

    def stream(self, daybook, log="default", prefix=None):
        """The name that the stream of that log has."""
        told = daybook.request("GET", f"/v1/logs/{log}").document
        return f"{prefix or self.prefix}_{log}_{told['id']}"

    def api(self, cluster, subject, document=None):
        """What JetStream's API answers there, which is no error."""
        with NatsClient(cluster.url) as client:
            payload = b"" if document is None else json.dumps(document).encode()
            answer = json.loads(client.request(f"$JS.API.{subject}", payload)[1])
        self.assertNotIn("error", answer)
        return answer

    def assert_appended(self, answer, first_offset=None, count=1):
        self.assertEqual(answer.code, 201, answer)
        if first_offset is not None:
            self.assertEqual((answer.document["first_offset"], answer.document["count"]), (first_offset, count))


class TwoDaybooksTest(JetStreamTest):
    """Daybooks `a` and `b`, each at a server of its own of one cluster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = cls.share(3)

    def setUp(self):
        super().setUp()
        self.a, self.b = (self.daybook(self.cluster, url=self.cluster.server(i).url) for i in range(2))
