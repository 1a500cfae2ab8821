"""An event stream as it is on the wire, and the class that tests of live reads begin from."""
import collections
import contextlib
import json
import os
import pathlib
import re
import socket
import tempfile
import threading
import time
import unittest

from support.program import PATIENCE_SECONDS, Server

LONG_SECONDS = 6 * PATIENCE_SECONDS  # for what takes its time on an idle machine
RECORDS = "/v1/logs/{}/records"
JSON = {"Content-Type": "application/json"}

Event = collections.namedtuple("Event", "name id data comment", defaults=(None, None, None, None))


def await_that(holds, what, seconds=LONG_SECONDS):
    """What `holds` returns, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain waited for: {what}")
        time.sleep(0.02)
    return found


def parse_event(text):
    """Of one block of a stream, without the blank line behind it."""
    fields = dict.fromkeys(Event._fields)
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        assert colon, f"a line without a colon: {line!r}"
        name = {"": "comment", "event": "name"}.get(name, name)
        if name != "retry":
            assert fields[name] is None, f"twice in one event: {line!r}"
            fields[name] = value.removeprefix(" ")
    if fields["data"] is not None:
        fields["data"] = json.loads(fields["data"])
    return Event(**fields)


class Connection:
    """A connection with one request, whose answer is looked at byte by byte. `how_it_ended` is None while its body goes on;
    then "whole" (the last chunk came), "closed" or "reset"."""

    def __init__(self, port, target, fields=None, method="GET", version="1.1", receive_bytes=None, host="127.0.0.1"):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(LONG_SECONDS)
        self.socket.connect((host, port))
        fields = {"Host": "a"} | (fields or {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"{method} {target} HTTP/{version}\r\n{lines}\r\n".encode())
        self.how_it_ended = None
        self._input = bytearray()
        self._text = bytearray()  # of the body, unframed

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def head(self):
        """Reads it: `code` and `fields`, of which the names are in lower case."""
        while b"\r\n\r\n" not in self._input:
            assert self._receive(), f"the header did not come to its end: {bytes(self._input)}"
        head, _, rest = bytes(self._input).partition(b"\r\n\r\n")
        self._input = bytearray(rest)
        first, *lines = head.decode().split("\r\n")
        self.code = int(first.split()[1])
        self.fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        self._chunked = self.fields.get("transfer-encoding") == "chunked"
        return self

    def body(self):
        """All of it."""
        if "content-length" not in self.fields:
            while self._more_text():
                pass
            return bytes(self._text)
        length = int(self.fields["content-length"])
        while len(self._input) < length:
            assert self._receive(), "the body was cut off"
        body = bytes(self._input[:length])
        del self._input[:length]
        return body

    def json(self):
        return json.loads(self.body())

    def event(self):
        """The next one, comments too. None: it has ended."""
        while b"\n\n" not in self._text:
            if self.how_it_ended or not self._more_text():
                assert not self._text or self.how_it_ended == "reset", f"it ends within an event: {bytes(self._text)[:200]}"
                return None
        text, _, rest = bytes(self._text).partition(b"\n\n")
        self._text = bytearray(rest)
        return parse_event(text.decode())

    def told(self):
        """The next event that is no comment."""
        while (event := self.event()) and event.comment is not None:
            pass
        return event

    def rest(self):
        """All events until it ends, without comments."""
        return list(iter(self.told, None))

    def offsets(self, count):
        """Of the next so many records, which come without anything between."""
        offsets = []
        for _ in range(count):
            event = self.told()
            assert event and event.name == "record", f"no record but {event}, behind {offsets[-3:]}"
            assert event.data["offset"] == int(event.id)
            offsets.append(int(event.id))
        return offsets

    def _receive(self):
        received = self.socket.recv(1 << 16)
        self._input += received
        return len(received) > 0

    def _more_text(self):
        try:
            return self._next_chunk() if self._chunked else self._next_bytes()
        except ConnectionResetError:
            self.how_it_ended = "reset"
            return False

    def _next_bytes(self):
        if not self._input and not self._receive():
            self.how_it_ended = "closed"
            return False
        self._text += self._input
        self._input.clear()
        return True

    def _next_chunk(self):
        while b"\r\n" not in self._input:
            if not self._receive():
                self.how_it_ended = "closed"
                return False
        line, _, rest = bytes(self._input).partition(b"\r\n")
        length = int(line, 16)
        self._input = bytearray(rest)
        while len(self._input) < length + 2:
            if not self._receive():
                self.how_it_ended = "closed"
                return False
        assert self._input[length:length + 2] == b"\r\n", "a chunk does not end where it should"
        self._text += self._input[:length]
        del self._input[:length + 2]
        if length == 0:
            self.how_it_ended = "whole"
        return length > 0


class LiveServer(Server):
    def kill(self):
        """Also where it was before."""
        if not self.process.stdout.closed:
            super().kill()

    def append(self, *texts, log="default"):
        """The first one's offset."""
        body = json.dumps({"records": [{"text": text} for text in texts]})
        code, _, answer = self.answer("POST", RECORDS.format(log), body, fields=JSON)
        assert code == 201, answer
        return json.loads(answer)["first_offset"]

    def trim(self, before, log="default"):
        code, _, answer = self.answer("POST", f"/v1/logs/{log}/trim", json.dumps({"before": before}), fields=JSON)
        assert code == 200, answer

    def make(self, log):
        """Its id."""
        code, _, answer = self.answer("PUT", f"/v1/logs/{log}")
        assert code in (200, 201), answer
        return json.loads(answer)["id"]

    def delete(self, log):
        code, _, answer = self.answer("DELETE", f"/v1/logs/{log}")
        assert code == 204, answer

    def ask_for(self, query="", fields=None, log="default", **options):
        """A read whose answer has not been looked at."""
        return Connection(self.port, RECORDS.format(log) + (f"?{query}" if query else ""), fields, host=self.host, **options)

    def follow(self, query="", after=None, log="default", **options):
        """An event stream, of which the header and the first block were read; `began` is that block's id."""
        fields = {"Accept": "text/event-stream"} | ({} if after is None else {"Last-Event-ID": str(after)})
        stream = self.ask_for(query, fields, log, **options).head()
        assert stream.code == 200, (stream.code, stream.body())
        stream.began = stream.event().id
        return stream

    def sample(self, series):
        text = self.answer("GET", "/metrics")[2].decode()
        return float(re.search(f"^{re.escape(series)} (.*)$", text, re.MULTILINE).group(1))

    def ends(self, reason):
        return self.sample(f'daybook_live_ends_total{{reason="{reason}"}}')

    def await_waits(self, count):
        await_that(lambda: self.sample("daybook_live_waits") == count, f"{count} waiting polls")

    def await_followers(self, count):
        await_that(lambda: self.sample("daybook_live_followers") == count, f"{count} followers")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class LiveTest(unittest.TestCase):
    engine = "disk"

    def setUp(self):
        self.closing = contextlib.ExitStack()
        self.addCleanup(self.closing.close)
        self.folder = self.closing.enter_context(tempfile.TemporaryDirectory())

    def start(self, *arguments, **options):
        server = LiveServer("--engine", self.engine, *arguments, data=os.path.join(self.folder, "data"), **options)
        self.closing.enter_context(server)
        await_that(lambda: server.answer("GET", "/readyz")[0] == 200, "a server that is ready")
        return server

    def keep(self, connection):
        return self.closing.enter_context(connection)


class RestartTest(LiveTest):
    """Has a server that is found again at its port when it was started anew."""

    def setUp(self):
        super().setUp()
        self.port = free_port()

    def serve(self, *arguments):
        server = LiveServer(*arguments, data=os.path.join(self.folder, "data"), port=self.port)
        self.closing.callback(server.kill)
        server.await_line("the logs are open")
        return server


class Lines:
    """What a process writes, in a list that grows."""

    def __init__(self, process):
        self.all = []
        self._thread = threading.Thread(target=lambda: self.all.extend(process.stdout), daemon=True)
        self._thread.start()

    def join(self):
        self._thread.join(LONG_SECONDS)


def ports():
    """That are free, below those that the kernel gives away and above those of nats.cluster."""
    first, _ = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    for port in range(20_000 + os.getpid() * 37 % 10_000, first):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            yield port


_ports = ports()


def free_port():
    """Another one each time, which no connection from here takes by chance: it stays free while a server is away."""
    return next(_ports)
