"""Appends as large as may be, and larger ones."""
import concurrent.futures
import threading

from jetstream.daybook import RECORDS, JetStreamTest

HEADERS_ROOM = 16 << 10
APPENDERS = 16
APPENDS = 30


class Limits(JetStreamTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = cls.share(3, max_payload="1MB")
        cls.max_payload = 1 << 20

    def append_bytes(self, daybook, size, query="", log="default", fields=None):
        return daybook.request("POST", RECORDS.format(log) + query, bytes(size),
                               {"Content-Type": "application/octet-stream"} | (fields or {}))

    def assert_too_large(self, answer):
        self.assertEqual((answer.code, answer.document.get("outcome")), (413, "not_appended"), answer)

    def limits(self, daybook):
        return daybook.request("GET", "/v1").document["limits"]

    def test_the_smaller_of_its_own_limit_and_that_of_nats_is_told_and_held_to(self):
        larger, smaller = self.daybook(self.cluster, "--max-record-value", "4Mi"), self.daybook(
            self.cluster, "--max-record-value", "64Ki", "--max-batch", "10", prefix="smaller")
        self.assertEqual(self.limits(larger)["record_value_bytes"], self.max_payload - HEADERS_ROOM)
        self.assertEqual(self.limits(larger)["batch_records"], 1000)
        self.assertEqual(self.limits(smaller)["record_value_bytes"], 64 << 10)
        self.assertEqual(self.limits(smaller)["batch_records"], 10)
        for daybook in larger, smaller:
            most = self.limits(daybook)["record_value_bytes"]
            self.assert_appended(self.append_bytes(daybook, most), 0)
            self.assert_too_large(self.append_bytes(daybook, most + 1))
            self.assert_appended(self.append_bytes(daybook, most), 1)
            self.assertEqual(daybook.sample("daybook_replication_reconnects_total"), 0)

    def test_the_largest_value_is_taken_with_the_longest_key_and_the_largest_headers(self):
        daybook = self.daybook(self.cluster)
        limits = self.limits(daybook)
        most = limits["record_value_bytes"]
        self.assertEqual(most, self.max_payload - HEADERS_ROOM)
        key = "\u00e9" * (limits["record_key_bytes"] // 2)  # each byte of which is escaped
        headers, left = {}, limits["record_header_bytes"]
        for number in range(limits["record_headers"]):
            name = f"h{number:02}"
            value = "v" * (limits["record_header_bytes"] // limits["record_headers"] - len(name))
            headers[name] = value
            left -= len(name) + len(value)
        self.assertEqual(left, 0)
        record = {"text": "t" * most, "key": key, "headers": headers}
        for idempotency_key in "k", "k" * 255:
            answer = daybook.request("POST", RECORDS.format("default"), {"records": [record]},
                                     {"Idempotency-Key": idempotency_key})
            self.assert_appended(answer)
        self.assert_too_large(daybook.request("POST", RECORDS.format("default"),
                                              {"records": [record | {"text": "t" * (most + 1)}]}))
        self.assert_appended(daybook.request("POST", RECORDS.format("default"), {"records": [record] * 3}), 2, 3)
        for offset in range(5):
            told = daybook.request("GET", f"{RECORDS.format('default')}/{offset}?encoding=text").document
            self.assertEqual({name: told[name] for name in record}, record)
        self.assertEqual(daybook.sample("daybook_replication_reconnects_total"), 0)

    def test_a_batch_of_a_thousand_records_is_taken_and_one_of_more_is_not(self):
        daybook = self.daybook(self.cluster)
        values = [str(number) for number in range(1001)]
        self.assert_too_large(daybook.append(*values))
        self.assert_appended(daybook.append(*values[:1000]), 0, 1000)
        self.assert_too_large(daybook.append(*values, key="k"))
        self.assert_appended(daybook.append(*values[:1000], key="k"), 1000, 1000)
        again = daybook.append(*values[:1000], key="k")
        self.assert_appended(again, 1000, 1000)
        self.assertEqual(again.fields["Idempotency-Replayed"], "true")
        self.assertEqual(daybook.values(), values[:1000] * 2)

    def test_who_appends_too_large_values_all_the_time_disturbs_nobody(self):
        daybook = self.daybook(self.cluster)
        most = self.limits(daybook)["record_value_bytes"]
        ended = threading.Event()

        def append_too_large():
            for number in range(1_000_000):
                if ended.is_set():
                    return number
                if number % 2:
                    answer = self.append_bytes(daybook, most + 1)
                else:
                    answer = daybook.append("small", "t" * (most + 1))
                self.assert_too_large(answer)

        def append_small(name):
            for number in range(APPENDS):
                values = [f"{name}.{number}.{i}" for i in range(1 + number % 2)]
                self.assert_appended(daybook.append(*values))
        with concurrent.futures.ThreadPoolExecutor(APPENDERS + 1) as clients:
            too_large = clients.submit(append_too_large)
            try:
                list(clients.map(append_small, range(APPENDERS)))
            finally:
                ended.set()
            self.assertGreater(too_large.result(), 1)
        self.assertEqual(len(set(daybook.values())), APPENDERS * APPENDS * 3 // 2)
        self.assertEqual(daybook.sample("daybook_replication_reconnects_total"), 0)
