"""Rows about live reads: followers of a log that grows, beside a server that only writes events to sockets, and polls
that wait while others append."""
import contextlib
import http.client
import subprocess
import time

from yardstick import servers
from yardstick.entries import RUN_SECONDS_MAX, VALUE_BYTES, Entry
from yardstick.size_http import loaded

FOLLOWERS, FOLLOWERS_LEAST = 1_000, 10
APPENDS_PER_SECOND, APPENDING_CONNECTIONS = 1_000, 16
POLLS, POLLS_LEAST = 10_000, 100
POLLED_LOGS, POLL_WAIT_SECONDS = 10, 30
APPENDERS = 64  # closed loop, beside the polls
COUNT_SECONDS = 20  # until all polls wait, or none


def followers(at_size, row):
    """The same events by daybook and by the least that writes them, in turns; each server is new each round."""
    count = scaled(at_size, FOLLOWERS, FOLLOWERS_LEAST)
    kinds = [servers.daybook(at_size.settings), fan_out(at_size.settings)]
    if at_size.settings.daybook_before:
        kinds.append(servers.before(servers.daybook, at_size.settings))
    entries = {kind.name: Entry(row, subject_of(kind, count), subject_of(kinds[1], count)) for kind in kinds}
    for turn in range(at_size.settings.rounds):
        for kind in kinds if turn % 2 else reversed(kinds):
            with servers.Server(kind, at_size.settings, 0) as server:
                entries[kind.name].add(**followed(at_size, server, count))
        at_size.tell(entries.values())
    return list(entries.values())


def subject_of(kind, count):
    return f"{kind.title}, {count:,} followers"


def fan_out(settings):
    command = [servers.built(settings, "bench_fan_out"), "--port", "0", "--threads", str(settings.threads),
               "--value-bytes", str(VALUE_BYTES)]
    return servers.Kind("fan-out", "fan-out", servers.printing_its_port(command))


def followed(at_size, server, count):
    sample = loaded(at_size, server, (
        "--target", "append", "--value-bytes", str(VALUE_BYTES), "--rate", str(APPENDS_PER_SECOND),
        "--connections", str(APPENDING_CONNECTIONS), "--followers", str(count), "--drain-seconds", "10"))
    if any(sample["delivery_errors"].values()):
        raise RuntimeError(f"{server.kind.name}: deliveries: {sample['delivery_errors']}")
    delivery = sample["delivery_us"]
    return {"p50_ms": delivery["p50"] / 1e3, "p99_ms": delivery["p99"] / 1e3, "max_ms": delivery["max"] / 1e3,
            "deliveries_per_second": sample["deliveries"] / sample["seconds"],
            "events_per_read": count * sample["answers"] / sample["reads"],
            "cpu_us_per_delivery": sample["server_cpu_seconds"] / (count * sample["answers"]) * 1e6,
            "append_p99_ms": sample["latency_us"]["p99"] / 1e3,
            "server_cores": sample["server_cores"], "generator_cores": sample["generator_cores"]}


def polls(at_size, row):
    """Appends to one log, with and without polls that wait for records of others, in turns; one server a round."""
    count = scaled(at_size, POLLS, POLLS_LEAST)
    without, beside = Entry(row, "no polls"), Entry(row, f"{count:,} polls", "no polls")
    for turn in range(at_size.settings.rounds):
        with servers.Server(servers.daybook(at_size.settings), at_size.settings, 0) as server:
            make_logs(server)
            for entry in (without, beside) if turn % 2 else (beside, without):
                kibibytes = server.memory_mib("VmRSS") * 1024
                with polling(at_size, server, count) if entry is beside else contextlib.nullcontext():
                    taken = server.memory_mib("VmRSS") * 1024 - kibibytes
                    figures = appended(at_size, server)
                    if entry is beside:
                        await_waits(server, count)
                        figures.update(kib_per_poll=taken / count, polls_mib=taken / 1024)
                    entry.add(**figures)
        at_size.tell([without, beside])
    return [without, beside]


def make_logs(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for number in range(POLLED_LOGS):
        connection.request("PUT", f"/v1/logs/p{number}")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            raise RuntimeError(f"PUT /v1/logs/p{number} is answered {answer.status}")
    connection.close()


@contextlib.contextmanager
def polling(at_size, server, count):
    """Meanwhile so many connections poll, again whenever a wait is over."""
    command = [servers.built(at_size.settings, "bench_load"), "--port", str(server.port), "--method", "GET",
               "--path", f"/v1/logs/p{{offset}}/records?offset=next&wait={POLL_WAIT_SECONDS}s",
               "--offsets", str(POLLED_LOGS), "--connections", str(count), "--seconds", str(RUN_SECONDS_MAX),
               "--timeout-seconds", str(2 * POLL_WAIT_SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as poller:
        try:
            await_waits(server, count)
            yield
        finally:
            poller.kill()
    await_waits(server, 0)


def await_waits(server, count):
    end = time.monotonic() + COUNT_SECONDS
    while (waits := server.metric("daybook_live_waits")) != count:
        if time.monotonic() > end:
            raise RuntimeError(f"of {count:,} polls {waits:,.0f} wait")
        time.sleep(0.05)


def appended(at_size, server):
    sample = loaded(at_size, server, ("--target", "append", "--value-bytes", str(VALUE_BYTES),
                                      "--connections", str(APPENDERS)))
    return {"appends_per_second": sample["rate"], "cpu_us": sample["server_cpu_seconds"] / sample["answers"] * 1e6,
            "p99_ms": sample["latency_us"]["p99"] / 1e3}


def scaled(at_size, count, least):
    return max(least, round(count * at_size.settings.scale))
