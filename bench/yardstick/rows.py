"""The rows of the table: what is asked of each server, over how many connections."""
import dataclasses
import fnmatch

CONNECTIONS = (1, 32, 64, 512)
CONNECTIONS_OPEN_LOOP = 64
PIPELINED = (64, 16)  # connections, requests that go out together


def value(size):
    """The base64 of 'LogLogLo...', `size` bytes long."""
    return "TG9n" * (size // 3) + ("", "TA==", "TG8=")[size % 3]


@dataclasses.dataclass(frozen=True)
class Row:
    """One kind of load. A further kind needs a row here, a script in wrk/, and options for bench_load."""
    name: str
    target: str  # append or read
    connections: int
    pipeline: int = 1
    open_loop: bool = False

    def request(self, settings, turn=0):
        """The method, path and body of one request, for the probe."""
        if self.target == "append":
            return "POST", "/", '{"record":{"value":"%s"}}' % value(settings.value_bytes)
        return "GET", f"/?offset={turn % settings.preload}", ""

    def wrk_script(self, settings):
        """The script in wrk/ and its arguments."""
        last = settings.value_bytes if self.target == "append" else settings.preload
        return f"{self.target}.lua", [str(self.pipeline), str(last)]

    def load_options(self, settings):
        """The options of bench_load that say what to send."""
        return ["--target", self.target, "--connections", str(self.connections),
                "--value-bytes", str(settings.value_bytes), "--offsets", str(settings.preload)]


def closed_name(target):
    """The row whose rate is taken as a server's peak."""
    return f"{target}-{CONNECTIONS_OPEN_LOOP}"


def all_rows():
    rows = [Row(f"{target}-{count}", target, count) for target in ("append", "read") for count in CONNECTIONS]
    connections, depth = PIPELINED
    rows += [Row(f"{target}-{connections}x{depth}", target, connections, depth) for target in ("append", "read")]
    rows += [Row(f"{target}-open", target, CONNECTIONS_OPEN_LOOP, open_loop=True) for target in ("append", "read")]
    return rows


def chosen(patterns):
    """The rows that match one of the comma-separated patterns, and those that these need."""
    patterns = patterns.split(",")
    rows = all_rows()
    names = {row.name for row in rows for pattern in patterns if fnmatch.fnmatch(row.name, pattern)}
    names |= {closed_name(row.target) for row in rows if row.name in names and row.open_loop}
    return [row for row in rows if row.name in names]
