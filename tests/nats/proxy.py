"""A proxy between clients of NATS and a server, which can lose what the server says."""
import socket
import threading

CHUNK_BYTES = 1 << 16


class NatsProxy:
    """Listens on a free port of loopback, at `url`, and forwards to `port`. For a cluster made without `advertise`: its
    servers would tell clients of ways around. Thread-safe."""

    def __init__(self, port):
        self._to = ("127.0.0.1", port)
        self._lock = threading.Condition()
        self._drops = False
        self._passes = 0  # of what is dropped, the first bytes
        self._refuses = False
        self._dropped = b""
        self._pairs = []  # a client's socket and a server's
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._listener.close()
        self.cut(refuse=True)

    def drop(self, but_bytes=0):
        """From now on what comes from the server does not reach the client, but for the first bytes; what the client says
        goes on to it. Ended by cut() alone, since a part of a message may have been lost."""
        with self._lock:
            self._drops, self._dropped, self._passes = True, b"", but_bytes

    def await_dropped(self, text, count=1, patience_seconds=30):
        """Until the server said `text` so often to nobody."""
        with self._lock:
            if not self._lock.wait_for(lambda: self._dropped.count(text) >= count, patience_seconds):
                raise TimeoutError(f"the server did not say {text} {count} times in {patience_seconds} s: {self._dropped[-500:]}")

    def cut(self, refuse=False):
        """Closes all connections. New ones are as before drop(); with `refuse` they are closed at once, until accept()."""
        with self._lock:
            self._refuses = refuse
            pairs, self._pairs = self._pairs, []
            for pair in pairs:
                close(pair)
            self._drops = False

    def accept(self):
        with self._lock:
            self._refuses = False

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # it was closed
                return
            try:
                server = socket.create_connection(self._to, 5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self._lock:
                if self._refuses:
                    close(pair)
                    continue
                self._pairs.append(pair)
            for each in client, server:
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._forward, args=(pair, client, server, False), daemon=True).start()
            threading.Thread(target=self._forward, args=(pair, server, client, True), daemon=True).start()

    def _forward(self, pair, source, target, from_server):
        try:
            while received := source.recv(CHUNK_BYTES):
                with self._lock:
                    if from_server and self._drops:
                        passed, dropped = received[:self._passes], received[self._passes:]
                        self._passes -= len(passed)
                        if pair in self._pairs:
                            self._dropped += dropped
                            self._lock.notify_all()
                        received = passed
                target.sendall(received)
        except OSError:
            pass
        close(pair)


def close(pair):
    for each in pair:
        try:
            each.shutdown(socket.SHUT_RDWR)  # ends the recv() of the other thread
        except OSError:
            pass
        each.close()
