"""The program as its users run it beside a server."""
import contextlib
import http.server
import os
import random
import socket
import struct
import subprocess
import tempfile
import threading

from live.stream import LONG_SECONDS, Lines, RestartTest, await_that
from support.program import DAYBOOK, PATIENCE_SECONDS

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets


def environment(port, **variables):
    return {"PATH": os.environ["PATH"], "DAYBOOK_SERVER": f"http://127.0.0.1:{port}", **variables}


def end(process):
    process.kill()
    process.wait()
    for stream in process.stdin, process.stdout, process.stderr:
        if stream:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


class CommandTest(RestartTest):
    """`serve()` starts a server at self.port; what runs is for that, or for the one at `port`."""

    def run_for(self, code, *arguments, stdin=b"", port=None, **variables):
        """What it has said on standard output and error. Its standard input is a file, all of which is there at once."""
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            ended = subprocess.run([DAYBOOK, *map(str, arguments)], stdin=given, capture_output=True,
                                   timeout=LONG_SECONDS, env=environment(port or self.port, **variables))
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stdout, ended.stderr.decode()

    def out(self, *arguments, **options):
        """Of a command that succeeds and says nothing on standard error."""
        said, complaint = self.run_for(0, *arguments, **options)
        self.assertEqual(complaint, "")
        return said

    def complaint(self, *arguments, **options):
        """Of a command that fails with 1: one line, in its name, behind what it may have said when it tried again."""
        _, complaint = self.run_for(1, *arguments, **options)
        *before, last = complaint.splitlines(keepends=True)
        for line in before:
            self.assertRegex(line, f"^daybook: {arguments[0]}: [^\n]*; trying again\n$")
        self.assertRegex(last, f"^daybook: {arguments[0]}: [^\n]*\n$")
        return last

    def begin(self, *arguments, port=None, **options):
        process = subprocess.Popen([DAYBOOK, *map(str, arguments)], env=environment(port or self.port),
                                   **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                      **options})
        self.end_with_the_test(process)
        return process

    def end_with_the_test(self, process):
        self.closing.callback(end, process)

    def file_of(self, lines):
        file = self.closing.enter_context(tempfile.TemporaryFile())
        file.write(b"".join(b"%s\n" % line for line in lines))
        file.seek(0)
        return file


def frame(offset, value):
    """A record as bytes."""
    return struct.pack("<QQIII", offset, 0, 0, 0, len(value)) + value


class Proxy(threading.Thread):
    """Passes connections on, and resets most of them at some moment, to either side."""

    def __init__(self, port, seed, most_bytes):
        super().__init__(daemon=True)
        self._chance = random.Random(seed)
        self._to, self._most_bytes = port, most_bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.resets = 0
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self.join()
        self._listener.close()

    def run(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                try:
                    with socket.create_connection(("127.0.0.1", self._to)) as server:
                        self._pass(client, server)
                except OSError:
                    pass

    def _pass(self, client, server):
        """One connection, until one side ends or enough has passed."""
        left = self._chance.randrange(self._most_bytes)
        ends = {client: server, server: client}
        for end in ends:
            end.settimeout(0.01)
        while True:
            for end, other in ends.items():
                try:
                    received = end.recv(1 << 16)
                except TimeoutError:
                    continue
                if not received:
                    return
                other.settimeout(PATIENCE_SECONDS)
                other.sendall(received[:left])
                other.settimeout(0.01)
                left -= len(received)
                if left <= 0:
                    self.resets += 1
                    for each in ends:
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return


class FakeServer:
    """Answers what `answers` says, one after the other, or what one that can be called does to method, path and fields:
    code, fields and body; and keeps what it was asked. Instead of an answer of the code 0 the connection is closed; where
    fields say so, that is how the body ends."""

    def __init__(self, *answers):
        left, asked = list(answers), []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append((self.command, self.path, dict(self.headers.items()), body))
                answer = left.pop(0) if len(left) > 1 else left[0]
                code, fields, text = answer(self.command, self.path, self.headers) if callable(answer) else answer
                if code == 0:
                    self.close_connection = True
                    return
                self.send_response(code)
                for name, value in fields.items():
                    self.send_header(name, value)
                if "Connection" not in fields:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.asked = asked
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
