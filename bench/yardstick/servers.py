"""The servers that are compared: how each is started, asked and ended.

A further one is a function that returns a Kind, in KINDS. It listens on 127.0.0.1, on a port that it prints or is
given, and keeps what it writes in the folder that it is given."""
import contextlib
import dataclasses
import functools
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import time

from yardstick import machine
from yardstick.rows import value

BENCH = pathlib.Path(__file__).resolve().parent.parent
START_SECONDS = 20
STOP_SECONDS = 5


class Missing(Exception):
    """A server cannot be had here; says why."""


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    title: str
    # Called with a folder that is this run's alone: the commands that make the server, and the port on which it
    # listens, or None where it prints that.
    start: object = None
    port: str = r"^port (\d+)$"  # where the port stands in what it prints
    environment: dict = dataclasses.field(default_factory=dict)
    headers: tuple = ()  # that every request to it has
    is_fixed: bool = False  # answers without having understood
    ready: str = ""  # a path that is answered 200 from when on it can be loaded
    ready_answers: int = 1  # in a row, over a connection each: where every thread has to become ready by itself
    append_path: str = "/"
    append_body: str = ""  # of an append, where it is not daybook's; {serial} in it is a number of its own
    append_number: str = r'"offset":(\d+)'  # in the answer: what grows with every append
    durability: str = ""  # that an append is answered with, where the server says it
    preloaded: str = ""  # a library that has to be in its memory
    start_seconds: float = START_SECONDS
    stop_seconds: float = STOP_SECONDS  # it is killed when it has not ended by then
    room: str = ""  # no server: a loop of writes and syncs, and how it makes its room


def printing_its_port(command):
    return lambda _: ([command], None)


def free_ports(count):
    """Ports that nobody listens on now; different ones."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def built(settings, name):
    program = settings.build / name
    if not program.exists():
        raise Missing(f"{name} was not built")
    return str(program)


def installed(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Missing(f"there is no {program}")


def serve_command(settings, *options):
    return [built(settings, "daybook"), "serve", "--listen-address", "127.0.0.1:0",
            "--threads", str(settings.threads), *options, *shlex.split(settings.daybook_options)]


DAYBOOK = {"port": r'"message":"serving",.*"port":(\d+)', "ready": "/readyz"}


def daybook(settings):
    return Kind("daybook", "daybook", printing_its_port(serve_command(settings, "--engine", "memory")), **DAYBOOK)


def with_tokens(settings):
    """The same, where each request shows a token."""
    shown = subprocess.run([built(settings, "daybook"), "token", "new", "bench"], text=True, capture_output=True, check=True)
    token, line = shown.stdout.split("\n")[:2]

    def start(folder):
        (folder / "tokens").write_text(line + "\n", encoding="utf-8")
        return [serve_command(settings, "--engine", "memory", "--token-file", str(folder / "tokens"))], None
    return Kind("tokens", "daybook with tokens", start, headers=(f"Authorization: Bearer {token}",), **DAYBOOK)


def disk(settings):
    def start(folder):
        return [serve_command(settings, "--engine", "disk", "--data-dir", str(folder / "data"))], None
    return Kind("disk", "disk", start, durability="fsync", **DAYBOOK)


def disk_without_fsync(settings):
    library = built(settings, "libbench_no_sync.so")
    return dataclasses.replace(disk(settings), name="disk-no-sync", title="disk without fsync", preloaded=library,
                               environment={"LD_PRELOAD": library})


def before(kind, settings):
    """The same of another build."""
    if not settings.daybook_before or not settings.daybook_before.exists():
        raise Missing("--daybook-before names no daybook")
    now = built(settings, "daybook")
    ours = kind(settings)

    def start(folder):
        commands, port = ours.start(folder)
        other = str(settings.daybook_before)
        return [[other if word == now else word for word in command] for command in commands], port
    return dataclasses.replace(ours, name="disk-before" if ours.name == "disk" else "before",
                               title=f"{ours.title} before", start=start)


def webdis(settings):
    """HTTP before redis, which syncs its file before it answers."""
    installed("redis-server", "webdis")

    def start(folder):
        port, redis_port = free_ports(2)
        configuration = {
            "redis_host": "127.0.0.1", "redis_port": redis_port, "http_host": "127.0.0.1", "http_port": port,
            "threads": settings.threads, "daemonize": False, "verbosity": 0, "logfile": str(folder / "webdis.log")}
        (folder / "webdis.json").write_text(json.dumps(configuration), encoding="utf-8")
        redis = ["redis-server", "--bind", "127.0.0.1", "--port", str(redis_port), "--dir", str(folder),
                 "--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        return [redis, ["webdis", str(folder / "webdis.json")]], port
    # Its threads take connections in turn, and answer 503 until redis has accepted theirs.
    return Kind("webdis", "webdis", start, ready="/PING", ready_answers=2 * settings.threads,
                append_number=r'"XADD":"(\d+)-(\d+)"',
                append_body="XADD/log/*/v/" + ("Log" * settings.value_bytes)[:settings.value_bytes])


def etcd(settings):
    """Its JSON gateway; every put is of a new key."""
    installed("etcd")

    def start(folder):
        port, peer_port = free_ports(2)
        client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
        return [["etcd", "--data-dir", str(folder / "data"), "--log-level", "error",
                 "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
                 "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"]], port
    # The twelve digits are base64 of nine bytes.
    return Kind("etcd", "etcd", start, ready="/health", environment={"GOMAXPROCS": str(settings.threads)},
                append_path="/v3/kv/put", append_number=r'"revision":"(\d+)"',
                append_body='{"key":"{serial}","value":"%s"}' % value(settings.value_bytes))


def floor(settings):
    command = [built(settings, "bench_floor"), "--port", "0", "--threads", str(settings.threads),
               "--value-bytes", str(settings.value_bytes)]
    return Kind("floor", "floor", printing_its_port(command), is_fixed=True)


def seed(settings):
    if not shutil.which("go"):
        raise Missing("there is no go")
    program = settings.out / "bench_seed"
    made = subprocess.run(["go", "build", "-o", program, "."], cwd=BENCH / "peers/seed", text=True, timeout=300,
                          capture_output=True, env={**os.environ, "GOFLAGS": "-buildvcs=false"})
    if made.returncode != 0:
        raise Missing("go build failed: " + (made.stderr.strip().splitlines() or ["it did not say why"])[-1])
    return Kind("seed", "Go", printing_its_port([str(program), "-port", "0"]),
                environment={"GOMAXPROCS": str(settings.threads)})


def pistache(settings):
    command = [built(settings, "bench_stock_pistache"), "--port", "0", "--threads", str(settings.threads)]
    # Pistache answers Connection: Close, and generators believe it, where a request does not ask for the contrary.
    return Kind("pistache", "stock Pistache", printing_its_port(command), headers=("Connection: keep-alive",))


def loop(room, settings):
    built(settings, "bench_sync_loop")
    return Kind(f"loop-{room}", f"sync loop, {room} room", room=room)


# In the order of their turns; the loops follow what they are to be compared with.
KINDS = {"daybook": daybook, "tokens": with_tokens, "disk": disk, "before": functools.partial(before, daybook),
         "disk-before": functools.partial(before, disk),
         "loop-reserved": functools.partial(loop, "reserved"), "loop-zeroed": functools.partial(loop, "zeroed"),
         "floor": floor, "seed": seed, "pistache": pistache,
         "disk-no-sync": disk_without_fsync, "webdis": webdis, "etcd": etcd}
OURS = ("daybook", "disk")  # what the others are compared with
BEFORE = ("before", "disk-before")  # only where --daybook-before names what to start


def cpu_clock(pid):
    """The number of a process's CPU clock, as clock_getcpuclockid(3) makes it: nanoseconds, where /proc has ticks."""
    return ~pid << 3 | 2


