"""What was measured on, and with what: the lines that a figure is worth nothing without."""
import os
import pathlib
import platform
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def first_line(*command):
    """Of what a command prints; None where there is no such command."""
    if not shutil.which(command[0]):
        return None
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    return (done.stdout.splitlines() or [""])[0].strip()


def field(path, name):
    found = re.search(rf"^{re.escape(name)}\s*:\s*(.*)$", pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].strip() if found else "unknown"


def file_system(folder):
    """Its kind, what it is on, and whether that has a cache which a sync has to empty."""
    mounts = [line.split() for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    above = [fields for fields in reversed(mounts) if folder.is_relative_to(fields[4])]  # of two, the later hides
    fields = max(above, key=lambda fields: len(fields[4]))
    kind, source = fields[fields.index("-") + 1:][:2]
    block = pathlib.Path("/sys/dev/block", fields[2]).resolve()
    for cache in (block / "queue/write_cache", block.parent / "queue/write_cache"):  # of a disk, of a part of one
        if cache.exists():
            return f"{kind} on {source}, its cache: {cache.read_text(encoding='utf-8').strip()}"
    return f"{kind} on {source}"


def machine(folder):
    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)
    return {
        "CPU": field("/proc/cpuinfo", "model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.1f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "file system": file_system(folder),
        "load average at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def versions(settings):
    said = subprocess.run([settings.build / "daybook", "version"], stdout=subprocess.PIPE, text=True, timeout=20)
    lines = said.stdout.splitlines()
    wrk, go = first_line("wrk", "-v"), first_line("go", "version")
    redis, etcd = first_line("redis-server", "--version"), first_line("etcd", "--version")
    webdis = first_line("dpkg-query", "-W", "-f=${Version}", "webdis")  # it does not tell
    nats_server = first_line(str(ROOT / "scripts/nats_server.sh"))
    nats = nats_server and first_line(nats_server, "--version")
    found = {
        "daybook": ", ".join(line.removeprefix("daybook ") for line in lines if not line.startswith("compiler")),
        "compiler": next((line.removeprefix("compiler ") for line in lines if line.startswith("compiler")), None),
        "Pistache": first_line("pkg-config", "--modversion", "libpistache"),
        "Go": go and go.removeprefix("go version "),
        "redis": redis and redis.removeprefix("Redis server ").split(" sha=")[0],
        "webdis": None if not webdis or "no packages" in webdis else webdis,
        "etcd": etcd and etcd.removeprefix("etcd Version: "),
        "nats-server": nats and nats.removeprefix("nats-server: "),
        "cnats": first_line("pkg-config", "--modversion", "libnats"),
        "fio": first_line("fio", "--version"),
        "wrk": wrk and wrk.split(" Copyright")[0],
        "Python": platform.python_version(),
    }
    return {name: version or "none" for name, version in found.items()}
