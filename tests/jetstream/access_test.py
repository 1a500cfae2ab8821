"""Servers of NATS that let in only whom they know, or that speak TLS."""
import base64
import concurrent.futures
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import unittest

from jetstream.daybook import JetStreamTest
from nats.proxy import NatsProxy
from nats.server import wait_until

PATIENCE_SECONDS = 30
SEED_PREFIX, USER_PREFIX = 18 << 3, 20 << 3
# An Ed25519 key in DER, but for its last 32 bytes.
PRIVATE_KEY = bytes.fromhex("302e020100300506032b657004220420")
BURST, BURST_CLIENTS, BURST_BYTES = 400, 16, 400_000


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **options).stdout


def nkey_text(content):
    """With its CRC-16 (XMODEM), as NKeys are written."""
    crc = 0
    for byte in content:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return base64.b32encode(content + crc.to_bytes(2, "little")).decode().rstrip("=")


def make_nkey():
    """The public key of a user, and its seed."""
    seed = secrets.token_bytes(32)
    public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", input=PRIVATE_KEY + seed)[-32:]
    prefix = bytes([SEED_PREFIX | USER_PREFIX >> 5, (USER_PREFIX & 31) << 3])
    return nkey_text(bytes([USER_PREFIX]) + public), nkey_text(prefix + seed)


