"""Appends on a condition, and appends whose answer from NATS is lost."""
import concurrent.futures

from jetstream.daybook import JetStreamTest
from nats.proxy import NatsProxy

ACKNOWLEDGEMENT = b'"seq":'


class Retries(JetStreamTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = cls.share(3, advertise=False)

    def through_proxy(self, *arguments):
        proxy = NatsProxy(self.cluster.server(0).port)
        self.addCleanup(proxy.close)
        return proxy, self.daybook(self.cluster, "--nats-timeout", "1s", *arguments, url=proxy.url)

    def append_and_lose_the_answer(self, proxy, daybook, *values, **options):
        """What the client is answered whose append NATS has stored, and said so to nobody."""
        with concurrent.futures.ThreadPoolExecutor(1) as clients:
            # Before the first append daybook asks what the log's stream promises.
            self.assertEqual(daybook.request("GET", "/v1/logs/default").code, 200)
            proxy.drop()
            answer = clients.submit(daybook.append, *values, **options)
            proxy.await_dropped(ACKNOWLEDGEMENT + b"%d" % len(self.known + list(values)))
            proxy.cut()
            self.known += values
            return answer.result()

    def setUp(self):
        super().setUp()
        self.known = []  # what the log has to have

    def test_of_two_first_appends_through_two_daybooks_one_is_the_first(self):
        daybooks = [self.daybook(self.cluster, url=self.cluster.server(i).url) for i in range(2)]
        for round_ in range(5):
            log = f"log-{round_}"
            self.assertEqual(daybooks[0].request("PUT", f"/v1/logs/{log}").code, 201)
            with concurrent.futures.ThreadPoolExecutor(2) as clients:
                asked = [clients.submit(daybook.append, f"{i}", log=log, expected=0) for i, daybook in enumerate(daybooks)]
                answers = [each.result() for each in asked]
            self.assertEqual(sorted(answer.code for answer in answers), [201, 412], answers)
            winner, loser = sorted(answers, key=lambda answer: answer.code)
            self.assertEqual(winner.document["first_offset"], 0)
            self.assertEqual((loser.document["next_offset"], loser.document["outcome"]), (1, "not_appended"))
            for daybook in daybooks:
                self.assertEqual(daybook.values(log), [str(answers.index(winner))])

    def test_a_keyed_append_whose_acknowledgement_is_lost_is_answered_with_the_record_that_is_there(self):
        proxy, daybook = self.through_proxy()
        for round_ in range(3):
            answer = self.append_and_lose_the_answer(proxy, daybook, f"value {round_}", key=f"key {round_}")
            if answer.code != 201:
                self.assertEqual((answer.code, answer.document["outcome"]), (500, "unknown"), answer)
            daybook.await_ready()
            again = daybook.append(f"value {round_}", key=f"key {round_}")
            self.assert_appended(again, round_)
            self.assertEqual(again.fields["Idempotency-Replayed"], "true")
            if answer.code == 201:
                self.assertEqual(answer.document, again.document)
            self.assertEqual(daybook.values(), self.known)
        self.assertGreater(daybook.sample("daybook_replication_publish_retries_total"), 0)

    def test_a_keyed_batch_whose_acknowledgement_is_lost_is_there_once(self):
        proxy, daybook = self.through_proxy()
        for round_ in range(3):
            values = [f"{round_} {name}" for name in "abc"]
            answer = self.append_and_lose_the_answer(proxy, daybook, *values, key=f"batch {round_}")
            if answer.code != 201:
                self.assertEqual((answer.code, answer.document["outcome"]), (500, "unknown"), answer)
            daybook.await_ready()
            again = daybook.append(*values, key=f"batch {round_}")
            self.assert_appended(again, 3 * round_, 3)
            self.assertEqual(again.fields["Idempotency-Replayed"], "true")
            if answer.code == 201:
                self.assertEqual(answer.document, again.document)
            self.assertEqual(daybook.values(), self.known)

    def test_a_key_that_was_used_is_refused_for_other_records_whatever_became_of_the_answer(self):
        proxy, daybook = self.through_proxy()
        self.append_and_lose_the_answer(proxy, daybook, "one", key="single")
        self.append_and_lose_the_answer(proxy, daybook, "two", "three", "four", key="batch")
        daybook.await_ready()
        for key, values in (("single", ["other"]), ("single", ["one", "two"]), ("batch", ["two", "three"]),
                            ("batch", ["two"]), ("batch", ["two", "three", "five"])):
            answer = daybook.append(*values, key=key)
            self.assertEqual((answer.code, answer.document["outcome"]), (422, "not_appended"), answer)
        self.assertEqual(daybook.values(), self.known)

    def test_an_append_without_a_key_whose_acknowledgement_is_lost_is_unknown_and_there_once(self):
        proxy, daybook = self.through_proxy()
        for values in (["one"], ["two", "three"]):
            answer = self.append_and_lose_the_answer(proxy, daybook, *values)
            self.assertEqual((answer.code, answer.document["outcome"]), (500, "unknown"), answer)
            daybook.await_ready()
            self.assertEqual(daybook.values(), self.known)

    def test_a_retry_with_the_key_and_the_condition_of_the_first_try_is_told_of_it(self):
        proxy, daybook = self.through_proxy()
        for values in (["one"], ["two", "three"]):
            end, key = len(self.known), f"key {values}"
            answer = self.append_and_lose_the_answer(proxy, daybook, *values, key=key, expected=end)
            self.assertIn(answer.code, (201, 500), answer)
            daybook.await_ready()
            again = daybook.append(*values, key=key, expected=end)
            self.assert_appended(again, end, len(values))
            self.assertEqual(again.fields["Idempotency-Replayed"], "true")
        self.assertEqual(daybook.values(), self.known)

    def test_repeats_of_a_key_at_once_through_two_daybooks_append_once(self):
        daybooks = [self.daybook(self.cluster, url=self.cluster.server(i).url) for i in range(2)]
        for round_ in range(10):
            values = [f"{round_} {i}" for i in range(1 + round_ % 3)]
            with concurrent.futures.ThreadPoolExecutor(8) as clients:
                asked = [clients.submit(daybooks[i % 2].append, *values, key=f"key {round_}") for i in range(8)]
                answers = [each.result() for each in asked]
            for answer in answers:
                self.assert_appended(answer, len(self.known), len(values))
            self.assertEqual(len([each for each in answers if "Idempotency-Replayed" not in each.fields]), 1)
            self.assertEqual(len({answer.document["timestamp"] for answer in answers}), 1)
            self.known += values
        for daybook in daybooks:
            self.assertEqual(daybook.values(), self.known)
