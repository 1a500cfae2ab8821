"""The report's part about a build before."""
from yardstick.cells import median, number, ratio, table

NOW = {"before": "daybook", "disk-before": "disk"}


def lines(entries):
    """Empty where none of the entries is of such a build."""
    now = {(entry["row"], entry["server"]): entry["samples"] for entry in entries}
    rows = []
    for entry in entries:
        if entry["server"] in NOW:
            ours, theirs = now[entry["row"], NOW[entry["server"]]], entry["samples"]
            cells = []
            for figure, digits in (("rate", 0), ("cpu_us", 2)):
                one, other = median(ours, figure), median(theirs, figure)
                cells += [number(other, digits), number(one, digits), ratio(one, other)]
            rows.append([entry["row"], *cells])
    head = ["row", "requests/s before", "now", "now / before", "CPU us/request before", "now", "now / before"]
    return ["## Beside the build before", "", *table(head, rows)] if rows else []
