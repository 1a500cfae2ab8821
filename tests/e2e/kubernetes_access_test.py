#!/usr/bin/env python3
"""kubernetes_access_test.py: the tokens of a Secret, as Kubernetes brings them to the pod and swaps them. scripts/e2e.sh runs it."""
import contextlib
import hashlib
import http.client
import threading
import unittest

from cluster import ClusterTest, await_that

FOLLOW = "/v1/logs/default/records?follow=sse&offset=next"


def line_of(name, scopes, logs="*"):
    """The line of a token that is called as it is."""
    return f"{name} {scopes} {logs} sha256:{hashlib.sha256(name.encode()).hexdigest()}\n"


def secret(name, **texts):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": texts}


class WithTokens:
    """For a ClusterTest with a release that has the Secret `let-in`."""

    def let_in(self, text):
        """The Secret says that from now on. The kubelet looks at a pod at once that is told something, and else within a
        minute or so."""
        self.apply(secret("let-in", tokens=text))
        if self.pod():
            self.kubectl("annotate", "pod", f"{self.name}-0", f"told={hashlib.sha256(text.encode()).hexdigest()[:20]}",
                         "--overwrite")

    def answer(self, token, method="GET", target="/v1/logs/default", body=None, fields=None):
        """Code and body."""
        by = {"Authorization": f"Bearer {token}"} if token else {}
        with contextlib.closing(http.client.HTTPConnection(*self.address(), timeout=20)) as connection:
            connection.request(method, target, body, by | (fields or {}))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def code(self, *request, **more):
        return self.answer(*request, **more)[0]


class Access(WithTokens, ClusterTest):
    def test_a_secret_says_who_is_let_in_and_its_changes_count(self):
        lines = {name: line_of(name, scopes) for name, scopes in (
            ("writer", "append"), ("reader", "read"), ("prober", "read,append,metrics"), ("scraper", "metrics"),
            ("newcomer", "read"))}
        self.let_in("".join(lines[name] for name in ("writer", "reader", "prober", "scraper")))
        self.apply(secret("ours", probe="prober"))
        self.helm("install", values={"access": {"existingSecret": "let-in", "protectMetrics": True,
                                                "clients": {"test": {"secret": "ours", "key": "probe"}}}})
        before = self.await_ready()
        text = {"Content-Type": "text/plain"}
        records = "/v1/logs/default/records"
        await_that(lambda: self.code("writer", "POST", records, "first", text) == 201, "an append is acknowledged")
        self.assertEqual(self.code(None), 401)
        self.assertEqual(self.code("newcomer"), 401)
        self.assertEqual(self.code("writer"), 403)
        self.assertEqual(self.code("reader"), 200)
        self.assertEqual([self.code(who, target="/metrics") for who in (None, "reader", "scraper")], [401, 403, 200])
        self.assertIn("read back", self.helm("test", "--logs"))

        followed = []
        follower = threading.Thread(target=lambda: followed.append(self.answer("reader", target=FOLLOW)))
        follower.start()
        await_that(lambda: "daybook_live_followers 1" in self.answer("scraper", target="/metrics")[1], "it follows")
        self.let_in("".join(lines[name] for name in ("writer", "scraper", "newcomer")))
        await_that(lambda: self.code("newcomer") == 200, "the Secret's change counts")
        follower.join(20)
        [(code, events)] = followed
        self.assertEqual((code, events.splitlines()[-3:-1]), (200, ["event: end", 'data: {"reason":"revoked"}']))
        self.assertEqual(self.code("reader"), 401)

        self.let_in(lines["reader"] + lines["newcomer"][:-10])
        await_that(lambda: "token_file_wrong 1" in self.answer("scraper", target="/metrics")[1], "the file is found to be wrong")
        self.assertEqual([self.code(who) for who in (None, "reader", "writer", "newcomer")], [401, 401, 403, 200])
        after = self.pod()
        self.assertEqual((after["metadata"]["uid"], self.container(after)["restartCount"]), (before["metadata"]["uid"], 0))
        for line in lines.values():
            self.assertNotIn(line.rpartition(":")[2].strip()[:20], self.log())


if __name__ == "__main__":
    unittest.main()
