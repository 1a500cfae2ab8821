#!/usr/bin/env python3
"""layers.py SRC: the folders of SRC are layers, and includes point down only; a third party's headers stay in the layer
that it belongs to. Prints each include that does not hold to that and fails if there is one. `layers.py --self-test`
checks that it would."""
import pathlib
import re
import sys
import tempfile

# Each layer and what it may include beside itself and the standard library.
LAYERS = {
    "base": set(),
    "log": {"base"},
    "disk": {"base", "log"},
    "jetstream": {"base", "log"},
    "access": {"base"},
    "http": {"base"},
    "api": {"base", "log", "access", "http"},
    "metrics": {"base", "log", "access", "http", "api"},
    "config": {"base"},
    "client": {"base", "http", "api", "config"},
    "app": {"base", "log", "disk", "jetstream", "access", "http", "metrics", "api", "config"},
    "main.cc": {"app", "client", "config"},
}
THIRD_PARTIES = {
    r"pistache/": {"http"},
    r"boost/": {"http"},
    r"rapidjson/": {"api", "jetstream"},
    r"openssl/": {"access", "base"},
    r"zlib": {"api"},
    r"prometheus/": {"metrics"},
    r"nats": {"jetstream"},
    r"xxhash": {"disk", "log"},
    r"CLI/": {"config"},
    r"spdlog/|fmt/": {"base"},
}
SYSTEM_FOLDERS = {"sys", "net", "netinet", "arpa", "linux"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def faults(source):
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cc", ".in"):
            continue
        layer = path.relative_to(source).parts[0]
        if layer not in LAYERS:
            yield f"{path}: {layer} is no layer that layers.py knows"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            kind, name = found.groups()
            if kind == '"' and name.split("/")[0] not in LAYERS[layer] | {layer}:
                yield f"{path}:{number}: {layer} must not include {name}"
            known = any(re.match(party, name) for party in THIRD_PARTIES)
            if kind == "<" and "/" in name and not known and name.split("/")[0] not in SYSTEM_FOLDERS:
                yield f"{path}:{number}: <{name}> is of no third party that layers.py knows"
            for party, homes in THIRD_PARTIES.items():
                if kind == "<" and re.match(party, name) and layer not in homes:
                    yield f"{path}:{number}: <{name}> belongs to {', '.join(sorted(homes))}"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder)
        for name, text in {
            "base/up.h": '#include "log/log.h"\n',
            "api/stranger.cc": "#include <pistache/http.h>\n",
            "http/unknown.h": "#include <acme/rocket.h>\n",
            "other/file.h": "",
            "http/fine.h": '#include <vector>\n#include <pistache/peer.h>\n#include <sys/socket.h>\n#include "base/status.h"\n#include "http/x.h"\n',
        }.items():
            (source / name).parent.mkdir(exist_ok=True)
            (source / name).write_text(text)
        found = list(faults(source))
    assert len(found) == 4, found


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit()
    bad = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(bad) if bad else "layers: every include points down")
    sys.exit(bool(bad))
