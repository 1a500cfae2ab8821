"""A message that is gone from the middle of a log's stream, which daybook's own streams do not allow."""
import json
import uuid

from jetstream.daybook import RECORDS, JetStreamTest
from nats.client import NatsClient
from nats.server import wait_until


class Missing(JetStreamTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = cls.share(3)

    def make_log_that_can_lose(self, daybook, name):
        """The name of its stream: as daybook makes it, but that messages can be deleted."""
        model = daybook.request("PUT", "/v1/logs/model").document["id"]
        made = str(uuid.uuid4())
        config = self.api(self.cluster, f"STREAM.INFO.{self.prefix}_model_{model}")["config"]
        config = json.loads(json.dumps(config).replace(model, made)) | {"deny_delete": False}
        config["name"] = f"{self.prefix}_{name}_{made}"
        self.api(self.cluster, f"STREAM.CREATE.{config['name']}", config)
        entry = {"id": made, "created_ms": 1, "first_offset": 0}
        with NatsClient(self.cluster.url) as client:
            put = json.loads(client.request(f"{self.prefix}.log.{name}", json.dumps(entry).encode())[1])
        self.assertGreater(put["seq"], 0)
        self.assertEqual(daybook.request("GET", f"/v1/logs/{name}").document["id"], made)
        return config["name"]

    def lose(self, stream, offset, left):
        """So many messages are left then, on every server."""
        self.api(self.cluster, f"STREAM.MSG.DELETE.{stream}", {"seq": offset + 1})
        wait_until(lambda: True if all(self.messages(each, stream) == left for each in self.cluster.servers) else None,
                   "the loss on every server", 60)

    @staticmethod
    def messages(server, stream):
        told = server.ask("/jsz?acc=$G&streams=1") or {}
        return next((detail["state"]["messages"] for account in told.get("account_details", [])
                     for detail in account.get("stream_detail", []) if detail["name"] == stream), None)

    def assert_missing(self, answer, offset):
        self.assertEqual((answer.code, answer.document["type"]), (500, "urn:daybook:problem:missing"), answer)
        self.assertIn(f"record {offset}", answer.document["detail"])

    def test_daybook_s_own_streams_let_nobody_delete_a_message(self):
        daybook = self.daybook(self.cluster)
        stream = self.stream(daybook)
        self.assert_appended(daybook.append("one"), 0)
        with NatsClient(self.cluster.url) as client:
            answer = json.loads(client.request(f"$JS.API.STREAM.MSG.DELETE.{stream}", b'{"seq":1}')[1])
        self.assertIn("error", answer)
        self.assertEqual(daybook.values(), ["one"])

    def test_a_record_that_is_missing_is_said_to_be_and_no_page_goes_over_it(self):
        daybook = self.daybook(self.cluster, "--allow-weaker-durability")
        stream = self.make_log_that_can_lose(daybook, "l")
        for number in range(6):
            self.assert_appended(daybook.append(str(number), log="l"), number)
        self.lose(stream, 3, left=5)
        self.assertEqual(daybook.sample("daybook_replication_missing_records_total"), 0)
        for begin in ("first", "0", "1", "2"):
            page = daybook.read(f"offset={begin}", "l")
            self.assertEqual((page.code, page.document["next_offset"]), (200, 3))
            self.assertEqual(page.document["records"][-1]["text"], "2")
        self.assert_missing(daybook.read("offset=3", "l"), 3)
        self.assert_missing(daybook.request("GET", f"{RECORDS.format('l')}/3"), 3)
        self.assert_missing(daybook.read("last=3", "l"), 3)
        self.assertEqual(daybook.sample("daybook_replication_missing_records_total"), 3)
        page = daybook.read("offset=4", "l").document
        self.assertEqual([record["text"] for record in page["records"]], ["4", "5"])
        self.assert_appended(daybook.append("6", log="l"), 6)
        self.assertEqual(daybook.request("GET", "/v1/logs/l").document["next_offset"], 7)

    def test_a_last_record_that_is_missing_is_given_by_no_read_and_its_offset_is_not_used_again(self):
        daybook = self.daybook(self.cluster, "--allow-weaker-durability")
        stream = self.make_log_that_can_lose(daybook, "l")
        for number in range(3):
            self.assert_appended(daybook.append(str(number), log="l"), number)
        self.lose(stream, 2, left=2)
        self.assertEqual(daybook.read("offset=0", "l").document["next_offset"], 2)
        # With nothing behind it, it may as well be that the replicas have not got it yet.
        self.assertIn(daybook.read("offset=2", "l").code, (500, 503))
        self.assert_appended(daybook.append("3", log="l"), 3)
        self.assert_missing(daybook.read("offset=2", "l"), 2)
        self.assertEqual([record["text"] for record in daybook.read("offset=3", "l").document["records"]], ["3"])
        again = self.daybook(self.cluster, "--allow-weaker-durability")
        self.assert_missing(again.read("offset=2", "l"), 2)
