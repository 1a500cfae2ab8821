"""One nats-server of a cluster that tests run against: its process, its configuration, what its monitoring says."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.05
ANSWER_SECONDS = 1.0
START_SECONDS = 10
# Ends a server that nobody stopped; the arguments are seconds, its process id and its configuration.
WATCHDOG = 'sleep "$1"; tr "\\0" "\\n" <"/proc/$2/cmdline" | grep -qxF -- "$3" && kill -KILL "$2"'


def program():
    """The path of a nats-server, or none, and why there is none."""
    found = subprocess.run([ROOT / "scripts/nats_server.sh"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return (found.stdout.strip(), "") if found.returncode == 0 else (None, found.stderr.strip())


def wait_until(found, what, patience_seconds):
    """The first answer of `found` that is not None."""
    deadline = time.monotonic() + patience_seconds
    while (answer := found()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come about in {patience_seconds} s")
        time.sleep(POLL_SECONDS)
    return answer


def runs(pid, *last_arguments):
    """Whether that process is there and its command ends so; a zombie's has no arguments any more."""
    try:
        arguments = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return arguments[-len(last_arguments):] == list(last_arguments)


class NatsServer:
    """A server whose configuration is written. It outlives this object and this process, but not `seconds_max`."""

    FIELDS = ("name", "pid", "port", "monitor", "config", "store", "watchdog", "seconds_max")

    def __init__(self, name, port, monitor, config, store, seconds_max, pid=None, watchdog=None, changed=lambda: None):
        self.name, self.port, self.monitor = name, port, monitor
        self.config, self.store, self.seconds_max = str(config), str(store), seconds_max
        self.pid, self.watchdog = pid, watchdog
        self.changed = changed  # called when the process is another one
        self._children = []

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor_url(self):
        return f"http://127.0.0.1:{self.monitor}"

    def fields(self):
        return {field: getattr(self, field) for field in self.FIELDS}

    @property
    def log(self):
        return pathlib.Path(self.config).with_suffix(".log")

    def running(self):
        for child in self._children:
            child.poll()  # takes away what has ended
        return self.pid is not None and runs(self.pid, "-c", self.config)

    def start(self):
        """With the configuration and the store that it had. It serves when await_ready() of its cluster returned."""
        assert not self.running(), f"{self.name} is there"
        path, why = program()
        assert path, why
        with open(self.log, "ab") as log:
            self.pid = self._spawn([path, "-c", self.config], log)
        self.watchdog = self._spawn(
            ["sh", "-c", WATCHDOG, "watchdog", str(self.seconds_max), str(self.pid), self.config], subprocess.DEVNULL)
        self.changed()

    def stop(self):
        """Halts the process: its connections stay and nothing answers, until cont()."""
        self.signal(signal.SIGSTOP)

    def cont(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """The process is gone when this returns."""
        self.signal(signal.SIGKILL)
        self.await_end(10)

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def await_end(self, patience_seconds):
        wait_until(lambda: None if self.running() else True, f"the end of {self.name}", patience_seconds)
        if self.watchdog and runs(self.watchdog, str(self.pid), self.config):
            os.killpg(self.watchdog, signal.SIGKILL)
        for child in self._children:
            child.wait()
        self._children = []

    def ask(self, target):
        """What the monitoring says there, as JSON. None: it does not answer, or not with 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.monitor, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            body = answer.read()
            return json.loads(body) if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _spawn(self, command, output):
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        self._children.append(child)
        # Popen returns when the program is executed; the kernel tells of its arguments a moment later.
        wait_until(lambda: True if child.poll() is not None or runs(child.pid, *command[-2:]) else None,
                   f"the process {child.pid}", START_SECONDS)
        return child.pid
