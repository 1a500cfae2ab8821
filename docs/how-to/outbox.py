"""outbox.py DATABASE HOST:PORT LOG [--once]: appends the rows of the table `outbox` to a log, in their order and each once."""
import http.client
import json
import os
import sqlite3
import sys
import time

ROWS_MAX = 500
PAUSE_SECONDS = 0.2


class Relay:
    def __init__(self, database, host, log):
        self.database = sqlite3.connect(database, isolation_level=None)
        self.host, self.records = host, f"/v1/logs/{log}/records"
        self.next_offset, self.sent_id = self.ask_until_answered("GET", self.records + "?last=1", self.position_of)

    @staticmethod
    def position_of(page):
        """Where the log ends, and the id of the row that is its last record."""
        if page["next_offset"] == 0:
            return 0, 0
        key = page["records"][0].get("key", "") if page["records"] else ""
        if not key.isdigit():
            raise SystemExit("outbox: the log's last record is not one of this relay, or is gone")
        return page["next_offset"], int(key)

    def ask(self, method, target, body=None, fields=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        fields = {"Content-Type": "application/json"} | (fields or {})
        if token := os.environ.get("DAYBOOK_TOKEN"):
            fields["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, target, body, fields)
            answer = connection.getresponse()
            return answer.status, json.load(answer)
        finally:
            connection.close()

    def ask_until_answered(self, method, target, give, **request):
        """What `give` makes of the answer. What had none, or one that may pass, is asked again as it was."""
        while True:
            status, answer = 0, None
            try:
                status, answer = self.ask(method, target, **request)
            except (OSError, http.client.HTTPException, ValueError):
                pass
            if 200 <= status < 300:
                return give(answer)
            if 400 <= status < 500 and status not in (408, 429):
                raise SystemExit(f"outbox: {answer['detail']}")
            time.sleep(PAUSE_SECONDS)

    def run_once(self):
        """Appends what is there, up to some hundred rows, and takes it off the table. Whether there was any."""
        self.database.execute("DELETE FROM outbox WHERE id <= ?", (self.sent_id,))
        rows = self.database.execute("SELECT id, event FROM outbox ORDER BY id LIMIT ?", (ROWS_MAX,)).fetchall()
        if not rows:
            return False
        records = [{"key": str(row), "text": event} for row, event in rows]
        fields = {"Idempotency-Key": f"outbox-{rows[0][0]}-{rows[-1][0]}", "Expected-Next-Offset": str(self.next_offset)}
        offset = self.ask_until_answered("POST", self.records, lambda answer: answer["first_offset"],
                                         body=json.dumps({"records": records}), fields=fields)
        print(f"appended rows {rows[0][0]} to {rows[-1][0]} at offset {offset}", flush=True)
        self.next_offset, self.sent_id = offset + len(rows), rows[-1][0]
        return True


if __name__ == "__main__":
    relay = Relay(*sys.argv[1:4])
    while True:
        if not relay.run_once():
            if "--once" in sys.argv:
                break
            time.sleep(PAUSE_SECONDS)
