"""The table: ratios first, then the figures, then what they cannot tell and where they come from."""
from yardstick import before
from yardstick.cells import DASH, cell_of_errors, errors_of, has_trouble, median, number, ratio, table
from yardstick.durable import DurableReport
from yardstick.size_report import SizeReport


class Report:
    def __init__(self, results):
        self._results = results
        self._closed = {(entry["row"], entry["server"]): entry for entry in results["closed"]}
        self._rows = list(dict.fromkeys(entry["row"] for entry in results["closed"]))

    def markdown(self):
        driver = self._results["driver"]
        lines = ["# Yardstick", "", f"Closed loops by {driver}, open loops and durable rows by bench_load; "
                 f"medians of {self._results['rounds']} round(s) of {self._results['seconds']:g} s.", ""]
        if self._closed:
            lines += ["## Ratios", "", *self._ratios(), "## Figures", "", *self._figures()]
        if self._results["open"]:
            lines += ["## Latency at a fixed rate", "", "In microseconds, from when a request was due.", "",
                      *self._latencies()]
        if self._results["durable"]:
            lines += DurableReport(self._results["durable"]).lines()
        lines += before.lines(self._results["closed"] + self._results["durable"])
        if self._results["size"]:
            lines += SizeReport(self._results["size"], self._results["scale"]).lines()
        lines += ["## To be known", "", *self._remarks(), "", "## Where", ""]
        for part in ("machine", "versions"):
            lines += [f"- {name}: {text}" for name, text in self._results[part].items()]
        lines += ["", f"    {self._results['command']}", ""]
        return "\n".join(lines)

    def _of(self, row, server, figure):
        entry = self._closed.get((row, server))
        return median(entry["samples"], figure) if entry else None

    def _ratios(self):
        head = ["row", "CPU/request: daybook / floor", "CPU/request: with tokens / daybook", "requests/CPU s: daybook / Go",
                "requests/CPU s: daybook / stock Pistache", "daybook requests/s", "daybook CPU us/request"]
        rows = []
        for row in self._rows:
            own = self._of(row, "daybook", "per_cpu_second")
            cells = [ratio(self._of(row, one, "cpu_us"), self._of(row, other, "cpu_us"))
                     for one, other in (("daybook", "floor"), ("tokens", "daybook"))]
            cells += [ratio(own, self._of(row, peer, "per_cpu_second")) for peer in ("seed", "pistache")]
            cells += [number(self._of(row, "daybook", "rate")), number(self._of(row, "daybook", "cpu_us"), 2)]
            rows.append([row + self._mark(row), *cells])
        return table(head, rows) + ["Where a row has a \\*, something went wrong: see below.", ""]

    def _mark(self, row):
        """A row in which anything went wrong is marked."""
        return " \\*" if any(has_trouble(entry) for (name, _), entry in self._closed.items() if name == row) else ""

    def _figures(self):
        head = ["row, server", "requests/s", "CPU us/request", "least", "most", "requests/CPU s", "errors"]
        rows = []
        for entry in self._results["closed"]:
            samples = entry["samples"]
            cpu = [sample["cpu_us"] for sample in samples if sample["cpu_us"] is not None]
            rows.append([
                f"{entry['row']}, {entry['title']}", number(median(samples, "rate")),
                number(median(samples, "cpu_us"), 2), number(min(cpu, default=None), 2),
                number(max(cpu, default=None), 2), number(median(samples, "per_cpu_second")),
                cell_of_errors(entry)])
        return table(head, rows)

    def _latencies(self):
        head = ["row, server", "at half the peak of", "asked/s", "answered/s", "p50", "p99", "p99.9",
                "CPU us/request", "errors"]
        rows = []
        for entry in self._results["open"]:
            samples = entry["samples"]
            quantiles = [number(median(samples, "latency_us", name)) for name in ("p50", "p99", "p999")]
            rows.append([f"{entry['row']}, {entry['title']}", entry["half_of"], number(entry["rate_asked"]),
                         number(median(samples, "rate")), *quantiles, number(median(samples, "cpu_us"), 2),
                         cell_of_errors(entry)])
        return table(head, rows)

    def _remarks(self):
        lines = [f"- {line}" for line in self._results["skipped"]]
        for entry in self._results["closed"] + self._results["open"] + self._results["durable"]:
            name = f"{entry['row']}, {entry['title']}"
            if entry["cannot"]:
                lines.append(f"- {name}: {entry['cannot']}.")
            errors = errors_of(entry["samples"])
            if errors:
                counts = ", ".join(f"{kind} {count}" for kind, count in errors.items())
                lines.append(f"- {name}: errors: {counts}.")
        return lines or ["- Nothing was skipped, and there were no errors."]
