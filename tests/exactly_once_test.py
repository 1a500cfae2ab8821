#!/usr/bin/env python3
"""exactly_once_test.py DAYBOOK [ROUNDS [SEED]]: clients that retry, with an Idempotency-Key, whatever happens to them, append
each record once and in their order.

Each client sends one record after the other and repeats one until it is acknowledged, through connections that it resets
itself and through a server that is killed with SIGKILL in the midst of it, or stopped; between the rounds all is trimmed, or
retention takes some. In the end there are as many records as there were keys, each key has one offset, and each client's
offsets grow."""
import json
import os
import random
import re
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

from support.program import Server

CLIENTS = 6
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets
OPTIONS = ("--segment-size", "64Ki", "--disk-reserve", "0", "--log-format", "json", "--scrub-rate", "0")


class Client:
    def __init__(self, name, seed):
        self.name = name
        self.chance = random.Random(seed)
        self.offsets = []  # of its records, in the order of the keys
        self.replays = 0
        self.resets = 0

    def request(self):
        key = f"{self.name}/{len(self.offsets)}"
        value = f"{key}/".encode() + b"x" * random.Random(key).choice((0, 10, 100, 1000, 5000))
        head = (f"POST /v1/logs/default/records HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                f"Idempotency-Key: {key}\r\nContent-Length: {len(value)}\r\n\r\n")
        return head.encode() + value

    def append_until_it_dies(self, port, ended):
        while not ended.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                    while not ended.is_set():
                        self.append(connection)
            except OSError:
                pass

    def append(self, connection):
        request = self.request()
        sent = len(request)
        if self.chance.random() < 0.1:  # it goes away, at the latest when all is sent
            sent = self.chance.choice((sent, self.chance.randrange(sent)))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.sendall(request[:sent])
            self.resets += 1
            raise ConnectionResetError
        connection.sendall(request)
        code, replayed, answer = read_answer(connection)
        if code == 503:  # it starts
            return
        assert code == 201, f"{code} {answer}"
        self.replays += replayed
        self.offsets.append(answer["first_offset"])


def read_answer(connection):
    got = b""
    while True:
        end = got.find(b"\r\n\r\n")
        if end >= 0:
            size = int(re.search(rb"Content-Length: (\d+)", got[:end])[1])
            if len(got) == end + 4 + size:
                return int(got[9:12]), b"\r\nIdempotency-Replayed: true" in got[:end], json.loads(got[end + 4:])
        received = connection.recv(1 << 16)
        if not received:
            raise ConnectionError("closed")
        got += received


def ask(server, method, target, document=None):
    body = None if document is None else json.dumps(document)
    fields = {} if document is None else {"Content-Type": "application/json"}
    code, _, answer = server.answer(method, target, body, fields=fields)
    assert code == 200, f"{code} {answer}"
    return json.loads(answer)


def change_what_is_kept(server, chance):
    kind = chance.randrange(6)
    if kind == 0:
        end = ask(server, "GET", "/v1/logs/default")["next_offset"]
        ask(server, "POST", "/v1/logs/default/trim", {"before": chance.choice((end, end // 2))})
    elif kind == 1:
        bound = chance.choice((None, "128Ki"))
        ask(server, "PUT", "/v1/logs/default", {"retention": {"max_bytes": bound}})


def one_round(folder, clients, chance):
    with Server(*OPTIONS, data=folder) as server:
        ended = threading.Event()
        threads = [threading.Thread(target=client.append_until_it_dies, args=(server.port, ended)) for client in clients]
        for thread in threads:
            thread.start()
        try:
            if chance.random() < 0.5:
                server.await_line("the logs are open")
                change_what_is_kept(server, chance)
            time.sleep(chance.random() * 0.1)  # so that it ends at any moment
            if chance.random() < 0.2:
                server.stop(signal.SIGTERM)
            server.process.kill()
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def check(folder, clients):
    with Server(*OPTIONS, data=folder) as server:
        server.await_line("the logs are open")
        for client in clients:  # what was not acknowledged yet
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
                client.chance = random.Random(1)
                client.chance.random = lambda: 1.0
                client.append(connection)
        info = ask(server, "GET", "/v1/logs/default")
        for client in clients:
            assert client.offsets == sorted(client.offsets), f"client {client.name} had its records appended out of order"
        offsets = sorted(offset for client in clients for offset in client.offsets)
        assert offsets == list(range(info["next_offset"])), \
            f"{len(offsets)} keys were acknowledged, and the log ends at {info['next_offset']}: some record is missing or there twice"


def main(rounds=500, seed=None):
    seed = seed or str(int.from_bytes(os.urandom(4), "big"))
    chance = random.Random(seed)
    clients = [Client(str(number), chance.random()) for number in range(CLIENTS)]
    failures = []
    threading.excepthook = lambda failure: failures.append(failure.exc_value)
    with tempfile.TemporaryDirectory() as folder:
        try:
            for _ in range(rounds):
                one_round(folder, clients, chance)
                if failures:
                    raise failures[0]
            check(folder, clients)
        except AssertionError as fault:
            print(f"exactly once test, seed {seed}: {fault}")
            return 1
    print(f"exactly once test, seed {seed}: {rounds} rounds, {sum(len(client.offsets) for client in clients)} keys, "
          f"{sum(client.resets for client in clients)} resets, {sum(client.replays for client in clients)} answers replayed, "
          "each record once and in order")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2]), *sys.argv[2:3]))
