// The form that appends a record.

function headersOf(text) {
  const headers = {};
  for (const line of text.split('\n').filter((each) => each.trim())) {
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (!name) throw new Problem(0, 'not sent', `'${line}' is not name: value`, 'not_appended');
    headers[name] = value;
  }
  return headers;
}

// What is JSON goes as it is written, so that no number is rounded.
function appendBody(form) {
  const json = form.elements.kind.value === 'json';
  const text = form.elements.value.value;
  if (json && parsed(text) === undefined)
    throw new Problem(0, 'not sent', 'the value is not JSON', 'not_appended');
  const key = byId('key').value;
  const headers = headersOf(byId('headers').value);
  const members = [json ? `"json":${text}` : `"text":${JSON.stringify(text)}`];
  if (key) members.push(`"key":${JSON.stringify(key)}`);
  if (Object.keys(headers).length) members.push(`"headers":${JSON.stringify(headers)}`);
  return `{"records":[{${members.join()}}]}`;
}

const newKey = () =>
  `console-${hexOf(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))}`;

class AppendForm {
  #form = byId('append');
  #busy = false;
  #unknown = null; // what was sent and may have been appended: {log, body, key}

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit().catch((problem) => say('append-answer', problem.message, 'bad'));
    });
    this.#form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#form.requestSubmit();
    });
  }

  async #submit() {
    const log = chosenLog();
    const body = appendBody(this.#form);
    if (this.#busy) return;
    this.#busy = true;
    if (this.#unknown?.log !== log || this.#unknown?.body !== body)
      this.#unknown = {log, body, key: newKey()};
    try {
      await this.#send(this.#unknown);
      this.#unknown = null;
    } catch (problem) {
      if (problem.outcome !== 'not_appended')
        problem.message += '. It may have been appended; sent again as it is, it is appended once.';
      else this.#unknown = null;
      throw problem;
    } finally {
      this.#busy = false;
    }
  }

  async #send({log, body, key}) {
    const headers = {'Content-Type': 'application/json', 'Idempotency-Key': key};
    const response = await ask(`${logPath(log)}/records`, {method: 'POST', body, headers});
    const {first_offset: offset, timestamp} = await response.json();
    const durability = response.headers.get('Durability') ?? 'not told';
    const there = response.headers.get('Idempotency-Replayed') ? '; it was there already' : '';
    const where = `Offset ${count(offset)} in ${log} at ${moment(timestamp)}`;
    say('append-answer', `${where}, durability ${durability}${there}`, 'good');
  }
}
