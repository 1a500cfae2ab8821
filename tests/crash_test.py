#!/usr/bin/env python3
"""crash_test.py DAYBOOK [ROUNDS [SEED]]: kills a real server under load, again and again, and looks for every append that it
acknowledged.

Each round starts the server on the same folder, lets four clients append, and kills it with SIGKILL at a random moment, in
some rounds while it still recovers. A ledger keeps what was answered with 200; the next round reads all of the last one's
back, and now and then the whole log. Prints how many rounds and appends there were; ends with 1 and the first thing that is
not as it was promised."""
import base64
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS = 4
WHOLE_EVERY = 50
PIPELINED = 200


class Ledger:
    """What was acknowledged, by offset."""

    def __init__(self):
        self.lock = threading.Lock()
        self.values = {}
        self.fresh = []

    def acknowledged(self, offset, value):
        with self.lock:
            assert offset not in self.values, f"offset {offset} was given twice: {self.values.get(offset)}, {value}"
            self.values[offset] = value
            self.fresh.append(offset)


class Server:
    def __init__(self, daybook, folder):
        self.process = subprocess.Popen(
            [daybook, "serve", "--listen-address", "127.0.0.1:0", "--engine", "disk", "--data-dir", folder,
             "--segment-size", "64Ki", "--disk-reserve", "0", "--log-format", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port = None
        self.open = False

    def wait(self, message):
        for line in self.process.stdout:
            record = json.loads(line)
            if record["message"] == "serving":
                self.port = record["port"]
            self.open = self.open or record["message"] == "the logs are open"
            if record["message"] == message or (message == "both" and self.port and self.open):
                return
        raise AssertionError(f"the server ended: {self.process.communicate()[1]}")

    def kill(self):
        self.process.kill()
        self.process.communicate()


def exchange(connection, requests):
    """Sends requests together and returns their answers' codes and bodies."""
    connection.sendall(b"".join(requests))
    got, answers = b"", []
    while len(answers) < len(requests):
        received = connection.recv(1 << 20)
        if not received:
            raise ConnectionError("closed")
        got += received
        while (end := got.find(b"\r\n\r\n")) >= 0:
            size = int(re.search(rb"Content-Length: (\d+)", got[:end]).group(1))
            if len(got) < end + 4 + size:
                break
            answers.append((int(got[9:12]), got[end + 4:end + 4 + size]))
            got = got[end + 4 + size:]
    return answers


def append_until_it_dies(port, name, ledger, seed):
    chance = random.Random(seed)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            for number in range(1_000_000):
                value = f"{name}/{number}/" + "x" * chance.choice((0, 10, 100, 1000, 5000))
                body = json.dumps({"record": {"value": base64.b64encode(value.encode()).decode()}}).encode()
                head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
                [(code, answer)] = exchange(connection, [head + body])
                assert code == 200, answer
                ledger.acknowledged(json.loads(answer)["offset"], value)
    except (ConnectionError, TimeoutError, socket.timeout):
        pass


def check(port, ledger, offsets):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for first in range(0, len(offsets), PIPELINED):
            some = offsets[first:first + PIPELINED]
            requests = [b"GET /?offset=%d HTTP/1.1\r\nHost: a\r\n\r\n" % offset for offset in some]
            for offset, (code, answer) in zip(some, exchange(connection, requests)):
                assert code == 200, f"offset {offset} was acknowledged, and is answered {code} {answer.decode()}"
                value = base64.b64decode(json.loads(answer)["record"]["value"]).decode()
                assert value == ledger.values[offset], f"offset {offset} was {ledger.values[offset]}, and is {value}"


def one_round(daybook, folder, number, ledger, chance):
    server = Server(daybook, folder)
    try:
        if chance.random() < 0.2:
            time.sleep(chance.random() * 0.03)  # while it starts
            return
        server.wait("both")
        check(server.port, ledger, ledger.fresh)
        ledger.fresh = []
        if number % WHOLE_EVERY == 0:
            check(server.port, ledger, sorted(ledger.values))
        clients = [threading.Thread(target=append_until_it_dies,
                                    args=(server.port, f"{number}.{client}", ledger, chance.random()))
                   for client in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(chance.random() * 0.12)
        server.kill()
        for client in clients:
            client.join()
    finally:
        server.kill()


def run_rounds(name, one_round, ledger, told, daybook, rounds, seed):
    """Runs one_round(daybook, folder, number, ledger, chance) so many times on one folder, and a last one that looks at it all.
    `told` says what was acknowledged. Returns the exit code."""
    seed = seed or str(int.from_bytes(os.urandom(4), "big"))
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in range(1, rounds + 1):
                one_round(daybook, folder, number, ledger, chance)
            one_round(daybook, folder, 0, ledger, random.Random(1))
        except AssertionError as fault:
            print(f"{name}, seed {seed}: {fault}")
            return 1
        segments = sum(file.endswith(".log") for _, _, files in os.walk(folder) for file in files)
    print(f"{name}, seed {seed}: {rounds} rounds, {told()} in {segments} segments, "
          "0 lost, 0 altered, 0 offsets given twice")
    return 0


def main(daybook, rounds=1000, seed=None):
    ledger = Ledger()
    return run_rounds("crash test", one_round, ledger, lambda: f"{len(ledger.values)} acknowledged appends", daybook, rounds,
                      seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:3]), *sys.argv[3:4]))
