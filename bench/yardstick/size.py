"""Rows about what a log holds: the disk engine by itself, and a server's start and memory, at sizes that `--scale`
shrinks."""
import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from yardstick import jetstream, live, many_logs, servers, size_http
from yardstick.drivers import run
from yardstick.entries import BATCH_RECORDS, GIBI, LOGS, MEBI, RUN_SECONDS_MAX, Entry, of_batches, rates

PAGE_BYTES = 1 << 20
SINGLES = 200_000  # appends of one record, and so many are in flight, for groups of about one size:
SINGLES_IN_FLIGHT = 1024
BATCHES = 1000  # appends of BATCH_RECORDS
KILLED_AFTER_SECONDS = 1


def memory_of(server):
    return {name: server.memory_mib(name) for name in ("VmRSS", "RssAnon", "RssFile")}


def files_in(folder):
    return [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]


def bytes_in(folder):
    return sum(path.stat().st_size for path in files_in(folder))


def drop_from_cache(folder):
    """What is in the files, once it is on the disk; the kernel keeps names and sizes."""
    for path in files_in(folder):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Size:
    """Measures the rows; its logs are in folders under --out, filled when a row needs them, as long as the `with`."""

    def __init__(self, settings, driver, say):
        self.settings = settings
        self.driver = driver
        self._say = say
        self._folders = contextlib.ExitStack()
        self._logs = {}
        self._held = {}
        self.skipped = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folders.close()

    def measure(self, row):
        measures = {"engine-batches": self._batches, "engine-reads": self._reads, "start-clean": self._start_clean,
                    "start-killed": self._start_killed, "idle-memory": self._idle_memory,
                    "append-cost": self._append_cost, "http-batches": functools.partial(size_http.batches, self),
                    "http-reads": functools.partial(size_http.reads, self),
                    "logs-append": functools.partial(many_logs.appends, self),
                    "logs-start": functools.partial(many_logs.starts, self),
                    "live-followers": functools.partial(live.followers, self),
                    "live-polls": functools.partial(live.polls, self),
                    **{name: functools.partial(jetstream.measured, self) for name in jetstream.ROWS}}
        return [dataclasses.asdict(entry) for entry in measures[row.name](row.name)]

    # --- what is measured

    def _batches(self, row):
        engine, fio = Entry(row, "engine", beside="fio"), Entry(row, "fio")
        entries = [engine]
        try:
            servers.installed("fio")
            entries.append(fio)
        except servers.Missing as why:
            self.skipped.append(f"fio is left out: {why}.")
        for _ in range(self.settings.rounds):
            with self.folder("batches") as folder:
                work = self.engine("append", folder, "--seconds", self.settings.seconds, *of_batches())
            engine.add(records_per_second=work["records"] / work["seconds"], **rates(work, work["groups"]),
                       cpu_us_per_record=work["cpu_seconds"] / work["records"] * 1e6)
            if fio in entries:
                fio.add(**self._fio(round(work["bytes"] / work["groups"]), work["bytes"]))
            self.tell(entries)
        return entries

    def _reads(self, row):
        entries = {}
        for name in ("middle", "wide"):
            pread = f"pread, {LOGS[name][1]:,} bytes"
            entries[name] = Entry(row, f"engine, {LOGS[name][1]:,} bytes", beside=pread), Entry(row, pread)
        for _ in range(self.settings.rounds):
            for name, (engine, pread) in entries.items():
                work = self.engine("read", self.log(name), "--seconds", self.settings.seconds,
                                    "--page-records", BATCH_RECORDS, "--page-bytes", PAGE_BYTES)
                engine.add(**rates(work, work["calls"]))
                work = self.engine("pread", self.log(name), "--seconds", self.settings.seconds, "--page-bytes",
                                    round(work["bytes"] / work["calls"]))
                pread.add(**rates(work, work["calls"]))
                self.tell([engine, pread])
        return [entry for pair in entries.values() for entry in pair]

    def _start_clean(self, row):
        return self._starts(row, lambda: None)

    def _start_killed(self, row):
        return self._starts(row, lambda: self._kill_while_it_appends(self.log("large")))

    def _starts(self, row, prepare):
        folder = self.log("large")
        warm, dropped = Entry(row, "warm"), Entry(row, "cache dropped")
        for _ in range(self.settings.rounds):
            for entry in (warm, dropped):
                prepare()
                if entry is dropped:
                    drop_from_cache(folder)
                began = time.monotonic()
                with self.serve(folder) as server:
                    seconds = time.monotonic() - began
                    scanned_bytes = server.metric("daybook_recovery_scanned_bytes")
                    entry.add(ready_ms=seconds * 1e3, scanned_mib=scanned_bytes / MEBI, log_gib=bytes_in(folder) / GIBI,
                              vm_rss_mib=server.memory_mib("VmRSS"))
                if server.exit_code() != 0:
                    raise RuntimeError(f"{row}: daybook ended with {server.exit_code()}")
            self.tell([warm, dropped])
        return [warm, dropped]

    def _idle_memory(self, row):
        folder = self.log("middle")
        log = {"records": self.records("middle"), "log_gib": bytes_in(folder) / GIBI}
        ready, reads = Entry(row, "ready"), Entry(row, "after reads")
        for _ in range(self.settings.rounds):
            with self.serve(folder) as server:
                ready.add(**memory_of(server), **log)
                read = json.loads(run([
                    str(self.settings.build / "bench_load"), "--port", str(server.port), "--target", "read", "--order",
                    "random", "--offsets", str(self.records("middle")), "--connections", "64",
                    "--seconds", str(self.settings.seconds)], self.settings.seconds))
                if not read["requests"] or any(read["errors"].values()):
                    raise RuntimeError(f"{row}: reads failed: {read['errors']}")
                reads.add(**memory_of(server), **log)
            self.tell([ready, reads])
        return [ready, reads]

    def _append_cost(self, row):
        kinds = {"single": ("--batch", 1, "--records", self._scaled(SINGLES), "--in-flight", SINGLES_IN_FLIGHT),
                 "batch": (*of_batches(), "--records", self._scaled(BATCHES) * BATCH_RECORDS)}
        sizes = ("small", "large")
        subject = {(kind, name): f"{kind}, {self.records(name):,} records" for kind in kinds for name in sizes}
        entries = {key: Entry(row, subject[key], subject[key[0], "small"] if key[1] == "large" else None)
                   for key in subject}
        for turn in range(self.settings.rounds):
            with self.folder("small") as fresh:
                self._fill(fresh, "small")
                folders = {"small": fresh, "large": self.log("large")}
                for kind, options in kinds.items():
                    for name in sizes if turn % 2 else reversed(sizes):
                        work = self.engine("append", folders[name], *options)
                        entries[kind, name].add(cpu_us=work["cpu_seconds"] / work["calls"] * 1e6,
                                                appends_per_group=work["calls"] / work["groups"],
                                                appends_per_second=work["calls"] / work["seconds"])
            self.tell(entries.values())
        return list(entries.values())

    # --- with what

    def _scaled(self, count):
        return max(1, round(count * self.settings.scale))

    def records(self, name):
        """In whole batches."""
        return self._scaled(LOGS[name][0]) * BATCH_RECORDS

    def folder(self, name):
        return tempfile.TemporaryDirectory(prefix=f"{name}-", dir=self.settings.out)

    def log(self, name):
        """The data folder of the log of that name."""
        return self.made(name, lambda folder: self._fill(folder, name))

    def made(self, name, fill):
        """The data folder of that name, filled when it is asked for first."""
        if name not in self._logs:
            folder = self._folders.enter_context(self.folder(name))
            fill(folder)
            self._logs[name] = folder
        return self._logs[name]

    def held(self, name, make):
        """The context of that name, made when it is asked for first; it stays for all rows."""
        if name not in self._held:
            self._held[name] = self._folders.enter_context(make())
        return self._held[name]

    def skip(self, line):
        self._say(line)
        self.skipped.append(line)

    def _fill(self, folder, name):
        self.engine("append", folder, "--records", self.records(name), *of_batches(LOGS[name][1]))

    def _engine_command(self, task, folder, *options):
        return [servers.built(self.settings, "bench_engine"), task, "--data-dir", str(folder), *map(str, options)]

    def engine(self, *command):
        return json.loads(run(self._engine_command(*command), RUN_SECONDS_MAX).splitlines()[-1])

    def _kill_while_it_appends(self, folder):
        with subprocess.Popen(self._engine_command("append", folder, "--seconds", RUN_SECONDS_MAX, *of_batches()),
                              stdout=subprocess.PIPE) as appender:
            try:
                appender.stdout.readline()  # it appends
                time.sleep(KILLED_AFTER_SECONDS * min(1, self.settings.scale))
            finally:
                appender.kill()
        if appender.returncode != -signal.SIGKILL:
            raise RuntimeError(f"bench_engine ended by itself, with {appender.returncode}")

    def serve(self, folder, *options, kind=servers.disk, **changes):
        command = servers.serve_command(self.settings, "--engine", "disk", "--data-dir", str(folder), *options)
        kind = dataclasses.replace(kind(self.settings), start=lambda _: ([command], None), **changes)
        return servers.Server(kind, self.settings, 0)

    def _fio(self, write_bytes, total_bytes):
        with self.folder("fio") as folder:
            output = run(["fio", "--name=writes", f"--directory={folder}", "--rw=write", f"--bs={write_bytes}",
                          f"--size={max(1, total_bytes // write_bytes) * write_bytes}", "--ioengine=psync",
                          "--fdatasync=1", "--fallocate=native", "--output-format=json"], RUN_SECONDS_MAX)
        job = json.loads(output[output.index("{"):])["jobs"][0]
        write = job["write"]
        cpu_seconds = (job["usr_cpu"] + job["sys_cpu"]) / 100 * job["job_runtime"] / 1e3
        return rates({"bytes": write["io_bytes"], "seconds": write["runtime"] / 1e3, "cpu_seconds": cpu_seconds},
                     write["total_ios"])

    def tell(self, entries):
        for entry in entries:
            figures = ", ".join(f"{name} {value:,.4g}" for name, value in entry.samples[-1].items())
            self._say(f"{entry.row} {entry.subject}: {figures}")
