#!/usr/bin/env python3
"""Measures daybook beside servers that it can be judged by, and prints a table of ratios and figures.

Each round starts each server anew, fills it with a few records, loads it, and ends it; rounds take turns among the
servers, so that what else the machine does falls on all alike. See README.md beside this file."""
import argparse
import contextlib
import http.client
import json
import pathlib
import shlex
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
from yardstick import drivers, machine, rows, servers, size  # noqa: E402
from yardstick.cells import median  # noqa: E402
from yardstick.report import Report  # noqa: E402

KEEPS_UP = 0.95  # of the rate that was asked


def parsed(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--build", type=pathlib.Path, default=pathlib.Path("build/release"), help="where the programs were built")
    add("--out", type=pathlib.Path, default=pathlib.Path("build/bench"), help="for table.md, raw.json and logs")
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=3, help="of each round")
    add("--rows", default="*", help="names or patterns, with commas: " + " ".join(row.name for row in rows.all_rows()))
    add("--peers", default=",".join(name for name in servers.KINDS if name not in servers.OURS + servers.BEFORE),
        help="with commas")
    add("--threads", type=int, default=2, help="of each server")
    add("--load-threads", type=int, default=1, help="of the load generator")
    add("--driver", choices=("auto", "wrk", "load"), default="auto",
        help="of the closed loops; auto: wrk if it is there")
    add("--value-bytes", type=int, default=23, help="of a record")
    add("--preload", type=int, default=1000, help="records that are there before each round, and are read")
    add("--scale", type=float, help="of the logs of the rows about size, the largest of 10 GiB [1; with --quick 0.01]")
    add("--daybook-before", type=pathlib.Path, help="another daybook, of a build before, for the same rows")
    add("--daybook-options", default="", help="further options of `daybook serve`")
    add("--quick", action="store_true", help="one round of one second: a look, no measurement")
    settings = parser.parse_args(arguments)
    settings.peers = [name for name in settings.peers.split(",") if name]
    if settings.daybook_before:
        settings.daybook_before = settings.daybook_before.resolve()
        settings.peers = [*servers.BEFORE, *settings.peers]  # the next turn is theirs
    if unknown := set(settings.peers) - set(servers.KINDS):
        parser.error("there is no peer " + ", ".join(sorted(unknown)))
    if not rows.chosen(settings.rows):
        parser.error("there is no row " + settings.rows)
    if settings.quick:
        settings.rounds, settings.seconds = 1, min(settings.seconds, 1)
    settings.scale = settings.scale or (0.01 if settings.quick else 1)
    settings.build, settings.out = settings.build.resolve(), settings.out.resolve()
    settings.out.mkdir(parents=True, exist_ok=True)
    return settings


