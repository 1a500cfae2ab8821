"""The report's part about appends that are on the disk when they are answered."""
from yardstick.cells import cell_of_errors, has_trouble, median, number, ratio, table

PEERS = {"seed": "Go (volatile)", "disk-no-sync": "disk without fsync", "webdis": "webdis", "etcd": "etcd"}
ROOMS = {"loop-reserved": "reserved, as daybook's", "loop-zeroed": "zeroed before"}


class DurableReport:
    def __init__(self, entries):
        self._entries = entries
        self._by_name = {(entry["row"], entry["server"]): entry for entry in entries}
        self._rows = list(dict.fromkeys(entry["row"] for entry in entries))

    def lines(self):
        lines = ["## Durable appends", "", "Latency in microseconds.", "", *self._ratios(), *self._figures()]
        if any(entry["server"] in ROOMS for entry in self._entries):
            lines += ["What one append adds to the least: the loop's write and sync, and the floor's exchange of one "
                      "request (p50, microseconds).", "", *self._beside_the_loop()]
        return lines

    def _of(self, row, server, *figure):
        entry = self._by_name.get((row, server))
        return median(entry["samples"], *figure) if entry else None

    def _ratios(self):
        lines = []
        for figure, what in (("rate", "requests/s"), ("per_cpu_second", "requests/CPU s")):
            head = [f"row, {what}", "disk", *(f"disk / {title}" for title in PEERS.values())]
            rows = []
            for row in self._rows:
                own = self._of(row, "disk", figure)
                mark = " \\*" if any(has_trouble(entry) for entry in self._entries if entry["row"] == row) else ""
                rows.append([row + mark, number(own), *(ratio(own, self._of(row, peer, figure)) for peer in PEERS)])
            lines += table(head, rows)
        return lines

    def _figures(self):
        head = ["row, server", "requests/s", "least", "most", "p50", "p99", "CPU us/request", "errors"]
        rows = []
        for entry in self._entries:
            samples = entry["samples"]
            rates = [sample["rate"] for sample in samples]
            rows.append([f"{entry['row']}, {entry['title']}", number(median(samples, "rate")),
                         number(min(rates, default=None)), number(max(rates, default=None)),
                         *(number(median(samples, "latency_us", name)) for name in ("p50", "p99")),
                         number(median(samples, "cpu_us"), 2), cell_of_errors(entry)])
        return table(head, rows)

    def _beside_the_loop(self):
        head = ["row, the loop's room", "loop", "floor", "disk", "disk / loop", "disk / (loop + floor)"]
        rows = []
        for row in self._rows:
            disk, floor = (self._of(row, server, "latency_us", "p50") for server in ("disk", "floor"))
            for server, room in ROOMS.items():
                loop = self._of(row, server, "latency_us", "p50")
                if loop:
                    rows.append([f"{row}, {room}", number(loop), number(floor), number(disk), ratio(disk, loop),
                                 ratio(disk, floor and loop + floor)])
        return table(head, rows)
