"""What all rows about size have in common: their logs, and the lines of their tables."""
import dataclasses

BATCH_RECORDS = 1000
VALUE_BYTES = 100
LOGS = {  # batches, and bytes of a value: "large" takes 10 GiB
    "small": (1_000, VALUE_BYTES), "middle": (10_000, VALUE_BYTES), "large": (100_000, VALUE_BYTES),
    "wide": (1_070, 10 * VALUE_BYTES),  # as large as "middle"
}
IN_FLIGHT = 16  # batches
RUN_SECONDS_MAX = 1800
MEGA, MEBI, GIBI = 1e6, 1 << 20, 1 << 30


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of a row's table: figures by name in each sample. What it is beside is another's subject."""
    row: str
    subject: str
    beside: str = None
    samples: list = dataclasses.field(default_factory=list)

    def add(self, **figures):
        self.samples.append(figures)


def of_batches(value_bytes=VALUE_BYTES):
    return "--batch", BATCH_RECORDS, "--value-bytes", value_bytes, "--in-flight", IN_FLIGHT


def rates(work, calls):
    return {"mb_per_second": work["bytes"] / work["seconds"] / MEGA, "kib_per_call": work["bytes"] / calls / 1024,
            "cpu_ms_per_gb": work["cpu_seconds"] / work["bytes"] * 1e12}
