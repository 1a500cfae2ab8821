"""Clients that append and read through an address all the time, and the ledger of what they were answered."""
import base64
import collections
import json
import random
import re
import select
import socket
import threading
import time

CONNECT_SECONDS = 0.5  # an address whose pod has gone swallows what is sent to it
ANSWER_SECONDS = 40  # longer than a stop waits for requests under way
PACE_SECONDS = 0.004
PIPELINED = 200
SHOWN = 60  # characters of a value in a message


class Unanswered(Exception):
    """Not one byte of an answer came. Its text is how."""


def connected(address):
    try:
        connection = socket.create_connection(address, timeout=CONNECT_SECONDS)
    except ConnectionRefusedError:
        raise Unanswered("refused") from None
    except OSError:
        raise Unanswered("unreachable") from None
    connection.settimeout(ANSWER_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def closed(connection):
    """Whether the server closed it, while nothing was asked: a client then takes another one."""
    return bool(select.select([connection], [], [], 0)[0])


def send(connection, *requests):
    try:
        connection.sendall(b"".join(requests))
    except OSError:
        raise Unanswered("reset") from None


def answers(connection, count=1):
    """Code and body of each. An answer that ends within is an AssertionError."""
    got, found = b"", []
    while len(found) < count:
        try:
            received = connection.recv(1 << 20)
        except TimeoutError:
            received = None
        except OSError:
            received = b""
        if not received:
            assert not got, f"an answer ends within: {got!r}"
            raise Unanswered("reset" if received is not None else f"nothing for {ANSWER_SECONDS} s")
        got += received
        while (end := got.find(b"\r\n\r\n")) >= 0:
            size = int(re.search(rb"\r\nContent-Length: (\d+)", got[:end], re.IGNORECASE)[1])
            if len(got) < end + 4 + size:
                break
            found.append((int(got[9:12]), json.loads(got[end + 4:end + 4 + size])))
            got = got[end + 4 + size:]
    return found


def append_request(value):
    body = json.dumps({"record": {"value": base64.b64encode(value.encode()).decode()}}).encode()
    return b"POST / HTTP/1.1\r\nHost: daybook\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def read_request(offset):
    return b"GET /?offset=%d HTTP/1.1\r\nHost: daybook\r\n\r\n" % offset


def value_of(answer):
    return base64.b64decode(answer["record"]["value"]).decode()


class Ledger:
    """What was acknowledged, by offset, and the values of which nobody said whether they were appended."""

    def __init__(self):
        self._lock = threading.Lock()
        self.values = {}
        self.unknown = set()
        self.times = []  # of the acknowledgements

    def __len__(self):
        return len(self.values)

    def acknowledge(self, offset, value):
        with self._lock:
            assert offset not in self.values, f"offset {offset} was given twice"
            self.values[offset] = value
            self.times.append(time.monotonic())

    def leave_open(self, value):
        with self._lock:
            self.unknown.add(value)

    def append(self, address, value):
        """By a client of its own. Whether it was acknowledged."""
        try:
            with connected(address) as connection:
                try:
                    send(connection, append_request(value))
                    [(code, answer)] = answers(connection)
                except Unanswered:
                    self.leave_open(value)
                    raise
        except Unanswered:
            return False
        if code == 200:
            self.acknowledge(answer["offset"], value)
        return code == 200

    def gap_seconds(self, begin, end):
        """The longest time between `begin` and `end` in which nothing was acknowledged."""
        with self._lock:
            inside = sorted(each for each in self.times if begin <= each <= end)
        points = [begin, *inside, end]
        return max(after - before for before, after in zip(points, points[1:]))

    def check(self, address):
        """Reads the log from its beginning to its end: what was acknowledged is there, and nothing that nobody appended. Gives
        the number of those that were appended and had no answer."""
        with self._lock:
            values, unknown = dict(self.values), set(self.unknown)
        altered, strangers, unanswered, offset, ended = [], [], 0, 0, False
        with connected(address) as connection:
            while not ended:
                asked = range(offset, offset + PIPELINED)
                send(connection, *map(read_request, asked))
                for offset, (code, answer) in zip(asked, answers(connection, len(asked))):
                    ended = ended or code == 404
                    if code != 200:
                        assert code == 404, f"offset {offset} is answered {code} {answer}"
                        continue
                    assert not ended, f"offset {offset} is there, and one before it is not"
                    value = value_of(answer)
                    if offset not in values:
                        if value in unknown:
                            unknown.discard(value)
                            unanswered += 1
                        else:
                            strangers.append((offset, value[:SHOWN]))
                    elif value != values.pop(offset):
                        altered.append((offset, value[:SHOWN]))
                offset += 1
        lost = sorted(values)
        assert not (lost or altered or strangers), f"lost {lost}, altered {altered}, appended by nobody {strangers}"
        return unanswered


class Load:
    """Appends and reads in threads until it is left. Afterwards `failures` counts how requests were not answered or not
    served, all of them such as a client has to expect of a restart; anything else is raised on leaving."""

    def __init__(self, address, ledger, appenders=4, readers=2):
        self.address = address
        self.ledger = ledger
        self.failures = collections.Counter()
        self._wrong = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(step, f"{step.__name__}{number}"))
                         for step, count in ((self._append, appenders), (self._read, readers)) for number in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if kind is None:
            assert not self._wrong, self._wrong

    def _run(self, step, name):
        connection = None
        for number in range(10_000_000):
            if self._ended.wait(PACE_SECONDS):
                break
            try:
                if connection and closed(connection):
                    connection.close()
                    connection = None
                connection = connection or connected(self.address)
                code = step(connection, f"{id(self)}/{name}/{number}")
                if code != 200:
                    self.failures[str(code)] += 1
                    assert code == 503, f"{name} was answered {code}"
                    connection.close()  # as a client that is told to come back would
                    connection = None
            except Unanswered as how:
                self.failures[str(how)] += 1
                if connection:
                    connection.close()
                connection = None
            except Exception as error:  # whatever it is, the test has to fail
                self._wrong.append(f"{name}: {error!r}")
                break
        if connection:
            connection.close()

    def _append(self, connection, value):
        value += "/" + "x" * random.choice((0, 10, 100, 1000, 5000))
        try:
            send(connection, append_request(value))
            [(code, answer)] = answers(connection)
        except Unanswered:
            self.ledger.leave_open(value)
            raise
        if code == 200:
            self.ledger.acknowledge(answer["offset"], value)
        elif answer.get("outcome") != "not_appended":
            self.ledger.leave_open(value)
        return code

    def _read(self, connection, _):
        size = len(self.ledger)
        if not size:
            return 200
        offset = random.randrange(size)
        expected = self.ledger.values.get(offset)
        send(connection, read_request(offset))
        [(code, answer)] = answers(connection)
        if code == 200 and expected is not None:
            assert value_of(answer) == expected, f"offset {offset} is {value_of(answer)[:SHOWN]}, was {expected[:SHOWN]}"
        if code == 404 and expected is None:
            return 200  # an append of which nobody knows
        return code
