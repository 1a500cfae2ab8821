"""How a server is loaded: wrk and bench_load as closed loops, bench_load as an open one; and the probe before them."""
import http.client
import json
import math
import re
import shutil
import socket
import subprocess
import tempfile
import time

from yardstick.servers import BENCH

PROBE_SECONDS = 20
WARMUP_SHARE = 0.2  # of the measured time, before it
FRAME_BYTES = 56 + 8 + 8  # of an append of one record, beside its value: src/disk/FORMAT.md


class Wrk:
    """wrk keeps every connection busy. It counts whole seconds."""
    name = "wrk"

    @staticmethod
    def is_here():
        return shutil.which("wrk") is not None

    @staticmethod
    def run(server, row, settings):
        script, arguments = row.wrk_script(settings)
        seconds = max(1, math.ceil(settings.seconds))
        command = ["wrk", "-t", str(min(settings.load_threads, row.connections)),
                   "-c", str(row.connections), "-d", f"{seconds}s", "-s", str(BENCH / "wrk" / script)]
        for header in server.kind.headers:
            command += ["-H", header]
        command += [f"http://127.0.0.1:{server.port}/", "--", *arguments]
        output = run(command, seconds)
        result = json.loads(re.search(r"^RESULT (.*)$", output, re.MULTILINE)[1])
        # Answers other than 2xx and 3xx are among wrk's requests.
        result["requests"] -= result["errors"]["status"]
        result["rate"] = result["requests"] / result["seconds"]
        result["answers"] = result["requests"]
        return result


class Load:
    """bench_load, which comes with the project."""
    name = "bench_load"

    @staticmethod
    def run(server, row, settings, rate=None):
        seconds, warmup = settings.seconds, settings.seconds * WARMUP_SHARE
        command = [str(settings.build / "bench_load"), "--port", str(server.port), "--seconds", str(seconds),
                   "--warmup-seconds", str(warmup), "--threads", str(min(settings.load_threads, row.connections)),
                   *row.load_options(settings, server.kind)]
        command += ["--rate", f"{rate:.3f}"] if rate else ["--pipeline", str(row.pipeline)]
        for header in server.kind.headers:
            command += ["--header", header]
        return json.loads(run(command, seconds + warmup))


def run_sync_loop(kind, settings):
    """One round of the loop that is no server; it says itself what CPU time it used."""
    frame_bytes = (FRAME_BYTES + settings.value_bytes + 7) // 8 * 8
    seconds, warmup = settings.seconds, settings.seconds * WARMUP_SHARE
    with tempfile.TemporaryDirectory(prefix=f"{kind.name}-", dir=settings.out) as folder:
        sample = json.loads(run([
            str(settings.build / "bench_sync_loop"), "--file", f"{folder}/room", "--bytes", str(frame_bytes),
            "--room", kind.room, "--seconds", str(seconds), "--warmup-seconds", str(warmup)], seconds + warmup))
    return with_shares(sample)


def run(command, seconds):
    # Beyond its time a driver waits for connections and for late answers.
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def measure(server, run_driver):
    """One round: what the driver saw, and what the server used meanwhile."""
    before = server.cpu_seconds()
    sample = run_driver()
    sample["cpu_seconds"] = server.cpu_seconds() - before
    if not server.is_running():
        sample["ended"] = server.exit_code()
        sample["cpu_seconds"] = 0.0
    return with_shares(sample)


def with_shares(sample):
    answers = sample["answers"]
    sample["cpu_us"] = sample["cpu_seconds"] / answers * 1e6 if answers else None
    sample["per_cpu_second"] = answers / sample["cpu_seconds"] if sample["cpu_seconds"] else None
    return sample


def probe(server, row, settings):
    """None where the server can do the row at all; else what it did."""
    return (probe_durable if row.is_durable else probe_together)(server, row, settings)


def probe_durable(server, row, settings):
    """Two appends, one after the other: the second is numbered higher, and both are said to be durable."""
    kind = server.kind
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PROBE_SECONDS)
    try:
        answers = [numbered_append(connection, row.request(settings, kind, turn), kind) for turn in range(2)]
    finally:
        connection.close()
    wrong = next((what for _, what in answers if what), None)
    if wrong or kind.is_fixed:
        return wrong
    (first, _), (second, _) = answers
    return None if first < second else f"numbers one append {first} and the next {second}"


def numbered_append(connection, request, kind):
    """The numbers in the answer to an append, and what is wrong with it, or None."""
    method, path, body = request
    fields = dict(field.split(": ", 1) for field in ("Content-Type: application/json", *kind.headers))
    connection.request(method, path, body, fields)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    durability = answer.getheader("Durability", "")
    found = re.search(kind.append_number, text)
    if answer.status != 200 or not found:
        return (), f"answers {answer.status} {text[:60]!r}"
    if kind.durability and kind.durability != durability:
        return (), f"answers Durability: {durability}"
    return tuple(int(number) for number in found.groups()), None


def probe_together(server, row, settings):
    """All that is sent together is answered, and each answer is one to what was asked."""
    asked = b""
    for turn in range(row.pipeline):
        method, path, body = row.request(settings, server.kind, turn)
        fields = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", *server.kind.headers]
        if body:
            fields += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        asked += ("\r\n".join(fields) + "\r\n\r\n" + body).encode()
    bodies, got = [], b""
    end = time.monotonic() + PROBE_SECONDS
    with socket.create_connection(("127.0.0.1", server.port), timeout=PROBE_SECONDS) as connection:
        connection.sendall(asked)
        while len(bodies) < row.pipeline and (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                more = connection.recv(1 << 20)
            except OSError:
                break
            if not more:
                break
            got = take_answers(got + more, bodies)
    if len(bodies) < row.pipeline:
        what = f"{len(bodies)} of {row.pipeline} requests that were sent together" if row.pipeline > 1 else "no request"
        return f"answers {what}"
    if server.kind.is_fixed:
        return None
    word = b'"offset"' if row.target == "append" else b'"record"'
    wrong = [body for body in bodies if word not in body]
    return f"answers {wrong[0][:60]!r}" if wrong else None


def take_answers(got, bodies):
    """Moves the bodies of complete answers from `got` to `bodies`; returns the rest."""
    while (end := got.find(b"\r\n\r\n")) >= 0:
        header = got[:end].lower()
        length = re.search(rb"\r\ncontent-length: *(\d+)", header)
        size = int(length[1]) if length else 0
        if b"\r\ntransfer-encoding: chunked" in header:
            size = got.find(b"0\r\n\r\n", end) + 5 - (end + 4)
            if size < 5:
                break
        if len(got) < end + 4 + size:
            break
        bodies.append(got[end + 4:end + 4 + size])
        got = got[end + 4 + size:]
    return got