class Server:
    """A server that runs as long as the `with` does, with `preload` records in it."""

    def __init__(self, kind, settings, preload):
        self.kind = kind
        self._settings = settings
        self._records = preload
        self._output = settings.out / f"{kind.name}.log"
        self._folder = None
        self._processes = []
        self.port = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix=f"{self.kind.name}-", dir=self._settings.out)
        try:
            commands, self.port = self.kind.start(pathlib.Path(self._folder.name))
            with open(self._output, "w", encoding="utf-8") as output:
                for command in commands:
                    self._processes.append(subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                        env={**os.environ, **self.kind.environment}))
            self._await_port()
            self._check_preloaded()
            self._preload()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self.kill()
            self._folder.cleanup()

    def stop(self):
        """Asks all its processes to end; returns the seconds that they took, or that they were given."""
        began = time.monotonic()
        for process in reversed(self._processes):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            for process in self._processes:
                process.wait(max(0, began + self.kind.stop_seconds - time.monotonic()))
        return time.monotonic() - began

    def kill(self):
        for process in self._processes:
            process.kill()
            process.wait()

    def _await_port(self):
        end = time.monotonic() + self.kind.start_seconds
        while time.monotonic() < end and self.is_running():
            if not self.port:
                found = re.search(self.kind.port, self._output.read_text(encoding="utf-8"), re.MULTILINE)
                self.port = found and int(found[1])
            if self.port and (not self.kind.ready or all(self._is_ready() for _ in range(self.kind.ready_answers))):
                return
            time.sleep(0.002)
        raise RuntimeError(f"{self.kind.name} does not listen; see {self._output}")

    def _is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", self.kind.ready)
            return connection.getresponse().status == 200
        except ConnectionError:
            return False
        finally:
            connection.close()

    def _check_preloaded(self):
        """The loader only warns of a library that it cannot load, and the figures would be others."""
        mapped = pathlib.Path(f"/proc/{self._processes[-1].pid}/maps").read_text(encoding="utf-8")
        if self.kind.preloaded not in mapped:
            raise RuntimeError(f"{self.kind.name} runs without {self.kind.preloaded}")

    def _preload(self):
        body = '{"record":{"value":"%s"}}' % value(self._settings.value_bytes)
        headers = dict(header.split(": ", 1) for header in self.kind.headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for _ in range(self._records):
            connection.request("POST", "/", body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{self.kind.name} answers {answer.status} to an append")
        connection.close()

    def metric(self, name):
        """Of a daybook."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return float(re.search(rf"^{name} (.*)$", text, re.MULTILINE)[1])

    def memory_mib(self, name):
        """A figure of the last of its processes, as /proc names it."""
        kibibytes = machine.field(f"/proc/{self._processes[-1].pid}/status", name).split()[0]
        return int(kibibytes) / 1024

    def descriptors(self):
        """That the last of its processes has open."""
        return len(os.listdir(f"/proc/{self._processes[-1].pid}/fd"))

    def is_running(self):
        return self.exit_code() is None

    def exit_code(self):
        """Of the first of its processes that ended; None while all run."""
        return next((code for process in self._processes if (code := process.poll()) is not None), None)

    def cpu_seconds(self):
        """What the threads of all its processes have used, in user mode and in the kernel."""
        try:
            return sum(time.clock_gettime(cpu_clock(process.pid)) for process in self._processes)
        except OSError:
            return 0.0  # one has ended
