"""The program that a test starts: the test's first argument, which is taken off the command line when this is imported."""
import http.client
import json
import os
import subprocess
import sys
import tempfile

DAYBOOK = os.path.abspath(sys.argv.pop(1))
PATIENCE_SECONDS = 20


class Server:
    """A server on a port of `host`, 0 is a free one, in the folder `data`; without one in its own, and its log is open.
    `launcher` is what starts the program, where that is not this process, and `options` are those of subprocess.Popen."""

    def __init__(self, *arguments, data=None, host="127.0.0.1", port=0, launcher=(), program=DAYBOOK, **options):
        self._own_data = None if data else tempfile.TemporaryDirectory()
        self.host = host
        self.data = data or self._own_data.name
        self.process = subprocess.Popen(
            [*launcher, program, "serve", "--listen-address", f"{host}:{port}", "--data-dir", self.data, *arguments],
            stdout=subprocess.PIPE, text=True, **options)
        self.lines = {}  # read so far, by message
        try:
            self.began()
            self.port = self.line("serving")["port"]
            if self._own_data:
                self.await_line("the logs are open")
        except BaseException:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def began(self):
        """The process is there and has said nothing yet. For subclasses."""

    def kill(self):
        self.process.kill()
        self.process.communicate()
        if self._own_data:
            self._own_data.cleanup()

    def stop(self, signal):
        """The exit code after that signal."""
        self.process.send_signal(signal)
        return self.process.wait(PATIENCE_SECONDS)

    def line(self, message):
        """The next line of the log with that message."""
        for line in self.process.stdout:
            record = json.loads(line)
            self.lines[record["message"]] = record
            if record["message"] == message:
                return record
        raise AssertionError(f"the log ended without '{message}'")

    def await_line(self, message):
        """The last line with that message, or the next where there was none."""
        return self.lines.get(message) or self.line(message)

    def answer(self, method, target, body=None, port=None, fields=None):
        """Code, fields and body."""
        connection = http.client.HTTPConnection(self.host, port or self.port, timeout=PATIENCE_SECONDS)
        connection.request(method, target, body, fields or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def ask(self, method, body, target="/", port=None):
        code, _, body = self.answer(method, target, body, port)
        return code, json.loads(body)
