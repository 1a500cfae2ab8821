"""The report's part about what a log holds."""
from yardstick.cells import median, number, ratio, table

NATS_FIGURES = (("appends_per_second", "appends/s", 0), ("p50_us", "p50 us", 0), ("p99_us", "p99 us", 0),
                ("cpu_us", "CPU us/append", 2), ("nats_cpu_us", "of the NATS servers", 2),
                ("generator_us", "of the generator", 2), ("errors", "errors", 0))
NATS_COMPARED = (("appends_per_second", "appends/s: / cnats"), ("p50_us", "p50: / cnats"), ("p99_us", "p99: / cnats"),
                 ("nats_cpu_us", "CPU of the servers: / cnats"))
# For each row: the figures of its lines, with a head and digits, of which the first has least and most, too; and the
# ratios of figures to those of what a line is beside.
TABLES = {
    "engine-batches": ((("mb_per_second", "MB/s", 0), ("records_per_second", "records/s", 0),
                        ("kib_per_call", "KiB a write", 0), ("cpu_us_per_record", "CPU us/record", 3),
                        ("cpu_ms_per_gb", "CPU ms/GB", 0)), (("mb_per_second", "MB/s: engine / fio"),)),
    "engine-reads": ((("mb_per_second", "MB/s", 0), ("kib_per_call", "KiB a read", 0),
                      ("cpu_ms_per_gb", "CPU ms/GB", 0)),
                     (("mb_per_second", "MB/s: engine / pread"), ("cpu_ms_per_gb", "CPU: engine / pread"))),
    "http-batches": ((("records_per_second", "records/s", 0), ("cpu_us_per_record", "CPU us/record", 3),
                      ("p50_ms", "p50 ms", 1), ("generator_cores", "generator's cores", 2)),
                     (("records_per_second", "records/s: HTTP / engine"),)),
    "http-reads": ((("mb_per_second", "MB/s", 0), ("records_per_second", "records/s", 0),
                    ("kib_per_page", "KiB a page", 0), ("cpu_ms_per_gb", "CPU ms/GB", 0),
                    ("server_cores", "server's cores", 2), ("generator_cores", "generator's cores", 2)),
                   (("mb_per_second", "MB/s: / sendfile"), ("cpu_ms_per_gb", "CPU: / sendfile"))),
    "idle-memory": ((("VmRSS", "VmRSS MiB", 1), ("RssAnon", "RssAnon MiB", 1), ("RssFile", "RssFile MiB", 1),
                     ("records", "records", 0), ("log_gib", "log GiB", 2)), ()),
    "start-clean": ((("ready_ms", "ms to ready", 0), ("scanned_mib", "scanned MiB", 1), ("vm_rss_mib", "VmRSS MiB", 1),
                     ("log_gib", "log GiB", 2)), ()),
    "append-cost": ((("cpu_us", "CPU us/append", 2), ("appends_per_second", "appends/s", 0),
                     ("appends_per_group", "appends a group", 1)), (("cpu_us", "CPU: large / small log"),)),
    "logs-append": ((("cpu_us", "CPU us/append", 2), ("appends_per_second", "appends/s", 0),
                     ("appends_per_group", "appends a group", 1), ("vm_rss_mib", "VmRSS MiB", 1),
                     ("descriptors", "descriptors", 0)), (("cpu_us", "CPU: / one log"),)),
    "logs-start": ((("ready_ms", "ms to ready", 0), ("vm_rss_mib", "VmRSS MiB", 1), ("descriptors", "descriptors", 0),
                    ("scanned_mib", "scanned MiB", 1), ("stop_seconds", "s to stop", 2)), ()),
    "live-followers": ((("p99_ms", "p99 ms", 1), ("p50_ms", "p50 ms", 1), ("max_ms", "max ms", 1),
                        ("deliveries_per_second", "deliveries/s", 0), ("events_per_read", "events a read", 1),
                        ("cpu_us_per_delivery", "CPU us/delivery", 2), ("append_p99_ms", "append p99 ms", 1),
                        ("server_cores", "server's cores", 2), ("generator_cores", "generator's cores", 2)),
                       (("p99_ms", "p99: / fan-out"), ("cpu_us_per_delivery", "CPU: / fan-out"))),
    "live-polls": ((("appends_per_second", "appends/s", 0), ("cpu_us", "CPU us/append", 2), ("p99_ms", "p99 ms", 1),
                    ("kib_per_poll", "KiB a poll", 2), ("polls_mib", "MiB of polls", 1)),
                   (("appends_per_second", "appends/s: / no polls"), ("cpu_us", "CPU: / no polls"))),
    "nats-64": (NATS_FIGURES, NATS_COMPARED),
    "nats-open": ((*NATS_FIGURES[:1], ("asked_per_second", "asked/s", 0), *NATS_FIGURES[1:]), NATS_COMPARED),
}
TABLES["nats-1024"] = TABLES["nats-64"]
TABLES["start-killed"] = TABLES["start-clean"]


class SizeReport:
    def __init__(self, entries, scale):
        self._entries = entries
        self._scale = scale

    def lines(self):
        lines = ["## At size", "", *([f"Of the full sizes, {self._scale:g}.", ""] if self._scale != 1 else [])]
        for row in dict.fromkeys(entry["row"] for entry in self._entries):
            lines += self._table(row)
        return lines

    def _table(self, row):
        columns, compared = TABLES[row]
        (first, first_head, first_digits), *more = columns
        entries = [entry for entry in self._entries if entry["row"] == row]
        by_subject = {entry["subject"]: entry["samples"] for entry in entries}
        head = ["row, what", first_head, "least", "most", *(title for _, title, _ in more),
                *(title for _, title in compared)]
        lines = []
        for entry in entries:
            samples = entry["samples"]
            values = [sample[first] for sample in samples]
            other = by_subject.get(entry["beside"], [])
            lines.append([f"{row}, {entry['subject']}", number(median(samples, first), first_digits),
                          number(min(values), first_digits), number(max(values), first_digits),
                          *(number(median(samples, name), digits) for name, _, digits in more),
                          *(ratio(median(samples, name), median(other, name)) for name, _ in compared)])
        return table(head, lines)
