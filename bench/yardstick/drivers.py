"""How a server is loaded: wrk and bench_load as closed loops, bench_load as an open one; and the probe before them."""
import json
import math
import re
import shutil
import socket
import subprocess
import time

from yardstick.servers import BENCH

PROBE_SECONDS = 2


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
        seconds, warmup = settings.seconds, settings.seconds / 5
        command = [str(settings.build / "bench_load"), "--port", str(server.port), "--seconds", str(seconds),
                   "--warmup-seconds", str(warmup), "--threads", str(min(settings.load_threads, row.connections)),
                   *row.load_options(settings)]
        command += ["--rate", f"{rate:.3f}"] if rate else ["--pipeline", str(row.pipeline)]
        for header in server.kind.headers:
            command += ["--header", header]
        return json.loads(run(command, seconds + warmup))


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
    answers = sample["answers"]
    if not server.is_running():
        sample["ended"] = server.exit_code()
        sample["cpu_seconds"] = 0.0
    sample["cpu_us"] = sample["cpu_seconds"] / answers * 1e6 if answers else None
    sample["per_cpu_second"] = answers / sample["cpu_seconds"] if sample["cpu_seconds"] else None
    return sample


def probe(server, row, settings):
    """None where the server can do the row at all; else what it did."""
    asked = b""
    for turn in range(row.pipeline):
        method, path, body = row.request(settings, turn)
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
