"""The least of a NATS client: requests and their answers, over one socket that is read only while an answer is waited for."""
import json
import secrets
import socket
import time


class Refused(Exception):
    """What the server said with -ERR."""


class NatsClient:
    """Of the first server of `url` that answers within `timeout` seconds. Used on one thread."""

    def __init__(self, url, user=None, password=None, timeout=5):
        self._socket, self._input = None, b""
        self._inbox, self._requests = f"_INBOX.{secrets.token_hex(8)}", 0
        options = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True, "lang": "python",
                   "version": "0", "protocol": 1}
        if user is not None:
            options |= {"user": user, "pass": password}
        for each in url.split(","):
            host, port = each.removeprefix("nats://").rsplit(":", 1)
            try:
                self._socket = socket.create_connection((host, int(port)), timeout)
                self._deadline = time.monotonic() + timeout
                self.info = json.loads(self._line().removeprefix("INFO "))
                self._socket.sendall(f"CONNECT {json.dumps(options)}\r\nSUB {self._inbox}.* 1\r\nPING\r\n".encode())
                while self._line() != "PONG":
                    pass
                return
            except OSError as fault:  # a time-out, too
                self.close()
                last = fault
            except Refused:
                self.close()
                raise
        raise last

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._socket:
            self._socket.close()
        self._socket, self._input = None, b""

    def request(self, subject, payload=b"", headers=None, timeout=30):
        """The headers and the payload of the answer. Where nobody listens the headers have a Status of 503."""
        self._requests += 1
        inbox = f"{self._inbox}.{self._requests}"
        block = "NATS/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items()) + "\r\n"
        block = block.encode() if headers else b""
        sizes = f"{len(block)} {len(block) + len(payload)}" if headers else f"{len(payload)}"
        command = f"{'HPUB' if headers else 'PUB'} {subject} {inbox} {sizes}\r\n"
        self._deadline = time.monotonic() + timeout
        self._socket.settimeout(timeout)
        self._socket.sendall(command.encode() + block + payload + b"\r\n")
        while True:
            kind, *words = self._line().split(" ")
            if kind not in ("MSG", "HMSG"):
                continue
            message = self._take(int(words[-1]))
            self._take(2)
            if words[0] == inbox:  # another: what an earlier request did not wait for
                block_bytes = int(words[-2]) if kind == "HMSG" else 0
                return self._headers(message[:block_bytes].decode()), message[block_bytes:]

    @staticmethod
    def _headers(block):
        status, *lines = block.split("\r\n")
        headers = dict(line.split(":", 1) for line in lines if line)
        headers = {name: value.strip() for name, value in headers.items()}
        if status.removeprefix("NATS/1.0").strip():
            headers["Status"] = status.split()[1]
        return headers

    def _line(self):
        while True:
            while b"\r\n" not in self._input:
                self._receive()
            line, self._input = self._input.split(b"\r\n", 1)
            if line == b"PING":
                self._socket.sendall(b"PONG\r\n")
            elif line.startswith(b"-ERR"):
                raise Refused(line.decode())
            else:
                return line.decode()

    def _take(self, size):
        while len(self._input) < size:
            self._receive()
        taken, self._input = self._input[:size], self._input[size:]
        return taken

    def _receive(self):
        self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
        received = self._socket.recv(1 << 16)
        if not received:
            raise ConnectionError("the server closed the connection")
        self._input += received
