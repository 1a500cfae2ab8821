#!/usr/bin/env python3
"""many_logs_crash_test.py DAYBOOK [ROUNDS [SEED]]: as crash_test.py, of many logs whose appends share groups and the journal.

Clients with many connections append to a hundred logs at once; one more makes logs, moves cursors in them and deletes them.
Each round ends with SIGKILL at a random moment. The next one finds every append that was acknowledged in its log, at its
offset, with its bytes; every log that was made and none that was deleted; every cursor where it was put last."""
import contextlib
import json
import random
import socket
import sys
import threading
import time

from crash_test import Server, run_rounds

LOGS = 100
CLIENTS = 2
CONNECTIONS = 16  # of each client
PIPELINED = 3  # requests of each connection
CHANGED = 5  # logs that are made and deleted
WHOLE_EVERY = 50


class Ledger:
    """What was acknowledged, by log and offset; and of each log that comes and goes its id, or None, and its cursor, with what
    else may be so where an answer did not come."""

    def __init__(self):
        self.lock = threading.Lock()
        self.values = [{} for _ in range(LOGS)]
        self.fresh = [set() for _ in range(LOGS)]
        self.ids = [{None} for _ in range(CHANGED)]
        self.cursors = [{None} for _ in range(CHANGED)]
        self.faults = []

    def acknowledged(self, log, offset, value):
        with self.lock:
            assert offset not in self.values[log], f"offset {offset} of log {log} was given twice"
            self.values[log][offset] = value
            self.fresh[log].add(offset)

    def count(self):
        return sum(len(values) for values in self.values)


def request(method, target, body=b"", media_type="text/plain"):
    kind = f"Content-Type: {media_type}\r\n" if body else ""
    return f"{method} {target} HTTP/1.1\r\nHost: a\r\n{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, requests):
        self.socket.sendall(b"".join(requests))

    def answer(self):
        """Code and body of the next one."""
        code = self.stream.readline()[9:12]
        size = 0
        while (field := self.stream.readline().lower()) != b"\r\n":
            if not field:
                raise ConnectionError("closed")
            if field.startswith(b"content-length:"):
                size = int(field[15:])
            if field.startswith(b"transfer-encoding:"):
                size = None
        return int(code), self.chunks() if size is None else self.read(size)

    def read(self, size):
        body = self.stream.read(size)
        if len(body) < size:
            raise ConnectionError("closed")
        return body

    def chunks(self):
        body = b""
        while size := int(self.stream.readline() or b"0", 16):
            body += self.read(size)
            self.read(2)
        self.read(2)
        return body

    def ask(self, *request_arguments):
        self.send([request(*request_arguments)])
        return self.answer()


class Client:
    """Has requests under way on all its connections, to other logs each time."""

    def __init__(self, port, name, ledger, seed):
        self.port, self.name, self.ledger = port, name, ledger
        self.chance = random.Random(seed)
        self.number = 0

    def append(self):
        log = self.chance.randrange(LOGS)
        self.number += 1
        value = f"{self.name}/{self.number}/" + "x" * self.chance.choice((0, 10, 100, 1000, 5000))
        return log, value, request("POST", f"/v1/logs/l{log}/records", value.encode())

    def run(self, ended):
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(Connection(self.port)) for _ in range(CONNECTIONS)]
            while not ended.is_set():
                appends = [[self.append() for _ in range(PIPELINED)] for _ in connections]
                for connection, some in zip(connections, appends):
                    connection.send([append[2] for append in some])
                for connection, some in zip(connections, appends):
                    for log, value, _ in some:
                        code, answer = connection.answer()
                        assert code == 201, f"{code} {answer}"
                        self.ledger.acknowledged(log, json.loads(answer)["first_offset"], value)


def change_logs(port, ledger, seed, ended):
    """Makes logs, puts cursors, deletes logs, one after the other."""
    chance = random.Random(seed)
    with Connection(port) as connection:
        while not ended.is_set():
            change(connection, ledger, chance.randrange(CHANGED), chance.random())


