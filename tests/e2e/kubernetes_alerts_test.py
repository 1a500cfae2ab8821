#!/usr/bin/env python3
"""kubernetes_alerts_test.py: each alert of the chart fires in a real Prometheus when what it is about happens to a pod, and not
before. scripts/e2e.sh runs it."""
import collections
import contextlib
import os
import pathlib
import re
import signal
import threading
import time
import unittest

from cluster import PATIENCE_SECONDS, POLL_SECONDS, await_that, flip_bit, report
from disk import Disk, held, needs_this_machine
from kubernetes_access_test import WithTokens, line_of
from load import Ledger, answers, append_request, connected, read_request, send
from watched import Watched, shipped_rules

# By how much the rules are hastened; less, where they wait for others, who do not hasten: Prometheus, which takes up to 5 s to
# find a pod, and the kubelet, with its probes and with how long it waits before it starts a container again.
FASTER = 60
FASTER_OF = {"DaybookDown": 12, "DaybookNotReady": 20, "DaybookRestarts": 20}
SECONDS_OF = {"s": 1, "m": 60, "h": 3600, "d": 86400}

SEGMENT_HEADER_BYTES = 4096
FRAME_ALIGNMENT = 8
QUIET_SECONDS = 8
SMALL_APPENDS = 1200
LARGE_APPENDS = 80
LARGE_VALUE = "x" * (1 << 20)
CONNECTIONS_MAX = 40
LOGGED_REQUESTS = 200
HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: daybook\r\n\r\n"
# The machine's own disk may be slow, and a process that was killed twice waits for its start.
MAY_FIRE_BESIDES = {"DaybookSyncsSlow", "DaybookAppendsSlow", "DaybookDown"}
# Those that a test has fire.
ALERTS = set()