def say(line):
    print(line, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, settings, chosen):
        self._settings = settings
        self.skipped = []
        self.kinds = []
        for name in dict.fromkeys([*servers.OURS, *settings.peers]):
            if not any(name in row.servers for row in chosen):
                continue
            try:
                self.kinds.append(servers.KINDS[name](settings))
            except servers.Missing as why:
                self._skip(f"{name} is left out: {why}.")
        if settings.driver == "load" or (settings.driver == "auto" and not drivers.Wrk.is_here()):
            self.driver = drivers.Load
            if settings.driver == "auto":
                self._skip("wrk is not here: bench_load drives the closed loops.")
        else:
            self.driver = drivers.Wrk
        on_disk = any(row.is_durable or row.is_of_size for row in chosen)
        if on_disk and machine.file_system(settings.out).startswith("tmpfs"):
            self._skip(f"{settings.out} is in memory: durable rows and those about size tell nothing of a disk.")

    def _skip(self, line):
        say(line)
        self.skipped.append(line)

    def _kinds_of(self, row):
        return [kind for kind in self.kinds if kind.name in row.servers]

    def closed(self, row):
        entries = [{"row": row.name, "server": kind.name, "title": kind.title, "cannot": None, "samples": []}
                   for kind in self._kinds_of(row)]
        driver = drivers.Load if row.is_durable else self.driver
        self._rounds(row, entries, lambda server, _: driver.run(server, row, self._settings))
        return entries

    def open(self, row, closed):
        """At half of each server's own peak, and at half of daybook's."""
        peaks = {entry["server"]: median(entry["samples"], "rate")
                 for entry in closed if entry["row"] == rows.closed_name(row.target)}
        entries = []
        for kind in self._kinds_of(row):
            for owner in dict.fromkeys((kind.name, "daybook")):
                rate = (peaks.get(owner) or 0) / 2
                entry = {"row": row.name, "server": kind.name, "title": kind.title, "samples": [],
                         "half_of": owner, "rate_asked": rate, "cannot": None}
                own = peaks.get(kind.name) or 0
                if not rate:
                    entry["cannot"] = f"the peak of {owner} is not known"
                elif rate > own:
                    entry["cannot"] = f"half of {owner}'s peak is {rate:,.0f}/s, above its own peak of {own:,.0f}/s"
                entries.append(entry)
        self._rounds(row, entries, lambda server, entry: drivers.Load.run(
            server, row, self._settings, entry["rate_asked"]))
        for entry in entries:
            reached = median(entry["samples"], "rate")
            if reached is not None and reached < KEEPS_UP * entry["rate_asked"]:
                entry["cannot"] = f"of {entry['rate_asked']:,.0f}/s it answered {reached:,.0f}/s"
        return entries

    def _rounds(self, row, entries, drive):
        kinds = {kind.name: kind for kind in self.kinds}
        for turn in range(self._settings.rounds):
            first = turn % len(entries)  # none is always the one after the same other
            for entry in entries[first:] + entries[:first]:
                if entry["cannot"]:
                    continue
                try:
                    self._round(row, entry, kinds[entry["server"]], drive)
                except (RuntimeError, OSError, http.client.HTTPException, subprocess.TimeoutExpired) as why:
                    if entry["server"] in servers.OURS:
                        raise
                    entry["cannot"] = str(why)
                    say(f"{row.name} {entry['server']}: {why}")

    def _round(self, row, entry, kind, drive):
        if kind.room:
            sample = drivers.run_sync_loop(kind, self._settings)
        else:
            with servers.Server(kind, self._settings, 0 if row.is_durable else self._settings.preload) as server:
                if not entry["samples"]:
                    entry["cannot"] = drivers.probe(server, row, self._settings)
                if entry["cannot"]:
                    say(f"{row.name} {kind.name}: {entry['cannot']}")
                    return
                sample = drivers.measure(server, lambda: drive(server, entry))
        entry["samples"].append(sample)
        used = f"{sample['cpu_us']:.2f} us" if sample["cpu_us"] else "unknown"
        say(f"{row.name} {kind.name}: {sample['rate']:,.0f}/s, CPU {used} each")


def measured(settings, arguments):
    chosen = rows.chosen(settings.rows)
    bench = Bench(settings, chosen)
    results = {
        "rounds": settings.rounds, "seconds": settings.seconds, "driver": bench.driver.name,
        "threads": settings.threads, "machine": machine.machine(settings.out), "versions": machine.versions(settings),
        "command": shlex.join(["bench/bench.py", *arguments]), "closed": [], "open": [], "durable": [],
        "size": [], "scale": settings.scale, "skipped": bench.skipped}
    with size.Size(settings, bench.driver, say) as at_size:
        for row in chosen:
            if row.open_loop:
                results["open"] += bench.open(row, results["closed"])
            elif row.is_durable:
                results["durable"] += bench.closed(row)
            elif row.is_of_size:
                results["size"] += at_size.measure(row)
            else:
                results["closed"] += bench.closed(row)
        results["skipped"] += at_size.skipped
    return results


def main(arguments):
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))  # by way of every `with`
    settings = parsed(arguments)
    if not (settings.build / "daybook").exists() or not (settings.build / "bench_load").exists():
        say(f"{settings.build} has no daybook, or no bench_load; build the targets daybook and bench first")
        return 2
    try:
        results = measured(settings, arguments)
    except RuntimeError as why:
        say(str(why))
        return 1
    text = Report(results).markdown()
    (settings.out / "raw.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (settings.out / "table.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
    sys.exit(128 + signal.SIGINT)
