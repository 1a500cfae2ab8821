"""Rows about many named logs in one server: appends that go to all of them in turn, and its start and its stop."""
import contextlib
import copy
import dataclasses
import http.client
import os
import time

from yardstick import drivers, servers
from yardstick.entries import MEBI, RUN_SECONDS_MAX, Entry
from yardstick.rows import value

FEW, SOME, MANY = 1, 64, 10_000  # logs; only the last is scaled,
MANY_LEAST = 100  # and stays more than SOME
OPTIONS = ("--disk-reserve", "0", "--max-logs", "20000")
TIMES = {"start_seconds": 300, "stop_seconds": 300}  # each log has files to sync then, and the disk may be busy
WARMUP_SECONDS = 1  # before what is measured: the first append to a log since the start opens its files
IDLE_SECONDS = 1  # after the last append, before a kill


def body_of(settings):
    return '{"records":[{"value":"%s"}]}' % value(settings.value_bytes)


@dataclasses.dataclass(frozen=True)
class Appends:
    """Appends of one record to `logs` logs: what the drivers ask of a row."""
    logs: int
    connections: int = 64
    pipeline: int = 1

    def wrk_script(self, settings):
        return "append_logs.lua", [str(self.logs), str(settings.value_bytes)]

    def load_options(self, settings, _):
        return ["--method", "POST", "--path", "/v1/logs/l{offset}/records", "--offsets", str(self.logs), "--order",
                "random", "--connections", str(self.connections), "--body", body_of(settings)]


def appends(at_size, row):
    """The same load on servers that have one log, some and many, in turns. They stay for all rounds: to end the one
    with many logs, and to start it again, may take longer than its rounds."""
    counts = (FEW, SOME, many(at_size))
    entries = {count: Entry(row, subject(count), None if count == FEW else subject(FEW)) for count in counts}
    with contextlib.ExitStack() as stack:
        running = {count: stack.enter_context(serve(at_size, folder_of(at_size, count), count)) for count in counts}
        for turn in range(at_size.settings.rounds):
            for count in counts if turn % 2 else reversed(counts):
                server = running[count]
                append(at_size, server, count, WARMUP_SECONDS)
                groups = groups_of(server)
                sample = append(at_size, server, count)
                entries[count].add(
                    cpu_us=sample["cpu_us"], appends_per_second=sample["rate"],
                    appends_per_group=sample["answers"] / max(1, groups_of(server) - groups),
                    vm_rss_mib=server.memory_mib("VmRSS"), descriptors=server.descriptors())
            at_size.tell(entries.values())
        for server in running.values():
            server.kill()  # nothing is to be learnt from their clean stop here
    return list(entries.values())


def starts(at_size, row):
    """After a kill some time behind the last append, and after a clean stop, in turns."""
    count = many(at_size)
    folder = folder_of(at_size, count)
    clean, killed = (Entry(row, f"{subject(count)}, after {what}") for what in ("a clean stop", "kill -9"))
    with serve(at_size, folder, count) as server:
        append_and_kill(at_size, server, count)
    for _ in range(at_size.settings.rounds):
        began = time.monotonic()
        with serve(at_size, folder, count) as server:
            figures = figures_of_start(server, began)
            append(at_size, server, count)  # the stop has most to do where there were appends to all logs
            killed.add(**figures, stop_seconds=stopped(server))
        began = time.monotonic()
        with serve(at_size, folder, count) as server:
            clean.add(**figures_of_start(server, began))
            append_and_kill(at_size, server, count)
        at_size.tell([clean, killed])
    return [clean, killed]


def figures_of_start(server, began):
    return {"ready_ms": (time.monotonic() - began) * 1e3, "vm_rss_mib": server.memory_mib("VmRSS"),
            "descriptors": server.descriptors(), "scanned_mib": server.metric("daybook_recovery_scanned_bytes") / MEBI}


def append_and_kill(at_size, server, count):
    append(at_size, server, count)
    time.sleep(IDLE_SECONDS)
    server.kill()


def many(at_size):
    return max(MANY_LEAST, round(MANY * at_size.settings.scale))


def subject(count):
    return f"{count:,} log" + ("s" if count > 1 else "")


def serve(at_size, folder, count, kind=servers.disk):
    return at_size.serve(folder, *OPTIONS, kind=kind, name=f"disk-of-{count}-logs", **TIMES)


def stopped(server):
    seconds = server.stop()
    if server.exit_code() != 0:
        raise RuntimeError(f"{server.kind.name} ended with {server.exit_code()}, {seconds:.1f} s after it was asked to")
    return seconds


def groups_of(server):
    return server.metric("daybook_commit_group_appends_count")


def append(at_size, server, count, seconds=None):
    settings = copy.copy(at_size.settings)
    settings.seconds = min(settings.seconds, seconds or settings.seconds)
    sample = drivers.measure(server, lambda: at_size.driver.run(server, Appends(count), settings))
    if not sample["answers"] or any(sample["errors"].values()) or not server.is_running():
        raise RuntimeError(f"appends to {subject(count)}: {sample['errors']}, {sample['answers']} answers")
    return sample


def folder_of(at_size, count):
    """With so many logs, which the rows share, since making them takes longer than a round."""
    return at_size.made(f"logs-{count}", lambda folder: make(at_size, folder, count))


def make(at_size, folder, count):
    """Without waiting for the disk, where each takes several syncs."""
    end = time.monotonic() + RUN_SECONDS_MAX
    with serve(at_size, folder, count, servers.disk_without_fsync) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for number in range(count):
            asked(connection, "PUT", f"/v1/logs/l{number}")
            if time.monotonic() > end:
                raise RuntimeError(f"{number + 1:,} of {count:,} logs were made in {RUN_SECONDS_MAX} s")
        durability = asked(connection, "POST", "/v1/logs/l0/records", body_of(at_size.settings))
        if durability != server.kind.durability:
            raise RuntimeError(f"an append is answered Durability: {durability}")
        connection.close()
        stopped(server)
    os.sync()  # now, and not amid what is measured


def asked(connection, method, path, body=None):
    """How durable the answer says it is; a 201."""
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"{method} {path} is answered {answer.status} {text[:60]!r}")
    return answer.getheader("Durability")
