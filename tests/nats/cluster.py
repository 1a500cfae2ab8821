#!/usr/bin/env python3
"""cluster.py start FOLDER [--servers N] [--store FOLDER] | stop FOLDER: NATS servers with JetStream on free ports of loopback.
FOLDER/cluster.json tells of them, or why there are none. They go on when `start` has returned and end with `stop`, or by
themselves after two hours."""
import argparse
import json
import os
import pathlib
import random
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from nats.server import NatsServer, program, wait_until

READY_SECONDS = 60
STOP_SECONDS = 10
SECONDS_MAX = 7200
PORT_TRIES = 5


def free_ports(count):
    """Ports that nobody listens on. Of those below what the kernel gives to clients: they are free again for a restart. Those
    from 20,000 on are live.stream's."""
    ports = set()
    while len(ports) < count:
        port = random.randrange(10_000, 20_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                ports.add(port)
            except OSError:
                pass
    return list(ports)


class ServerEnded(Exception):
    """A server ended while it was waited for."""


class NatsCluster:
    """Servers n1, n2 and so on; one alone is no cluster. `sync` is sync_interval: "always", or an interval such as "2m".
    Clients have to be `user` with `password`, or to have the seed of the public key `nkey`, where these are given. `tls` has
    the paths "cert", "key" and perhaps "ca"; with "verify" clients have to show a certificate of that authority. With
    `advertise` false clients are not told of the servers that they did not name."""

    def __init__(self, folder, servers=3, store=None, max_payload="8MB", sync="always", user=None, password=None, nkey=None,
                 tls=None, seconds_max=SECONDS_MAX, advertise=True):
        self.folder = pathlib.Path(folder).absolute()
        self.servers = []
        self._count, self._store, self._seconds_max = servers, store, seconds_max
        self._settings = [f"max_payload: {max_payload}"]
        self._sync, self._advertise = sync, advertise
        if user is not None:
            self._settings.append(f"authorization {{ user: {json.dumps(user)}, password: {json.dumps(password)} }}")
        elif nkey is not None:
            self._settings.append(f"authorization {{ users: [{{ nkey: {nkey} }}] }}")
        if tls is not None:
            files = [f"{name}_file: {json.dumps(str(tls[name]))}" for name in ("cert", "key", "ca") if name in tls]
            self._settings.append(f"tls {{ {', '.join(files)}, verify: {str(bool(tls.get('verify'))).lower()} }}")

    @classmethod
    def of(cls, folder):
        """Those that FOLDER/cluster.json tells of."""
        cluster = cls(folder)
        if cluster.json.exists():
            for fields in json.loads(cluster.json.read_text()).get("servers", []):
                cluster.servers.append(NatsServer(**fields, changed=cluster._tell))
        return cluster

    @property
    def json(self):
        return self.folder / "cluster.json"

    @property
    def url(self):
        return ",".join(server.url for server in self.servers)

    @property
    def monitor_urls(self):
        return [server.monitor_url for server in self.servers]

    def server(self, index):
        return self.servers[index]

    def start(self):
        """Those that an earlier run left in the folder are stopped first."""
        NatsCluster.of(self.folder).stop()
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(PORT_TRIES):
            try:
                self._configure()
                for server in self.servers:
                    server.start()
                self.await_ready()
                return
            except BaseException as fault:
                logs = "".join(server.log.read_text() for server in self.servers if server.log.exists())
                self.stop()
                # Somebody else can have taken a port since it was found free.
                if not isinstance(fault, ServerEnded) or "address already in use" not in logs or attempt == PORT_TRIES - 1:
                    print(logs, file=sys.stderr)
                    raise

    def stop(self):
        """Ends the servers and removes their stores."""
        for server in self.servers:
            server.signal(signal.SIGTERM)
            server.cont()  # one that is halted would not see it
        deadline = time.monotonic() + STOP_SECONDS
        for server in self.servers:
            try:
                server.await_end(max(0, deadline - time.monotonic()))
            except TimeoutError:
                server.kill()
        for server in self.servers:
            shutil.rmtree(pathlib.Path(server.store).parent, ignore_errors=True)
        self.servers = []
        self.json.unlink(missing_ok=True)

    def await_ready(self):
        """Every server is healthy, and the leader of the cluster has every other one at its side."""
        wait_until(self._ready, f"a cluster of {len(self.servers)} servers", READY_SECONDS)
        self._tell(ready=True)

    def stream_leader(self, stream):
        """The index of the server that leads that stream of the account $G. None: no server says that it does."""
        leaders = {}
        for index, server in enumerate(self.servers):
            for account in (server.ask("/jsz?acc=$G&streams=1") or {}).get("account_details", []):
                for detail in account.get("stream_detail", []):
                    cluster = detail.get("cluster", {})
                    if detail["name"] == stream and cluster.get("leader", server.name) == server.name:
                        leaders[cluster.get("leader_since", "")] = index
        # One that was halted takes itself for the leader for a moment longer.
        return leaders[max(leaders)] if leaders else None

    def _ready(self):
        for server in self.servers:
            if not server.running():
                said = server.log.read_text().splitlines()[-10:] if server.log.exists() else []
                raise ServerEnded("\n".join([server.name, *said]))
        led = set()
        for server in self.servers:
            told = server.ask("/jsz")
            # A server of somebody else has another store.
            if not told or not told["config"]["store_dir"].startswith(server.store) or not server.ask("/healthz"):
                return None
            if len(self.servers) > 1:
                meta = told.get("meta_cluster", {})
                led.add(meta.get("leader"))
                replicas = meta.get("replicas", [])
                # Only the leader knows of the others whether they are current.
                if meta.get("leader") == server.name and not (
                        len(replicas) == len(self.servers) - 1 and all(replica["current"] for replica in replicas)):
                    return None
        return True if len(self.servers) == 1 or (len(led) == 1 and led != {None}) else None

    def _configure(self):
        names = [f"n{number}" for number in range(1, self._count + 1)]
        ports = free_ports(3 * self._count)
        clients, monitors, routes = (ports[kind * self._count:(kind + 1) * self._count] for kind in range(3))
        stores = pathlib.Path(tempfile.mkdtemp(prefix="store-", dir=self._store or self.folder))
        cluster = f"daybook-{secrets.token_hex(4)}"
        for name, client, monitor, route in zip(names, clients, monitors, routes):
            config = self.folder / f"{name}.conf"
            settings = [f"server_name: {name}", f'listen: "127.0.0.1:{client}"', f'http: "127.0.0.1:{monitor}"',
                        f"jetstream {{ store_dir: {json.dumps(str(stores / name))}, sync_interval: {self._sync} }}",
                        *self._settings]
            if self._count > 1:
                others = ", ".join(f'"nats://127.0.0.1:{each}"' for each in routes)
                settings.append(f'cluster {{ name: {cluster}, listen: "127.0.0.1:{route}", routes: [{others}], '
                                f"no_advertise: {str(not self._advertise).lower()} }}")
            config.write_text("\n".join(settings) + "\n")
            server = NatsServer(name, client, monitor, config, stores / name, self._seconds_max, changed=self._tell)
            server.log.unlink(missing_ok=True)
            self.servers.append(server)

    def _tell(self, ready=False):
        told = {"url": self.url, "monitor_urls": self.monitor_urls}
        if not ready:
            told["none"] = "the servers are not ready"
        replace(self.json, told | {"servers": [server.fields() for server in self.servers]})


def replace(path, document):
    part = path.with_suffix(".part")
    part.write_text(json.dumps(document, indent=2) + "\n")
    os.replace(part, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("start", "stop"))
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--store", type=pathlib.Path, help="where their stores are made; FOLDER where it is not given")
    arguments = parser.parse_args()
    if arguments.command == "stop":
        NatsCluster.of(arguments.folder).stop()
        return
    path, why = program()
    if path is None:
        NatsCluster.of(arguments.folder).stop()
        arguments.folder.mkdir(parents=True, exist_ok=True)
        replace(arguments.folder / "cluster.json", {"none": why})
        print(why)
        return
    began = time.monotonic()
    cluster = NatsCluster(arguments.folder, arguments.servers, arguments.store)
    cluster.start()
    print(f"{cluster.url} after {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
