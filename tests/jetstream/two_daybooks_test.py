"""What is done through one daybook, seen through another that knows the log already."""
from jetstream.daybook import TwoDaybooksTest
from nats.server import wait_until

PATIENCE_SECONDS = 30
ROUNDS = 10


class TwoDaybooks(TwoDaybooksTest):
    def both_ways(self):
        for round_ in range(ROUNDS):
            yield round_, *((self.a, self.b) if round_ % 2 == 0 else (self.b, self.a))

    def test_an_append_that_one_answered_is_in_every_read_of_the_other(self):
        for round_, one, other in self.both_ways():
            values = [f"{round_}.{i}" for i in range(1 + round_ % 3)]
            appended = one.append(*values).document
            first, end = appended["first_offset"], appended["next_offset"]
            read = other.read(f"offset={first}").document
            self.assertEqual([record["text"] for record in read["records"]], values)
            self.assertEqual(other.read(f"last={len(values)}").document, read)
            self.assertEqual(other.read("offset=next").document["next_offset"], end)
            self.assertEqual(other.request("GET", "/v1/logs/default").document["next_offset"], end)
            self.assertEqual(other.read(f"offset={end + 1}").code, 416)
            self.assertEqual(other.append("late", expected=first).document["next_offset"], end)
            record = other.request("GET", f"/v1/logs/default/records/{end - 1}?encoding=text")
            self.assertEqual((record.code, record.document["text"]), (200, values[-1]))

    def test_a_trim_through_one_is_one_of_the_other(self):
        self.a.append(*map(str, range(100)))
        self.assertEqual(self.b.values(), [str(number) for number in range(100)])
        for round_, one, other in self.both_ways():
            before = 5 * (round_ + 1)
            trimmed = one.request("POST", "/v1/logs/default/trim", {"before": before})
            self.assertEqual((trimmed.code, trimmed.document["first_offset"]), (200, before))
            for offset in (before - 1, 0):
                answer = other.read(f"offset={offset}")
                self.assertEqual((answer.code, answer.document.get("first_offset")), (410, before))
                self.assertEqual(other.request("GET", f"/v1/logs/default/records/{offset}").code, 410)
            self.assertEqual(other.request("GET", "/v1/logs/default").document["first_offset"], before)
            self.assertEqual(other.values()[0], str(before))

    def test_what_is_configured_through_one_is_told_by_the_other(self):
        for round_, one, other in self.both_ways():
            retention = {"max_age": f"{round_ + 1}h", "max_bytes": f"{round_ + 1}Gi"}
            self.assertEqual(one.request("PUT", "/v1/logs/default", {"retention": retention}).code, 200)
            told = [daybook.request("GET", "/v1/logs/default").document["retention"] for daybook in (one, other)]
            self.assertEqual(told[0], told[1])
            self.assertEqual(told[1]["max_age"], f"{round_ + 1}h")
        self.assertEqual(self.b.request("PUT", "/v1/logs/default", {"retention": {"max_age": None}}).code, 200)
        self.assertNotIn("max_age", {name for name, value in
                                     self.a.request("GET", "/v1/logs/default").document["retention"].items() if value})

    def test_a_cursor_that_one_moved_is_there_for_the_other(self):
        self.a.append(*map(str, range(100)))
        tag, target = None, "/v1/logs/default/cursors/c"
        for round_, one, other in self.both_ways():
            moved = one.request("PUT", target, {"offset": round_}, {"If-Match": tag} if tag else {"If-None-Match": "*"})
            self.assertEqual(moved.code, 200 if tag else 201)
            if tag:
                self.assertEqual(other.request("PUT", target, {"offset": 99}, {"If-Match": tag}).code, 412)
            self.assertEqual(other.request("PUT", target, {"offset": 99}, {"If-None-Match": "*"}).code, 412)
            tag, read = moved.fields["ETag"], other.request("GET", target)
            self.assertEqual((read.document["offset"], read.fields["ETag"]), (round_, tag))
            self.assertEqual([each["offset"] for each in other.request(
                "GET", "/v1/logs/default/cursors").document["cursors"]], [round_])
        self.assertEqual(self.a.request("DELETE", target).code, 204)
        self.assertEqual(self.b.request("GET", target).code, 404)

    def test_a_log_that_was_deleted_and_made_again_through_one_is_the_new_one_for_the_other(self):
        for round_, one, other in self.both_ways():
            made = one.request("PUT", "/v1/logs/l")
            self.assertEqual(made.code, 201)
            old = made.document["id"]
            self.assert_appended(other.append(f"old {round_}", log="l", key="k"), 0)
            self.assertEqual(other.request("PUT", "/v1/logs/l/cursors/c", {"offset": 1}).code, 201)
            self.assertEqual(one.request("DELETE", "/v1/logs/l").code, 204)
            gone = other.append("to none", log="l")
            self.assertEqual((gone.code, gone.document["outcome"]), (404, "not_appended"))
            self.assertEqual(other.read(log="l").code, 404)
            new = one.request("PUT", "/v1/logs/l").document["id"]
            self.assertNotEqual(new, old)

            def appended():
                answer = other.append(f"new {round_}", log="l", key="k")
                self.assertIn(answer.code, (201, 404))
                return answer if answer.code == 201 else None
            self.assert_appended(wait_until(appended, "an append to the new log", PATIENCE_SECONDS), 0)
            refused = other.append("to the old one", log="l", log_id=old)
            self.assertEqual((refused.code, refused.document["outcome"]), (409, "not_appended"))
            self.assert_appended(other.append("more", log="l", log_id=new), 1)
            self.assertEqual(other.request("GET", "/v1/logs/l/cursors/c").code, 404)
            for daybook in one, other:
                self.assertEqual(daybook.values("l"), [f"new {round_}", "more"])
                self.assertEqual(daybook.read(log="l").fields["Log-Id"], new)
            self.assertEqual(other.request("DELETE", "/v1/logs/l").code, 204)
            self.assertNotIn("l", [log["name"] for log in one.request("GET", "/v1/logs").document["logs"]])
