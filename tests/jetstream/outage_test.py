"""Servers of NATS that halt, die and come back under daybooks that serve."""
import concurrent.futures
import itertools
import threading

from jetstream.daybook import JetStreamTest
from nats.server import NatsServer, wait_until

CLIENTS = 16
ROUNDS = 3
APPENDS = 25  # of each client that are answered before the leader is taken
PATIENCE_SECONDS = 60


class Client:
    """Appends one or three values after another, each time with another key, until it is told to end or one fails."""

    def __init__(self, name, daybooks):
        self.name, self.daybooks = name, daybooks
        self.answers = {}  # the last one by key
        self.values = {}

    def append_until(self, ended):
        for number in itertools.count():
            key = f"{self.name}.{number}"
            self.values[key] = [f"{key}.{i}" for i in range(3 if number % 4 == 3 else 1)]
            self.answers[key] = self.ask(key, number)
            if ended.is_set() or self.answers[key].code != 201:
                return

    def ask(self, key, number=0):
        return self.daybooks[number % len(self.daybooks)].append(*self.values[key], key=key)

    def retry(self):
        """Until each has its record; each that was not answered, and each that was, once more."""
        for number, key in enumerate(self.values):
            def appended():
                answer = self.ask(key, number)
                assert answer.code in (201, 503) or answer.document["outcome"] == "unknown", answer
                return answer if answer.code == 201 else None
            before = self.answers[key]
            self.answers[key] = wait_until(appended, f"the append of {key}", PATIENCE_SECONDS)
            assert before.code != 201 or before.document == self.answers[key].document, (before, self.answers[key])


class Leader(JetStreamTest):
    def take_while_clients_append(self, daybooks, take_leader, name):
        """The leader that was taken, and the clients, which were all answered with 201 in the end."""
        clients = [Client(f"{name}.{i}", daybooks[i % 2:] + daybooks[:i % 2]) for i in range(CLIENTS)]
        ended = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as threads:
            running = [threads.submit(client.append_until, ended) for client in clients]
            try:
                wait_until(lambda: True if all(len(client.answers) > APPENDS or each.done() for client, each in
                                               zip(clients, running)) else None, "appends", PATIENCE_SECONDS)
                taken = take_leader()
                # Until each client had an answer that was given after that, at least.
                counts = [len(client.answers) for client in clients]
                wait_until(lambda: True if all(len(client.answers) > count + 1 or each.done() for client, count, each in
                                               zip(clients, counts, running)) else None, "answers", PATIENCE_SECONDS)
            finally:
                ended.set()
            for each in running:
                each.result()
        not_appended = set()
        for client in clients:
            for key, answer in client.answers.items():
                if answer.code != 201:
                    outcome = answer.document["outcome"]
                    self.assertIn((answer.code, outcome), ((500, "unknown"), (503, "not_appended")), answer)
                    if outcome == "not_appended":
                        not_appended |= set(client.values[key])
        values = wait_until(lambda: self.values_or_none(daybooks[0]), "a page", PATIENCE_SECONDS)
        self.assertEqual(not_appended & set(values), set())
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(Client.retry, clients))
        return taken, clients

    @staticmethod
    def values_or_none(daybook):
        try:
            return daybook.values()
        except AssertionError:  # it is not to be had now
            return None

    def assert_each_once(self, daybooks, clients):
        """All values, in their order."""
        values = [wait_until(lambda: self.values_or_none(daybook), "pages", PATIENCE_SECONDS) for daybook in daybooks]
        self.assertEqual(values[0], values[1])
        appended = {key: client.values[key] for client in clients for key in client.values}
        self.assertEqual(sorted(values[0]), sorted(value for each in appended.values() for value in each))
        for client in clients:
            offsets = [client.answers[key].document["first_offset"] for key in client.values]
            self.assertEqual(offsets, sorted(offsets))
            for key, offset in zip(client.values, offsets):
                self.assertEqual(values[0][offset:offset + len(client.values[key])], client.values[key])
        return values[0]

    def check_rounds(self, take, bring_back):
        """`take` makes a leader unable to lead, `bring_back` makes it able again."""
        cluster = self.start_cluster(3)
        daybooks = [self.daybook(cluster, "--nats-timeout", "2s") for _ in range(2)]
        stream, everyone = self.stream(daybooks[0]), []

        def take_leader():
            leader = wait_until(lambda: cluster.stream_leader(stream), "a leader", PATIENCE_SECONDS)
            take(cluster.server(leader))
            return cluster.server(leader)
        for round_ in range(ROUNDS):
            taken, clients = self.take_while_clients_append(daybooks, take_leader, round_)
            everyone += clients
            before = self.assert_each_once(daybooks, everyone)
            bring_back(taken)
            cluster.await_ready()
            for daybook in daybooks:
                daybook.await_ready()
            self.assertEqual(self.assert_each_once(daybooks, everyone), before)

    def test_each_append_is_there_once_whatever_was_answered_when_the_leader_halted(self):
        self.check_rounds(NatsServer.stop, NatsServer.cont)

    def test_each_append_is_there_once_whatever_was_answered_when_the_leader_was_killed(self):
        self.check_rounds(NatsServer.kill, NatsServer.start)


