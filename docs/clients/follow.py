"""follow.py HOST:PORT LOG [LAST_ID]: prints the events of a log behind that id, through restarts of the server."""
import http.client
import os
import sys
import time
import urllib.parse


def events(lines):
    """The events of a stream: name, id or None, data. One that is cut off is none."""
    name, event_id, data = "message", None, []
    for line in lines:
        line = line.decode().rstrip("\n")
        field, _, value = line.partition(": ")
        if not line:  # the end of an event
            yield name, event_id, "\n".join(data)
            name, event_id, data = "message", None, []
        elif field == "event":
            name = value
        elif field == "id":
            event_id = value
        elif field == "data":
            data.append(value)


def follow(host, log, last_id=None, log_id=None, token=os.environ.get("DAYBOOK_TOKEN")):
    """Yields each event as name, id, data, until the log is deleted. Without `last_id` it begins with the first record."""
    fields = {"Authorization": f"Bearer {token}"} if token else {}
    while True:
        try:
            query = urllib.parse.urlencode({"follow": "sse"} | ({"log_id": log_id} if log_id else {}))
            connection = http.client.HTTPConnection(host, timeout=60)  # of silence; a server that lives breaks it
            connection.request("GET", f"/v1/logs/{log}/records?{query}",
                               headers=fields | ({"Last-Event-ID": last_id} if last_id else {}))
            answer = connection.getresponse()
            # 404 and 409: the log is gone; 416: it never had that id; 401 and 403: the token is not for it
            if 400 <= answer.status < 500 and answer.status not in (408, 429):
                raise LookupError(answer.read().decode())
            if answer.status == 200:
                log_id = answer.headers["Log-Id"]  # a log that is made anew under the name is another one
                for name, event_id, data in events(answer):
                    last_id = event_id or last_id
                    if data:
                        yield name, event_id, data
                    if name == "end" and '"deleted"' in data:
                        return
            connection.close()
        except (OSError, http.client.HTTPException):
            pass  # it is not there, or was cut off
        time.sleep(2)


if __name__ == "__main__":
    for event in follow(*sys.argv[1:]):
        print(*event, flush=True)
