"""Rows about the engine jetstream: appends to `daybook serve` on three servers of NATS that sync always, beside cnats
alone, which publishes to the same servers."""
import contextlib
import dataclasses
import json
import pathlib
import sys
import time

from yardstick import drivers, servers
from yardstick.cells import median
from yardstick.entries import Entry
from yardstick.rows import Row

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests"))
from nats.client import NatsClient  # noqa: E402
from nats.cluster import NatsCluster  # noqa: E402
from nats.server import program, wait_until  # noqa: E402

IN_FLIGHT = {"nats-64": 64, "nats-1024": 1024}
ROWS = (*IN_FLIGHT, "nats-open")
PEAK = "nats-1024"  # the row whose rate is cnats's peak
CONNECTIONS_OPEN_LOOP = 1024
DAYBOOK = "daybook"
STREAM = "bench_nats_publish"
SUBJECT = "bench.nats.publish"
MOVE_SECONDS = 20
FIRST_SECONDS = 0.1  # of the load that has a stream be made
DURABILITY = "quorum"


@dataclasses.dataclass(frozen=True)
class Publisher:
    """cnats alone. It sends each message at once, as daybook has it do, or in a buffer, which is cnats's own way."""
    subject: str
    send: str


ASAP, BUFFERED = Publisher("cnats", "asap"), Publisher("cnats, buffered", "buffered")


class Nats:
    """The servers, and a daybook on them, for all rows. Clients connect to the first server, which leads both streams."""

    def __init__(self, at_size):
        self._at_size = at_size
        self._stack = contextlib.ExitStack()
        self.peaks = {}  # appends/s by subject, when the row is done that tells
        self.daybook = None

    def __enter__(self):
        try:
            folder = self._stack.enter_context(self._at_size.folder("nats"))
            self._cluster = NatsCluster(folder)
            self._stack.callback(self._cluster.stop)
            self._cluster.start()
            self._client = self._stack.enter_context(NatsClient(self.url))
            self.daybook = self._stack.enter_context(self._serve())
            self.load("nats-64", seconds=FIRST_SECONDS)
            self.publish(ASAP, "--in-flight", 1, seconds=FIRST_SECONDS)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    @property
    def url(self):
        return self._cluster.server(0).url

    def load(self, row, rate=None, seconds=None):
        """Of bench_load."""
        settings = self._settings(seconds)
        row = Row(row, "append", IN_FLIGHT.get(row, CONNECTIONS_OPEN_LOOP))
        return self._measured(lambda: drivers.measure(
            self.daybook, lambda: drivers.Load.run(self.daybook, row, settings, rate)))

    def publish(self, publisher, *options, seconds=None):
        settings = self._settings(seconds)
        warmup = settings.seconds * drivers.WARMUP_SHARE
        command = [servers.built(settings, "bench_nats_publish"), "--url", self.url, "--stream", STREAM, "--subject",
                   SUBJECT, "--value-bytes", settings.value_bytes, "--send", publisher.send, "--seconds",
                   settings.seconds, "--warmup-seconds", warmup, *options]
        return self._measured(lambda: drivers.with_shares(json.loads(
            drivers.run([str(word) for word in command], settings.seconds + warmup))))

    def lead(self):
        """Has the first server lead both streams, so that neither client's messages go by way of another."""
        streams = self._ask("STREAM.NAMES", {})["streams"]
        for stream in streams:
            if stream != STREAM and not stream.startswith("daybook_default_"):
                continue
            end = time.monotonic() + MOVE_SECONDS
            while (leader := self._cluster.stream_leader(stream)) != 0:
                if time.monotonic() > end:
                    raise RuntimeError(f"{stream} is led by {leader}, not by the first server of NATS")
                self._ask(f"STREAM.LEADER.STEPDOWN.{stream}", {"placement": {"preferred": self._cluster.server(0).name}})
                with contextlib.suppress(TimeoutError):
                    wait_until(lambda: self._cluster.stream_leader(stream) == 0 or None, stream, 1)

    def _ask(self, what, document):
        return json.loads(self._client.request(f"$JS.API.{what}", json.dumps(document).encode())[1])

    def _settings(self, seconds):
        settings = self._at_size.settings
        if seconds is None:
            return settings
        fields = {**vars(settings), "seconds": min(seconds, settings.seconds)}
        return type(settings)(**fields)

    def _serve(self):
        monitors = ",".join(self._cluster.monitor_urls)
        command = servers.serve_command(self._at_size.settings, "--engine", "jetstream", "--nats-url", self.url,
                                        "--nats-monitor-urls", monitors, "--drain-delay", "0ms")
        kind = servers.Kind("jetstream", "jetstream", servers.printing_its_port(command), durability=DURABILITY,
                            **servers.DAYBOOK)
        return servers.Server(kind, self._at_size.settings, 0)

    def _measured(self, run):
        """What `run` tells, and the CPU that the servers of NATS used meanwhile."""
        clocks = [servers.cpu_clock(server.pid) for server in self._cluster.servers]
        before = sum(time.clock_gettime(clock) for clock in clocks)
        sample = run()
        sample["nats_cpu_seconds"] = sum(time.clock_gettime(clock) for clock in clocks) - before
        if not sample["answers"]:
            raise RuntimeError(f"no append was answered: {sample['errors']}")
        return sample