class Away(JetStreamTest):
    def append(self, daybook, *values, **options):
        """Whose answer is 201 in the end: a leader may not be there yet."""
        def appended():
            answer = daybook.append(*values, **options)
            return answer if answer.code == 201 else None
        return wait_until(appended, "an append", PATIENCE_SECONDS)

    def assert_not_appended(self, answer):
        self.assertEqual((answer.code, answer.document["outcome"]), (503, "not_appended"), answer)
        self.assertEqual(answer.fields["Retry-After"], "1")

    def test_without_nats_appends_fail_and_the_process_lives_until_it_is_back(self):
        cluster = self.start_cluster(3)
        daybook = self.daybook(cluster)
        self.assert_appended(daybook.append("one"), 0)
        for server in cluster.servers:
            server.kill()
        wait_until(lambda: True if daybook.sample("daybook_replication_connected") == 0 else None, "the loss", PATIENCE_SECONDS)
        self.assert_not_appended(daybook.append("two"))
        self.assert_not_appended(daybook.append("two", key="two"))
        self.assert_not_appended(daybook.append("two", "three"))
        self.assertEqual(daybook.request("GET", "/healthz").code, 200)
        self.assertIn("nats", daybook.await_ready(503).document["checks"])
        self.assertEqual(daybook.read().code, 503)
        self.assertEqual(daybook.request("GET", "/v1/logs").code, 503)
        self.assertEqual(daybook.request("PUT", "/v1/logs/other").code, 503)
        self.assertEqual(daybook.request("GET", "/healthz").code, 200)
        for server in cluster.servers:
            server.start()
        cluster.await_ready()
        daybook.await_ready()
        self.assert_appended(self.append(daybook, "two", key="two"), 1)
        self.assertEqual(daybook.values(), ["one", "two"])
        self.assertGreater(daybook.sample("daybook_replication_reconnects_total"), 0)

    def test_what_was_sent_to_halted_servers_without_a_key_is_unknown_and_later_there_once_or_not(self):
        cluster = self.start_cluster(3)
        daybook = self.daybook(cluster, "--nats-timeout", "1s")
        self.assert_appended(self.append(daybook, "one", key="one"), 0)
        for server in cluster.servers:
            server.stop()
        for values in (["two"], ["three", "four"]):
            answer = daybook.append(*values)
            self.assertEqual((answer.code, answer.document["outcome"]), (500, "unknown"), answer)
        self.assertEqual(daybook.request("GET", "/healthz").code, 200)
        daybook.await_ready(503)
        self.assertEqual(daybook.request("GET", "/healthz").code, 200)
        for server in cluster.servers:
            server.cont()
        cluster.await_ready()
        daybook.await_ready()
        last = self.append(daybook, "last", key="last").document["first_offset"]
        values = daybook.values()
        self.assertEqual(values[last], "last")
        for value in ("one", "two", "three", "four", "last"):
            self.assertLessEqual(values.count(value), 1, values)
        self.assertEqual("three" in values, "four" in values)

    def test_one_that_was_started_first_serves_by_itself_when_nats_is_there(self):
        cluster = self.start_cluster(3)
        for server in cluster.servers:
            server.kill()
        daybook = self.daybook(cluster, ready=False)
        self.assert_not_appended(daybook.append("one"))
        self.assertEqual(daybook.read().code, 503)
        self.assertEqual((daybook.request("GET", "/healthz").code, daybook.ready().code), (200, 503))
        self.assertEqual(daybook.request("GET", "/v1").document["engine"], "jetstream")
        for server in cluster.servers:
            server.start()
        cluster.await_ready()
        daybook.await_ready()
        self.assert_appended(self.append(daybook, "one", key="one"), 0)
        self.assertEqual(daybook.values(), ["one"])

    def test_appends_go_on_while_one_server_of_three_is_down_also_through_one_that_starts_then(self):
        cluster = self.start_cluster(3)
        first = self.daybook(cluster)
        self.assert_appended(first.append("one"), 0)
        down = cluster.server(1)
        down.kill()
        self.assert_appended(self.append(first, "two", key="two"), 1)
        second = self.daybook(cluster)
        for number, daybook in enumerate((first, second)):
            answer = self.append(daybook, f"more {number}", key=f"more {number}")
            self.assert_appended(answer, 2 + number)
            self.assertEqual(answer.fields["Durability"], "quorum")
        down.start()
        cluster.await_ready()
        self.assertEqual(second.values(), ["one", "two", "more 0", "more 1"])
