"""Rows about what a log takes and gives over HTTP, beside the engine by itself, and beside bytes that nobody
looks at."""
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib

from yardstick import servers
from yardstick.drivers import run
from yardstick.entries import BATCH_RECORDS, LOGS, MEGA, RUN_SECONDS_MAX, VALUE_BYTES, Entry, of_batches

RECORDS_PATH = "/v1/logs/default/records"
BATCH_CONNECTIONS = 8
READ_CONNECTIONS = 2
PAGE_RECORDS, PAGE_BYTES, SMALL_PAGE_BYTES = 10_000, 16 << 20, 1 << 20  # the most that a page has, and a MiB
WARMUP_SHARE = 0.2  # of the measured time, before it


@dataclasses.dataclass(frozen=True)
class Form:
    """How a page comes."""
    title: str
    media_type: str
    query: str = ""


FORMS = (Form("bytes", "application/octet-stream"), Form("NDJSON", "application/x-ndjson"),
         Form("NDJSON as text", "application/x-ndjson", "&encoding=text"), Form("JSON", "application/json"))


@dataclasses.dataclass(frozen=True)
class Pages:
    """Pages of one size, of one log."""
    title: str
    log: str
    bytes_max: int

    @property
    def records_max(self):
        return min(PAGE_RECORDS, self.bytes_max // LOGS[self.log][1])

    def path(self, form, offset):
        return f"{RECORDS_PATH}?offset={offset}&limit={self.records_max}&max_bytes={self.bytes_max}{form.query}"


# 10,000 records of 100 bytes are less than 1 MiB.
PAGES = (Pages("100 bytes, largest pages", "middle", PAGE_BYTES),
         Pages("1,000 bytes, largest pages", "wide", PAGE_BYTES),
         Pages("1,000 bytes, pages of 1 MiB", "wide", SMALL_PAGE_BYTES))


CORES = sorted(os.sched_getaffinity(0))


@contextlib.contextmanager
def on_core(index):
    """What is started meanwhile stays on that one of the cores that there were at first."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORES[index]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def batches(at_size, row):
    """NDJSON over HTTP, and the same batches to the engine alone."""
    over_http, engine = Entry(row, "HTTP", beside="engine"), Entry(row, "engine")
    load = ("--method", "POST", "--path", RECORDS_PATH, "--content-type", "application/x-ndjson", "--body",
            '{"text":"%s"}\n' % ("Log" * VALUE_BYTES)[:VALUE_BYTES], "--body-times", str(BATCH_RECORDS),
            "--connections", str(BATCH_CONNECTIONS))
    for _ in range(at_size.settings.rounds):
        with at_size.folder("batches") as folder:
            work = at_size.engine("append", folder, "--seconds", at_size.settings.seconds, *of_batches())
        engine.add(records_per_second=work["records"] / work["seconds"],
                   cpu_us_per_record=work["cpu_seconds"] / work["records"] * 1e6)
        with at_size.folder("batches") as folder, at_size.serve(folder) as server:
            sample = loaded(at_size, server, load)
        over_http.add(records_per_second=sample["rate"] * BATCH_RECORDS,
                      cpu_us_per_record=sample["server_cpu_seconds"] / sample["answers"] / BATCH_RECORDS * 1e6,
                      p50_ms=sample["latency_us"]["p50"] / 1e3, generator_cores=sample["generator_cores"])
        at_size.tell([over_http, engine])
    return [over_http, engine]


def reads(at_size, row):
    """Warm pages over the socket, and as many bytes by sendfile, and by pread and send; the server has one core, the
    generator another."""
    entries = {}
    for pages in PAGES:
        sent = f"{pages.title}, sendfile"
        entries[pages] = ({form: Entry(row, f"{pages.title}, {form.title}", beside=sent) for form in FORMS},
                          {True: Entry(row, f"{pages.title}, pread and send", beside=sent), False: Entry(row, sent)})
    for _ in range(at_size.settings.rounds):
        for pages, (by_form, peers) in entries.items():
            folder = at_size.log(pages.log)
            with on_core(0), at_size.serve(folder) as server:
                for form, entry in by_form.items():
                    entry.add(**pages_read(at_size, server, pages, form))
            for copies, entry in peers.items():
                with on_core(0), files_sent(at_size, folder, page_of(by_form), copies) as server:
                    sample = loaded(at_size, server, ("--target", "read", "--connections", str(READ_CONNECTIONS)), core=-1)
                    entry.add(**read_figures(sample))
            at_size.tell([*by_form.values(), *peers.values()])
    return [entry for by_form, peers in entries.values() for entry in (*by_form.values(), *peers.values())]


def page_of(by_form):
    """How large a page of bytes is, of all that were read last."""
    return round(by_form[FORMS[0]].samples[-1]["kib_per_page"] * 1024)


def pages_read(at_size, server, pages, form):
    records = records_of_a_page(server, pages, form)
    sample = loaded(at_size, server, (
        "--target", "read", "--path", pages.path(form, "{offset}"), "--header", f"Accept: {form.media_type}",
        "--offsets", str(max(1, at_size.records(pages.log) // records)), "--offset-step", str(records),
        "--connections", str(READ_CONNECTIONS)), core=-1)
    return read_figures(sample, records)


def records_of_a_page(server, pages, form):
    """As the server says it of the first page, which is of the form that was asked for."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", pages.path(form, 0), headers={"Accept": form.media_type})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200 or answer.getheader("Content-Type") != form.media_type:
        raise RuntimeError(f"a read is answered {answer.status} {answer.getheader('Content-Type')}")
    return int(answer.getheader("Next-Offset"))


def read_figures(sample, records=None):
    page_bytes = sample["bytes"] / sample["answers"]
    per_second = sample["bytes_in_time"] / sample["seconds"]
    of_records = {"records_per_second": per_second / page_bytes * records} if records else {}
    return {"mb_per_second": per_second / MEGA, **of_records, "kib_per_page": page_bytes / 1024,
            "cpu_ms_per_gb": sample["server_cpu_seconds"] / sample["bytes"] * 1e12,
            "server_cores": sample["server_cores"], "generator_cores": sample["generator_cores"]}


def files_sent(at_size, folder, page_bytes, copies):
    command = [servers.built(at_size.settings, "bench_sendfile"), "--port", "0", "--bytes", str(page_bytes),
               "--copy", str(int(copies))]
    for segment in sorted(pathlib.Path(folder).rglob("*.log")):
        if segment.parent.name != "catalogue":
            command += ["--file", str(segment)]
    return servers.Server(servers.Kind("sendfile", "sendfile", servers.printing_its_port(command)), at_size.settings, 0)


def loaded(at_size, server, load, core=None):
    """What bench_load saw, with the CPU that it and the server used; `core`: the one that it has to itself."""
    seconds = at_size.settings.seconds
    command = [servers.built(at_size.settings, "bench_load"), "--port", str(server.port), "--seconds", str(seconds),
               "--warmup-seconds", str(seconds * WARMUP_SHARE), *load]
    before = server.cpu_seconds()
    with contextlib.nullcontext() if core is None else on_core(core):
        sample = json.loads(run(command, RUN_SECONDS_MAX))
    sample["server_cpu_seconds"] = server.cpu_seconds() - before
    if not sample["answers"] or any(sample["errors"].values()) or not server.is_running():
        raise RuntimeError(f"{' '.join(load[:4])}: {sample['errors']}, {sample['answers']} answers")
    for who in ("server", "generator"):
        sample[f"{who}_cores"] = sample[f"{who}_cpu_seconds"] / (seconds * (1 + WARMUP_SHARE))
    return sample
