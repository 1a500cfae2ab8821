"""What the tables are made of: medians of samples, and cells."""
import statistics

DASH = "-"


def median(samples, *path):
    """Of a figure in each sample, where there is one."""
    values = []
    for sample in samples:
        for name in path:
            sample = sample.get(name) if sample else None
        if sample is not None:
            values.append(sample)
    return statistics.median(values) if values else None


def errors_of(samples):
    """The errors of all samples together, by kind; without those that did not occur."""
    total = {}
    for sample in samples:
        for kind, count in sample["errors"].items():
            total[kind] = total.get(kind, 0) + count
        if "ended" in sample:
            total["server ended"] = total.get("server ended", 0) + 1
    return {kind: count for kind, count in total.items() if count}


def number(value, digits=0):
    return DASH if value is None else f"{value:,.{digits}f}"


def ratio(one, other):
    return f"{one / other:.2f}" if one and other else DASH


def cell_of_errors(entry):
    return "cannot" if entry["cannot"] else number(sum(errors_of(entry["samples"]).values()))


def has_trouble(entry):
    return bool(entry["cannot"] or errors_of(entry["samples"]))


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]
