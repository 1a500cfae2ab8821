// Calls handle(record) for each record of a log behind `lastId`: -1 before the first, else an offset.
function follow(log, lastId, handle) {
  const source = new EventSource(`/v1/logs/${log}/records?follow=sse&encoding=json&last_event_id=${lastId}`);
  source.addEventListener("record", (event) => {
    lastId = event.lastEventId;
    handle(JSON.parse(event.data));
  });
  source.addEventListener("end", (event) => {
    if (JSON.parse(event.data).reason === "deleted") source.close();
  });
  source.addEventListener("error", () => {
    // After anything but 200, such as a proxy's 502 or a start's 503, a browser does not try again.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(log, lastId, handle), 2000);
  });
}