def change(connection, ledger, number, choice):
    target = f"/v1/logs/c{number}"
    if None in ledger.ids[number]:
        ledger.ids[number] = {None, "new"}
        ledger.cursors[number] = {None}
        code, answer = connection.ask("PUT", target)
        assert code == 201, f"{code} {answer}"
        ledger.ids[number] = {json.loads(answer)["id"]}
    elif choice < 0.3:
        ledger.ids[number].add(None)
        code, answer = connection.ask("DELETE", target)
        assert code == 204, f"{code} {answer}"
        ledger.ids[number] = {None}
    else:
        code, answer = connection.ask("POST", target + "/records", b"x")
        assert code == 201, f"{code} {answer}"
        offset = json.loads(answer)["next_offset"]
        ledger.cursors[number].add(offset)
        code, answer = connection.ask("PUT", target + "/cursors/reader", b'{"offset":%d}' % offset, "application/json")
        assert code in (200, 201), f"{code} {answer}"
        ledger.cursors[number] = {offset}


def check_logs(connection, ledger, wanted):
    """That of each log the offsets are there that are wanted."""
    for log, offsets in enumerate(wanted):
        found = set()
        at = min(offsets, default=None)
        while at is not None and at <= max(offsets):
            code, answer = connection.ask("GET", f"/v1/logs/l{log}/records?offset={at}&limit=1000&encoding=text")
            assert code == 200, f"offset {at} of log {log} was acknowledged, and is answered {code} {answer}"
            for record in json.loads(answer)["records"]:
                value = ledger.values[log].get(record["offset"])
                assert value in (None, record["text"]), f"offset {record['offset']} of log {log} was {value}"
                found.add(record["offset"])
            if at == json.loads(answer)["next_offset"]:
                break
            at = json.loads(answer)["next_offset"]
        missing = offsets - found
        assert not missing, f"offset {min(missing)} of log {log} was acknowledged, and is not there"


def check_changed(connection, ledger):
    for number in range(CHANGED):
        code, answer = connection.ask("GET", f"/v1/logs/c{number}")
        assert code in (200, 404), f"{code} {answer}"
        found = json.loads(answer)["id"] if code == 200 else None
        possible = ledger.ids[number]
        assert found in possible or (found and "new" in possible), f"log c{number} is {found} and should be one of {possible}"
        ledger.ids[number] = {found}
        if not found:
            continue
        code, answer = connection.ask("GET", f"/v1/logs/c{number}/cursors/reader")
        assert code in (200, 404), f"{code} {answer}"
        cursor = json.loads(answer)["offset"] if code == 200 else None
        possible = ledger.cursors[number]
        assert cursor in possible, f"the cursor of c{number} is at {cursor} and should be at one of {possible}"
        ledger.cursors[number] = {cursor}


def make_logs(connection):
    connection.send([request("PUT", f"/v1/logs/l{log}") for log in range(LOGS)])
    for _ in range(LOGS):
        code, answer = connection.answer()
        assert code in (200, 201), f"{code} {answer}"


def until_it_dies(work, ledger):
    try:
        work()
    except OSError:
        pass
    except Exception as fault:
        ledger.faults.append(fault)


def one_round(daybook, folder, number, ledger, chance):
    server = Server(daybook, folder)
    try:
        if chance.random() < 0.2:
            time.sleep(chance.random() * 0.03)  # while it starts
            return
        server.wait("both")
        with Connection(server.port) as connection:
            make_logs(connection)
            check_logs(connection, ledger, ledger.fresh)
            if number % WHOLE_EVERY == 0:
                check_logs(connection, ledger, [set(values) for values in ledger.values])
            check_changed(connection, ledger)
        ledger.fresh = [set() for _ in range(LOGS)]
        ended = threading.Event()
        clients = [Client(server.port, f"{number}.{client}", ledger, chance.random()) for client in range(CLIENTS)]
        work = [lambda client=client: client.run(ended) for client in clients]
        work.append(lambda: change_logs(server.port, ledger, chance.random(), ended))
        threads = [threading.Thread(target=until_it_dies, args=(each, ledger)) for each in work]
        for thread in threads:
            thread.start()
        time.sleep(chance.random() * 0.2)  # so that it ends at any moment
        if chance.random() < 0.2:  # also while it marks the logs and replays the journal
            ended.set()
            time.sleep(0.15 + chance.random() * 0.15)
        server.kill()
        for thread in threads:
            thread.join()
        if ledger.faults:
            raise ledger.faults[0]
    finally:
        server.kill()


def main(daybook, rounds=500, seed=None):
    ledger = Ledger()
    return run_rounds("crash test of many logs", one_round, ledger,
                      lambda: f"{ledger.count()} acknowledged appends to {LOGS} logs, 0 deleted ones back,", daybook, rounds, seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:3]), *sys.argv[3:4]))
