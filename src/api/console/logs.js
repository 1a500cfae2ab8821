// The list of logs.

const LOGS_SHOWN = 200;

// The fragment of the page's address.
const chosenLog = () => location.hash.slice(1) || 'default';

// Tells how fast the ends of logs move, by their ids.
class Rates {
  #ends = new Map();

  of({id, next_offset: end}) {
    const now = performance.now();
    const before = this.#ends.get(id);
    if (before && now - before.at < ROUND_MS / 4) return before.rate;
    const moved =
      before && now - before.at < 5 * ROUND_MS
        ? ((end - before.end) / (now - before.at)) * 1000
        : 0;
    this.#ends.delete(id);
    this.#ends.set(id, {end, at: now, rate: moved});
    if (this.#ends.size > 10 * LOGS_SHOWN) this.#ends.delete(this.#ends.keys().next().value);
    return moved;
  }
}

class LogsPane {
  #rates = new Rates();
  #pages = ['']; // `after` of each page up to the one that is shown
  #next = null;

  constructor() {
    byId('next-page').addEventListener('click', () =>
      this.#turn(() => this.#next && this.#pages.push(this.#next)),
    );
    byId('previous-page').addEventListener('click', () =>
      this.#turn(() => this.#pages.length > 1 && this.#pages.pop()),
    );
    byId('prefix').addEventListener('input', () =>
      this.#turn(() => {
        this.#pages = [''];
      }),
    );
  }

  async refresh() {
    const prefix = byId('prefix').value.trim();
    const after = this.#pages.at(-1);
    const query = new URLSearchParams({
      limit: LOGS_SHOWN,
      ...(prefix && {prefix}),
      ...(after && {after}),
    });
    try {
      const {logs, next} = await askJson(`v1/logs?${query}`);
      if (prefix !== byId('prefix').value.trim() || after !== this.#pages.at(-1)) return;
      this.#next = next ?? null;
      this.#show(logs);
      say('logs-note', logs.length ? '' : prefix ? 'No log begins so.' : 'There are no logs.');
    } catch (problem) {
      say('logs-note', problem.message, 'bad');
      throw problem;
    }
  }

  markChosen() {
    for (const row of byId('logs').rows) {
      const chosen = row.dataset.log === chosenLog();
      row.classList.toggle('chosen', chosen);
      const link = row.querySelector('a');
      if (chosen) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }

  #turn(change) {
    change();
    this.refresh().catch(() => {});
  }

  #show(logs) {
    const before = new Map(Array.from(byId('logs').rows, (row) => [row.dataset.log, row]));
    const rows = logs.map((log) => {
      const row = before.get(log.name) ?? this.#row(log.name);
      setText(row.cells[1], count(log.next_offset));
      setText(row.cells[2], rate(this.#rates.of(log)));
      return row;
    });
    // Rows that stay are not moved, so that a focus stays, too.
    if (rows.length !== before.size || rows.some((row, at) => byId('logs').rows[at] !== row))
      byId('logs').replaceChildren(...rows);
    this.markChosen();
    byId('pages').hidden = this.#pages.length === 1 && !this.#next;
    byId('previous-page').disabled = this.#pages.length === 1;
    byId('next-page').disabled = !this.#next;
    setText(byId('page-number'), `page ${this.#pages.length}`);
  }

  #row(name) {
    const link = element('a', '', name);
    link.href = `#${name}`;
    link.title = name;
    const row = element(
      'tr',
      '',
      '',
      element('td', '', '', link),
      element('td', 'number'),
      element('td', 'number rate'),
    );
    row.dataset.log = name;
    return row;
  }
}
