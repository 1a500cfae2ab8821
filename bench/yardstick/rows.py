"""The rows of the table: what is asked of each server, over how many connections."""
import dataclasses
import fnmatch

CONNECTIONS = (1, 32, 64, 512)
IN_MEMORY = ("daybook", "before", "floor", "seed", "pistache")  # the first is what the others are compared with
WITH_TOKENS = ("tokens",)  # at CONNECTIONS_OPEN_LOOP only
DURABLE = ("disk", "disk-before", "disk-no-sync", "webdis", "etcd", "seed")
BESIDE_ONE_DURABLE_APPEND = ("floor", "loop-reserved", "loop-zeroed")  # what an exchange and a sync cost by themselves
CONNECTIONS_OPEN_LOOP = 64
SIZE = ("engine-batches", "http-batches", "engine-reads", "http-reads", "idle-memory", "start-clean",
        "append-cost", "start-killed", "logs-append", "logs-start", "live-followers", "live-polls", "nats-64", "nats-1024", "nats-open")
NEEDED = {"nats-open": "nats-1024"}  # its peak
PIPELINED = (64, 16)  # connections, requests that go out together


def value(size):
    """The base64 of 'LogLogLo...', `size` bytes long."""
    return "TG9n" * (size // 3) + ("", "TA==", "TG8=")[size % 3]


@dataclasses.dataclass(frozen=True)
class Row:
    """One kind of load. A further kind needs a row here, a script in wrk/, and options for bench_load."""
    name: str
    target: str  # append or read; size: no load, yardstick/size.py measures it
    connections: int = 0
    pipeline: int = 1
    open_loop: bool = False
    servers: tuple = IN_MEMORY
    is_durable: bool = False  # appends in the words of each server, and nothing that is there before

    @property
    def is_of_size(self):
        return self.target == "size"

    def request(self, settings, kind, turn=0):
        """The method, path and body of one request, for the probe."""
        if self.target == "append":
            body = kind.append_body or '{"record":{"value":"%s"}}' % value(settings.value_bytes)
            return "POST", kind.append_path, body.replace("{serial}", f"{turn:012}")
        return "GET", f"/?offset={turn % settings.preload}", ""

    def wrk_script(self, settings):
        """The script in wrk/ and its arguments."""
        last = settings.value_bytes if self.target == "append" else settings.preload
        return f"{self.target}.lua", [str(self.pipeline), str(last)]

    def load_options(self, settings, kind):
        """The options of bench_load that say what to send."""
        options = ["--target", self.target, "--connections", str(self.connections),
                   "--value-bytes", str(settings.value_bytes), "--offsets", str(settings.preload)]
        return options + (["--path", kind.append_path, "--body", kind.append_body] if kind.append_body else [])


def closed_name(target):
    """The row whose rate is taken as a server's peak."""
    return f"{target}-{CONNECTIONS_OPEN_LOOP}"


def all_rows():
    rows = [Row(f"{target}-{count}", target, count,
                servers=IN_MEMORY + (WITH_TOKENS if count == CONNECTIONS_OPEN_LOOP else ()))
            for target in ("append", "read") for count in CONNECTIONS]
    connections, depth = PIPELINED
    rows += [Row(f"{target}-{connections}x{depth}", target, connections, depth, servers=IN_MEMORY + WITH_TOKENS)
             for target in ("append", "read")]
    rows += [Row(f"{target}-open", target, CONNECTIONS_OPEN_LOOP, open_loop=True) for target in ("append", "read")]
    rows += [Row(f"durable-{count}", "append", count, is_durable=True,
                 servers=DURABLE + (BESIDE_ONE_DURABLE_APPEND if count == 1 else ())) for count in CONNECTIONS]
    rows += [Row(name, "size", servers=()) for name in SIZE]
    return rows


def chosen(patterns):
    """The rows that match one of the comma-separated patterns, and those that these need."""
    patterns = patterns.split(",")
    rows = all_rows()
    names = {row.name for row in rows for pattern in patterns if fnmatch.fnmatch(row.name, pattern)}
    names |= {closed_name(row.target) for row in rows if row.name in names and row.open_loop}
    names |= {NEEDED[name] for name in names if name in NEEDED}
    return [row for row in rows if row.name in names]