def measured(at_size, row):
    why = missing(at_size)
    if why:
        at_size.skip(f"{row} is left out: {why}.")
        return []
    nats = at_size.held("nats", lambda: Nats(at_size))
    nats.lead()
    wrong = drivers.probe_durable(nats.daybook, Row(row, "append"), at_size.settings)
    if wrong:
        raise RuntimeError(f"daybook on NATS {wrong}")
    return closed(at_size, nats, row) if row in IN_FLIGHT else opened(at_size, nats, row)


def missing(at_size):
    path, why = program()
    try:
        servers.built(at_size.settings, "bench_nats_publish")
    except servers.Missing as not_built:
        why = str(not_built)
    return why if why or not path else None


def closed(at_size, nats, row):
    count = IN_FLIGHT[row]
    runs = {DAYBOOK: lambda: nats.load(row)}
    for publisher in (ASAP, BUFFERED):
        runs[publisher.subject] = lambda publisher=publisher: nats.publish(publisher, "--in-flight", count)
    entries = in_turns(at_size, row, runs)
    if row == PEAK:
        nats.peaks = {entry.subject: median(entry.samples, "appends_per_second") for entry in entries}
    return entries


def opened(at_size, nats, row):
    """At half of cnats's peak, and at half of daybook's."""
    return [entry for owner in (ASAP.subject, DAYBOOK) for entry in opened_at(at_size, nats, row, owner)]


def opened_at(at_size, nats, row, owner):
    rate = nats.peaks[owner] / 2
    runs = {DAYBOOK: lambda: nats.load(row, rate=rate)}
    for publisher in (ASAP, BUFFERED):
        runs[publisher.subject] = lambda publisher=publisher: nats.publish(publisher, "--rate", f"{rate:.3f}")
    return in_turns(at_size, row, runs, f", half of {owner}'s", asked_per_second=rate)


def in_turns(at_size, row, runs, suffix="", **figures):
    """All but cnats stand beside it."""
    entries = {subject: Entry(row, subject + suffix, None if subject == ASAP.subject else ASAP.subject + suffix)
               for subject in runs}
    for turn in range(at_size.settings.rounds):
        subjects = list(runs)
        first = turn % len(subjects)  # none is always the one after the same other
        for subject in subjects[first:] + subjects[:first]:
            sample = runs[subject]()
            entries[subject].add(
                appends_per_second=sample["rate"], **figures,
                **{f"{name}_us": sample["latency_us"][name] for name in ("p50", "p99")}, cpu_us=sample["cpu_us"],
                nats_cpu_us=sample["nats_cpu_seconds"] / sample["answers"] * 1e6,
                generator_us=sample.get("generator_cpu_seconds", 0) / sample["answers"] * 1e6,
                errors=sum(sample["errors"].values()))
        at_size.tell(entries.values())
    return list(entries.values())