def hastened(rules):
    """The rules as they are, thresholds too, but for their durations: `for`, ranges, and 3600, an hour in seconds."""
    def shorter(duration, factor):
        number, unit = re.fullmatch(r"(\d+)([smhd])", duration).groups()
        return f"{int(number) * SECONDS_OF[unit] * 1000 // factor}ms"

    for rule in rules["groups"][0]["rules"]:
        factor = FASTER_OF.get(rule["alert"], FASTER)
        rule["expr"] = re.sub(r"\[(\w+)\]", lambda each: f"[{shorter(each[1], factor)}]", rule["expr"])
        rule["expr"] = re.sub(r"\b3600\b", str(3600 // factor), rule["expr"])
        if "for" in rule:
            rule["for"] = shorter(rule["for"], factor)
    return rules


def alerts_of(*names):
    """What the test has fire."""
    ALERTS.update(names)
    return needs_this_machine


class Alerts(WithTokens, Watched):
    def setUp(self):
        super().setUp()
        self.ledgers = collections.defaultdict(Ledger)

    def watch(self):
        """Nothing fires while all is well."""
        self.start_prometheus(hastened(shipped_rules()))
        await_that(self.targets_up, "there is a target")
        time.sleep(QUIET_SECONDS)
        self.assertEqual(self.fired(), set(), "alerts while all is well")

    def about(self, release):
        """From here on the test is about this release."""
        self.release, self.name, self.ledger = release, f"{release}-daybook", self.ledgers[release]

    def fired(self, **labels):
        """The alerts that have fired so far."""
        wanted = "".join(f',{name}="{value}"' for name, value in labels.items())
        query = f'count by (alertname) (count_over_time(ALERTS{{alertstate="firing"{wanted}}}[1h]))'
        samples = self.samples(query)
        self.assertIsNotNone(samples, "Prometheus does not answer")
        return {each["metric"]["alertname"] for each in samples}

    @contextlib.contextmanager
    def fires(self, *alerts):
        """They have not fired before, and do for what happens within."""
        self.assertEqual(self.fired() & set(alerts), set(), "fired before its fault")
        began = time.monotonic()
        waiting = Waiting(self, alerts)
        yield waiting
        waiting.end()
        report(f"{', '.join(alerts)}: after {time.monotonic() - began:.1f} s")

    def codes(self, address, *requests):
        """Of the answers to a client of its own."""
        with connected(address) as connection:
            send(connection, *requests)
            return {code for code, _ in answers(connection, len(requests))}

    def waiting_client(self, clients, address, value):
        """A client that has sent an append and not had its answer; it is closed with `clients`."""
        client = clients.enter_context(connected(address))
        send(client, append_request(value))
        return client

    @contextlib.contextmanager
    def appending(self, value, clients, pace_seconds):
        """Meanwhile these clients append."""
        ended, address, codes = threading.Event(), self.address(), set()

        def append():
            with connected(address) as connection:
                while not ended.wait(pace_seconds):
                    send(connection, append_request(value))
                    codes.add(answers(connection)[0][0])

        threads = [threading.Thread(target=append) for _ in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        self.assertEqual(codes, {200})

    @alerts_of("DaybookSyncsSlow", "DaybookAppendsSlow", "DaybookDiskHangs", "DaybookQueueLong", "DaybookAppendsFail",
               "DaybookNotReady", "DaybookDown")
    def test_a_slow_and_a_hanging_disk_fire_their_alerts(self):
        disk = Disk(self, 512)
        self.helm("install", values=disk.values)
        self.await_served()
        self.watch()
        with self.fires("DaybookSyncsSlow", "DaybookAppendsSlow") as waiting, self.appending("slow", 4, 0.1):
            while waiting:
                with disk.frozen():
                    time.sleep(0.4)
                time.sleep(0.1)
        with contextlib.ExitStack() as clients:
            address = self.address()
            with self.fires("DaybookDiskHangs", "DaybookQueueLong", "DaybookAppendsFail") as waiting, disk.frozen():
                waiters = [self.waiting_client(clients, address, f"small {number}") for number in range(SMALL_APPENDS)]
                waiters += [self.waiting_client(clients, address, LARGE_VALUE) for _ in range(LARGE_APPENDS)]
                while waiting:
                    self.assertEqual(self.codes(address, append_request(LARGE_VALUE)), {503})
            self.assertEqual({answers(waiter)[0][0] for waiter in waiters}, {200, 503})
        with self.fires("DaybookDown"):
            self.helm("upgrade", values={**disk.values, "replicas": 0})
            self.await_gone()
        with self.fires("DaybookNotReady") as waiting, disk.frozen():
            self.helm("upgrade", values=disk.values)
            waiting.end()
        self.await_served()

    @alerts_of("DaybookDiskFillsUp", "DaybookFull", "DaybookConnectionsRefused", "DaybookLogLinesDropped", "DaybookReadsFail",
               "DaybookDamageFound", "DaybookTornTailCut", "DaybookRestarts")
    def test_a_full_disk_a_crowd_an_unread_output_damage_and_kills_fire_theirs(self):
        self.about("filling")
        disk = Disk(self, 256)
        self.helm("install", values=disk.values)
        self.about("crowded")
        self.helm("install", values={"config": {"max-connections": CONNECTIONS_MAX, "access-log": True}})
        self.about("killed")
        self.helm("install")
        for release in ("filling", "crowded", "killed"):
            self.about(release)
            self.await_served()
        self.watch()

        self.about("rotting")
        self.rot()
        self.about("filling")
        with self.fires("DaybookDiskFillsUp", "DaybookDamageFound"), self.appending("x" * (256 << 10), 1, 0.5):
            self.about("crowded")
            self.crowd()
            self.leave_output_unread()
            self.about("killed")
            self.damage()
            self.kill()
        self.about("filling")
        address = self.address()
        with self.fires("DaybookFull") as waiting:
            while waiting:
                self.assertLessEqual(self.codes(address, append_request(LARGE_VALUE)), {200, 507})
        for pod, alerts in (("filling-daybook-0", {"DaybookDiskFillsUp", "DaybookFull"}),
                            ("rotting-daybook-0", {"DaybookDamageFound"}),
                            ("crowded-daybook-0", {"DaybookConnectionsRefused", "DaybookLogLinesDropped"}),
                            ("killed-daybook-0", {"DaybookReadsFail", "DaybookTornTailCut", "DaybookRestarts"})):
            self.assertEqual(self.fired(pod=pod) - MAY_FIRE_BESIDES, alerts, pod)

    @alerts_of("DaybookTokenFileWrong")
    def test_a_token_file_that_becomes_wrong_fires_its_alert(self):
        self.let_in(line_of("one", "append"))
        self.helm("install", values={"access": {"existingSecret": "let-in"}})
        self.await_ready()
        self.watch()
        with self.fires("DaybookTokenFileWrong"):
            self.let_in("half a line")

    def rot(self):
        """A bit of a segment that was ended flips, before it is verified, a minute after the start."""
        self.helm("install", values={"config": {"segment-size": "64Ki", "scrub-rate": "1Gi"}})
        self.await_served()
        for number in range(3):
            self.append(f"{number}/" + "x" * (40 << 10))
        first, *_, _ = self.segments()
        flip_bit(first, SEGMENT_HEADER_BYTES + 200)

    def crowd(self):
        address = self.address()
        with contextlib.ExitStack() as clients, self.fires("DaybookConnectionsRefused") as waiting:
            for _ in range(CONNECTIONS_MAX):
                clients.enter_context(connected(address))
            while waiting:
                self.assertEqual(self.codes(address, read_request(0)), {503})
                self.assertEqual(self.codes(address, HEALTHZ), {200})
            self.assertEqual(self.container()["restartCount"], 0)
            self.assertTrue(self.container()["ready"])

    def leave_output_unread(self):
        """Its reader is the process that began the container's."""
        status = pathlib.Path(f"/proc/{self.process_id()}/status").read_text()
        reader = re.search(r"^PPid:\s+(\d+)$", status, re.MULTILINE)[1]
        self.assertIn("shim", pathlib.Path(f"/proc/{reader}/comm").read_text())
        address = self.address()
        with self.fires("DaybookLogLinesDropped") as waiting, held("kill -STOP", "kill -CONT", reader):
            while waiting:
                self.assertEqual(self.codes(address, *[HEALTHZ] * LOGGED_REQUESTS), {200})

    def damage(self):
        """While it is served, and then mended."""
        self.append_some(50)
        flip_bit(self.active_segment(), SEGMENT_HEADER_BYTES + 200)
        with self.fires("DaybookReadsFail"):
            self.assertEqual(self.codes(self.address(), *map(read_request, range(10))), {200, 500})
        flip_bit(self.active_segment(), SEGMENT_HEADER_BYTES + 200)

    def kill(self):
        with self.fires("DaybookTornTailCut", "DaybookRestarts"):
            for _ in range(3):
                restarts, process = self.container()["restartCount"], self.process_id()
                os.kill(process, signal.SIGKILL)
                await_that(lambda: not pathlib.Path(f"/proc/{process}/stat").exists(), "the process has ended")
                if not restarts:
                    tear(self.active_segment())
                self.await_recovered(restarts)
        self.await_served()
        self.ledger.check(self.address())

    def active_segment(self):
        return self.segments()[-1]


class EachAlert(unittest.TestCase):
    def test_each_alert_fires_in_a_test(self):
        rules = shipped_rules()["groups"][0]["rules"]
        self.assertEqual(sorted(rule["alert"] for rule in rules), sorted(ALERTS))


class Waiting:
    """True until the alerts fire, but not for ever."""

    def __init__(self, test, alerts):
        self._test, self._alerts = test, set(alerts)
        self._end = time.monotonic() + PATIENCE_SECONDS

    def __bool__(self):
        missing = self._alerts - self._test.fired()
        if missing and time.monotonic() > self._end:
            raise AssertionError(f"not within {PATIENCE_SECONDS} s: {', '.join(sorted(missing))}")
        return bool(missing)

    def end(self):
        while self:
            time.sleep(POLL_SECONDS)


def tear(segment):
    """Leaves something behind the last frame, as a write does that is torn by a kill of the machine."""
    frames = segment.read_bytes().rstrip(b"\0")
    with open(segment, "r+b") as file:
        file.seek(-(-len(frames) // FRAME_ALIGNMENT) * FRAME_ALIGNMENT)
        file.write(b"torn" * 1000)


if __name__ == "__main__":
    unittest.main()
