// A log is followed as an event stream (WHATWG HTML, section 9.2), by fetch: an EventSource cannot
// send a token.

const SILENCE_MS_MAX = 45_000; // of an event stream, which has a comment every 15 s
const AGAIN_MS_MAX = 30_000;
const RECORDS_AT_FIRST = 50;

// Sooner where `signal` is given meanwhile.
const sleep = (ms, signal) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', resolve, {once: true});
  });

// Returns a function that takes text as it comes and returns the events which that completes. A
// block that has an id and no data is an event here, too.
function eventParser() {
  let rest = '';
  let [id, type, data] = [null, '', []];
  const events = [];
  const endBlock = () => {
    if (data.length || id !== null)
      events.push({id, type: type || 'message', data: data.join('\n')});
    [id, type, data] = [null, '', []];
  };
  const takeLine = (line) => {
    if (line === '') return endBlock();
    const [, name, value] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line);
    if (name === 'id') id = value;
    if (name === 'event') type = value;
    if (name === 'data') data.push(value);
    if (name === 'retry' && /^\d+$/.test(value))
      events.push({id: null, type: 'retry', data: value});
  };
  return (text) => {
    rest += text;
    const held = rest.endsWith('\r') ? '\r' : ''; // LF may follow
    const lines = rest.slice(0, rest.length - held.length).split(/\r\n|\n|\r/);
    rest = lines.pop() + held;
    lines.forEach(takeLine);
    return events.splice(0);
  };
}

// Hands on the stream's events until it ends or is silent for too long.
async function readEvents(path, signal, opened, take) {
  const silence = new AbortController();
  const abort = () => silence.abort();
  let timer = setTimeout(abort, SILENCE_MS_MAX);
  signal.addEventListener('abort', abort, {once: true});
  try {
    const response = await ask(path, {
      headers: {Accept: 'text/event-stream'},
      signal: silence.signal,
    });
    if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      throw new Problem(
        response.status,
        'no event stream',
        'this server cannot be followed',
        'final',
      );
    }
    opened(response);
    const parse = eventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read; !(read = await reader.read()).done;) {
      clearTimeout(timer);
      timer = setTimeout(abort, SILENCE_MS_MAX);
      parse(read.value).forEach(take);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    abort();
  }
}

// Follows a log until `signal`, or until the server says that it is of no use: then its problem is
// returned.
async function follow(log, list, signal) {
  let lastId = null;
  let logId = null;
  let retryMs = 2000;
  let failures = 0;
  const opened = (response) => {
    logId = response.headers.get('Log-Id');
    say('follow-state', 'live', 'good');
    say('follow-note', '');
  };
  const take = ({id, type, data}) => {
    failures = 0;
    if (id !== null) lastId = id;
    if (type === 'record') list.addRecord(id, data);
    if (type === 'gap')
      list.addEvent(`Records are gone; the log begins at ${parsed(data)?.first_offset ?? data}`);
    if (type === 'end')
      list.addEvent(`The server ended the stream: ${parsed(data)?.reason ?? data}`);
    if (type === 'retry') retryMs = Number(data);
  };
  const position = () =>
    (lastId === null ? `last=${RECORDS_AT_FIRST}` : `last_event_id=${lastId}`) +
    (logId === null ? '' : `&log_id=${logId}`);
  while (!signal.aborted) {
    say('follow-state', 'connecting');
    let why = 'the connection ended';
    try {
      await readEvents(`${logPath(log)}/records?${position()}&encoding=text`, signal, opened, take);
    } catch (problem) {
      if (signal.aborted) return null;
      if (problem.outcome === 'final' || [400, 401, 403, 404, 406].includes(problem.status)) {
        say('follow-state', 'not followed', 'bad');
        say('follow-note', problem.status === 404 ? '' : problem.message, 'bad');
        byId('records-empty').hidden = true;
        return problem;
      }
      if ([409, 416].includes(problem.status)) {
        list.addEvent('This is another log now, under the same name');
        lastId = logId = null;
      }
      if (problem instanceof Problem) why = problem.message;
    }
    if (signal.aborted) return null;
    const pauseMs = Math.max(retryMs, Math.min(AGAIN_MS_MAX, 1000 * 2 ** failures++));
    say('follow-state', `again in ${seconds(pauseMs / 1000)}: ${why}`, 'warn');
    await sleep(pauseMs, signal);
  }
  return null;
}
