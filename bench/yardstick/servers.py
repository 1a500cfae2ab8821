"""The servers that are compared: how each is started, asked and ended.

A further one is a function that returns a Kind, in KINDS. It has to print its port where it listens on 127.0.0.1."""
import dataclasses
import http.client
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import time

from yardstick.rows import value

BENCH = pathlib.Path(__file__).resolve().parent.parent
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_SECONDS = 20
STOP_SECONDS = 5


class Missing(Exception):
    """A server cannot be had here; says why."""


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    title: str
    command: list
    port: str = r"^port (\d+)$"  # where the port stands in what it prints
    environment: dict = dataclasses.field(default_factory=dict)
    headers: tuple = ()  # that every request to it has
    is_fixed: bool = False  # answers without having understood
    ready: str = ""  # a path that is answered 200 from when on it can be loaded


def built(settings, name):
    program = settings.build / name
    if not program.exists():
        raise Missing(f"{name} was not built")
    return str(program)


def daybook(settings):
    command = [built(settings, "daybook"), "serve", "--listen-address", "127.0.0.1:0",
               "--threads", str(settings.threads), *shlex.split(settings.daybook_options)]
    return Kind("daybook", "daybook", command, port=r'"message":"serving",.*"port":(\d+)',
                ready="/readyz")


def floor(settings):
    command = [built(settings, "bench_floor"), "--port", "0", "--threads", str(settings.threads),
               "--value-bytes", str(settings.value_bytes)]
    return Kind("floor", "floor", command, is_fixed=True)


def seed(settings):
    if not shutil.which("go"):
        raise Missing("there is no go")
    program = settings.out / "bench_seed"
    made = subprocess.run(["go", "build", "-o", program, "."], cwd=BENCH / "peers/seed", text=True, timeout=300,
                          capture_output=True, env={**os.environ, "GOFLAGS": "-buildvcs=false"})
    if made.returncode != 0:
        raise Missing("go build failed: " + (made.stderr.strip().splitlines() or ["it did not say why"])[-1])
    return Kind("seed", "Go", [str(program), "-port", "0"], environment={"GOMAXPROCS": str(settings.threads)})


def pistache(settings):
    command = [built(settings, "bench_stock_pistache"), "--port", "0", "--threads", str(settings.threads)]
    # Pistache answers Connection: Close, and generators believe it, where a request does not ask for the contrary.
    return Kind("pistache", "stock Pistache", command, headers=("Connection: keep-alive",))


KINDS = {"daybook": daybook, "floor": floor, "seed": seed, "pistache": pistache}


class Server:
    """A server that runs as long as the `with` does, with `settings.preload` records in it."""

    def __init__(self, kind, settings):
        self.kind = kind
        self._settings = settings
        self._output = settings.out / f"{kind.name}.log"
        self._process = None
        self.port = None

    def __enter__(self):
        with open(self._output, "w", encoding="utf-8") as output:
            self._process = subprocess.Popen(self.kind.command, stdin=subprocess.DEVNULL, stdout=output,
                                             stderr=subprocess.STDOUT, env={**os.environ, **self.kind.environment})
        try:
            self._await_port()
            self._preload()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._process.kill()
            self._process.wait()

    def _await_port(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.is_running():
            found = re.search(self.kind.port, self._output.read_text(encoding="utf-8"), re.MULTILINE)
            if found:
                self.port = int(found[1])
                if not self.kind.ready or self._is_ready():
                    return
            time.sleep(0.01)
        raise RuntimeError(f"{self.kind.name} does not listen; see {self._output}")

    def _is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", self.kind.ready)
        try:
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def _preload(self):
        body = '{"record":{"value":"%s"}}' % value(self._settings.value_bytes)
        headers = dict(header.split(": ", 1) for header in self.kind.headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for _ in range(self._settings.preload):
            connection.request("POST", "/", body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{self.kind.name} answers {answer.status} to an append")
        connection.close()

    def is_running(self):
        return self._process.poll() is None

    def exit_code(self):
        return self._process.poll()

    def cpu_seconds(self):
        """What its threads have used, in user mode and in the kernel."""
        try:
            fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8")
        except FileNotFoundError:
            return 0.0
        utime, stime = fields.rsplit(")", 1)[1].split()[11:13]
        return (int(utime) + int(stime)) / TICKS_PER_SECOND