class Access(JetStreamTest):
    def file(self, name, text):
        path = pathlib.Path(self.folder) / name
        path.write_text(text)
        return str(path)

    def certificate(self, name, signer=None):
        """The paths of a certificate and its key; one without a signer is that of an authority."""
        paths = str(pathlib.Path(self.folder) / f"{name}.pem"), str(pathlib.Path(self.folder) / f"{name}.key")
        signed = ("-CA", signer[0], "-CAkey", signer[1], "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
                  "basicConstraints=CA:FALSE") if signer else ()
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-out", paths[0],
                "-keyout", paths[1], *signed)
        return paths

    def assert_serves(self, cluster, *arguments, **options):
        daybook = self.daybook(cluster, "--allow-weaker-durability", "--nats-replicas", "1", *arguments, **options)
        self.assert_appended(daybook.append("one"), 0)
        self.assertEqual(daybook.values(), ["one"])
        return daybook

    def await_refusal(self, daybook, reason):
        """/readyz says why."""
        def told():
            answer = daybook.ready()
            return True if answer.code == 503 and reason in answer.document["checks"]["nats"].get("detail", "").lower() else None
        try:
            wait_until(told, f"'{reason}' in /readyz", PATIENCE_SECONDS)
        except TimeoutError as fault:
            raise AssertionError(f"{fault}: {daybook.ready().document}") from fault

    def assert_not_let_in(self, cluster, reason, *arguments, **options):
        daybook = self.daybook(cluster, "--allow-weaker-durability", "--nats-replicas", "1", *arguments, ready=False, **options)
        self.await_refusal(daybook, reason)
        answer = daybook.append("one")
        self.assertEqual((answer.code, answer.document["outcome"]), (503, "not_appended"))
        self.assertEqual(daybook.request("GET", "/healthz").code, 200)
        return daybook

    def assert_told_nobody(self, told, *daybooks):
        for daybook in daybooks:
            shown = [str(daybook.ready().document), str(daybook.append("one").document)]
            daybook.kill()
            for line in [*daybook.log, *shown]:
                for secret in told:
                    self.assertNotIn(secret, line)

    def test_a_user_is_let_in_by_the_password_in_a_file_which_nobody_is_told(self):
        password, wrong = secrets.token_hex(12), secrets.token_hex(12)
        cluster = self.start_cluster(1, user="keeper", password=password)
        user = ("--nats-user", "keeper", "--nats-password-file")
        right = self.assert_serves(cluster, *user, self.file("password", password + "\n"), prefix="right")
        refused = self.assert_not_let_in(cluster, "authorization", *user, self.file("wrong", wrong))
        nobody = self.assert_not_let_in(cluster, "authorization")
        self.assert_told_nobody([password, wrong], right, refused, nobody)

    def test_one_that_was_refused_is_let_in_when_it_may_be(self):
        cluster = self.start_cluster(1, user="keeper", password="first")
        user = ("--nats-user", "keeper", "--nats-password-file")
        known = self.assert_serves(cluster, *user, self.file("first", "first"))
        new = self.assert_not_let_in(cluster, "authorization", *user, self.file("second", "second"))
        server = cluster.server(0)
        config = pathlib.Path(server.config)

        def change(password, refused, served):
            server.kill()
            config.write_text(re.sub('password: "[a-z]+"', f'password: "{password}"', config.read_text()))
            server.start()
            cluster.await_ready()
            self.await_refusal(refused, "violation")
            served.await_ready()
        change("second", known, new)
        change("first", new, known)
        self.assert_appended(known.append("two"), 1)

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_an_nkey_is_let_in_by_its_seed_which_nobody_is_told(self):
        public, seed = make_nkey()
        other_public, other_seed = make_nkey()
        cluster = self.start_cluster(1, nkey=public)
        right = self.assert_serves(cluster, "--nats-nkey", public, "--nats-nkey-seed-file", self.file("seed", seed + "\n"),
                                   prefix="right")
        other = self.assert_not_let_in(cluster, "authorization", "--nats-nkey", other_public, "--nats-nkey-seed-file",
                                       self.file("other", other_seed))
        mixed = self.assert_not_let_in(cluster, "authorization", "--nats-nkey", public, "--nats-nkey-seed-file",
                                       self.file("other", other_seed))
        self.assert_told_nobody([seed, other_seed], right, other, mixed)

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_tls_is_spoken_with_servers_that_the_own_authority_signed_for(self):
        authority, stranger = self.certificate("authority"), self.certificate("stranger")
        server, client = self.certificate("server", authority), self.certificate("client", authority)
        cluster = self.start_cluster(1, tls={"cert": server[0], "key": server[1], "ca": authority[0], "verify": True})
        url = cluster.url.replace("nats://", "tls://")
        shown = ("--nats-tls-certificate-file", client[0], "--nats-tls-key-file", client[1])
        self.assert_serves(cluster, "--nats-tls-ca-file", authority[0], *shown, url=url, prefix="right")
        self.assert_not_let_in(cluster, "no connection", "--nats-tls-ca-file", stranger[0], *shown, url=url)
        self.assert_not_let_in(cluster, "no connection", "--nats-tls-ca-file", authority[0], url=url)  # it shows none itself

    def test_a_server_that_speaks_no_tls_is_not_spoken_to_where_tls_is_asked_for(self):
        cluster = self.start_cluster(1, user="keeper", password="secret")
        self.assert_not_let_in(cluster, "no connection", "--nats-user", "keeper", "--nats-password-file",
                               self.file("password", "secret"), url=cluster.url.replace("nats://", "tls://"))

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_tls_carries_bursts_of_large_and_small_records_both_ways(self):
        authority = self.certificate("authority")
        certificate, key = self.certificate("server", authority)
        cluster = self.start_cluster(1, tls={"cert": certificate, "key": key})
        daybook = self.assert_serves(cluster, "--nats-tls-ca-file", authority[0], url=cluster.url.replace("nats://", "tls://"))
        values = [f"{number} " + "x" * (BURST_BYTES if number % 4 == 0 else 10) for number in range(BURST)]
        with concurrent.futures.ThreadPoolExecutor(BURST_CLIENTS) as clients:
            for answer in clients.map(daybook.append, values):
                self.assertEqual(answer.code, 201, answer)
            pages = list(clients.map(lambda _: sorted(daybook.values()), range(BURST_CLIENTS)))
        for page in pages:
            self.assertEqual(page, sorted(["one", *values]))
        self.assertEqual(daybook.sample("daybook_replication_reconnects_total"), 0)

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl")
    def test_a_stop_does_not_wait_for_the_rest_of_a_record_of_tls(self):
        authority = self.certificate("authority")
        certificate, key = self.certificate("server", authority)
        cluster = self.start_cluster(1, tls={"cert": certificate, "key": key})
        with NatsProxy(cluster.server(0).port) as proxy:
            daybook = self.assert_serves(cluster, "--nats-tls-ca-file", authority[0], "--nats-timeout", "1s",
                                         url=proxy.url.replace("nats://", "tls://"))
            proxy.drop(but_bytes=3)
            self.assertEqual(daybook.append("two").document["outcome"], "unknown")
            self.assertEqual(daybook.stop(signal.SIGTERM), 0)

    def test_a_secret_s_file_that_is_missing_is_told_at_the_start(self):
        missing = os.path.join(self.folder, "missing")
        cluster = self.start_cluster(1)
        with self.assertRaisesRegex(AssertionError, "ended without"):
            self.daybook(cluster, "--nats-user", "keeper", "--nats-password-file", missing, ready=False,
                         stderr=subprocess.DEVNULL)
