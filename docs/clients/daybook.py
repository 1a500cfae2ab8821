"""daybook.py: a client for programs, with nothing but Python's standard library.

    log = Log("http://localhost:8080", "orders", token=None)
    log.append([{"text": "one"}, {"json": {"n": 2}, "key": "a"}])   # the first one's offset
    for record in log.read():                                       # up to the end
    for record in log.follow(offset):                               # and those that come, for ever
"""
import email.utils
import http.client
import json
import random
import sys
import time
import urllib.parse
import uuid


class Refused(Exception):
    """The server has said no, or nobody has answered in time; `problem` is what it has said."""

    def __init__(self, status, problem):
        super().__init__(problem.get("detail", f"status {status}"))
        self.status, self.problem = status, problem


class Log:
    """One log. `patience_seconds` is how long a request is tried again. Not for several threads at a time."""

    def __init__(self, url, name="default", token=None, patience_seconds=60):
        self._host = urllib.parse.urlsplit(url).netloc
        self._path = f"/v1/logs/{urllib.parse.quote(name)}/records"
        self._fields = {"Authorization": f"Bearer {token}"} if token else {}
        self._patience_seconds = patience_seconds
        self._connection = None
        self._log_id = None  # a log that is made anew under the name is another one

    def append(self, records):
        """Appends all of them or none, and once, whatever is lost on the way. Returns the first one's offset."""
        fields = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        return self._ask("POST", {}, json.dumps({"records": records}), fields)[0]["first_offset"]

    def read(self, offset="first", **query):
        """The records up to the log's end. A trimmed offset is Refused with status 410."""
        is_end = False
        while not is_end:
            page, is_end = self._page(offset, query)  # of a key's records there may be none in one page
            yield from page["records"]
            offset = page["next_offset"]

    def follow(self, offset="next", **query):
        """The records from there on, also those that are yet to come; over those that are gone it passes."""
        while True:
            # What comes during a wait that is cut off would be lost, if it is not known where that began.
            wait = {"wait": "20s"} if isinstance(offset, int) else {}
            try:
                page, _ = self._page(offset, query | wait)
            except Refused as refused:
                if refused.status != 410:
                    raise
                offset = refused.problem.get("first_offset", refused.problem.get("resume_offset"))
                continue
            yield from page["records"]
            offset = page["next_offset"]

    def _page(self, offset, query):
        """A page, and whether it reaches the log's end."""
        page, fields = self._ask("GET", {"offset": offset, "encoding": "text", "limit": 1000} | query)
        return page, "End-Offset" in fields

    def _ask(self, method, query, body=None, fields={}):
        """The answer, and its fields. What finds nobody, is cut off, or is answered that the server is busy, is asked again."""
        end = time.monotonic() + self._patience_seconds
        pause_seconds = 0.1
        while True:
            try:
                status, told, answer = self._try(method, query, body, fields)
            except (OSError, http.client.HTTPException) as lost:
                status, told, answer, self._connection = 0, {}, {"detail": str(lost)}, None
            if 200 <= status < 300:
                if not answer:
                    raise Refused(status, {"detail": "the answer is not a daybook's"})
                return answer, told
            pause_seconds = max(_seconds(told.get("Retry-After")), min(2 * pause_seconds, 3) * random.uniform(0.5, 1))
            if 0 < status < 500 and status not in (408, 429) or time.monotonic() + pause_seconds > end:
                raise Refused(status, answer)
            time.sleep(pause_seconds)

    def _try(self, method, query, body, fields):
        if self._log_id:
            query = query | {"log_id": self._log_id}
        if not self._connection:
            self._connection = http.client.HTTPConnection(self._host, timeout=50)  # longer than any wait
        self._connection.request(method, f"{self._path}?{urllib.parse.urlencode(query)}", body, self._fields | fields)
        answer = self._connection.getresponse()
        text = answer.read()
        self._log_id = answer.headers.get("Log-Id", self._log_id)
        try:
            document = json.loads(text)
        except ValueError:  # a proxy's
            document = None
        return answer.status, answer.headers, document if isinstance(document, dict) else {}


def _seconds(retry_after):
    """Of a number, or until a date."""
    try:
        return int(retry_after or 0)
    except ValueError:
        try:
            return email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time()
        except ValueError:
            return 0


if __name__ == "__main__":  # daybook.py URL LOG append|read|follow [TOKEN]
    log = Log(*sys.argv[1:3], *sys.argv[4:])
    if sys.argv[3] == "append":
        for line in sys.stdin:
            print(log.append([{"text": line.rstrip("\n")}]), flush=True)
    else:
        for record in log.read() if sys.argv[3] == "read" else log.follow("first"):
            print(record["offset"], record.get("text"), flush=True)
