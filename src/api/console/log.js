// The chosen log.

const CURSORS_SHOWN = 100;

function retentionText({max_age: age, max_bytes: size} = {}) {
  return [age, size].filter((bound) => bound !== undefined).join(', ') || 'everything';
}

class LogPane {
  #rates = new Rates();
  #following = null;
  #list = null;
  #gone = false;

  choose() {
    const log = chosenLog();
    document.title = `${log} · daybook`;
    byId('log-title').textContent = log;
    byId('log-title').title = log;
    byId('facts').replaceChildren();
    setText(byId('log-rate'), '');
    say('log-note', '');
    this.#showCursors([]);
    this.#follow(log);
  }

  leave() {
    this.#following?.abort();
  }

  pause() {
    this.#list.pause(byId('pause').getAttribute('aria-pressed') !== 'true');
  }

  async refresh() {
    const log = chosenLog();
    try {
      const [told, {cursors}] = await Promise.all([
        askJson(logPath(log)),
        askJson(`${logPath(log)}/cursors`),
      ]);
      if (log !== chosenLog()) return;
      say('log-note', '');
      if (this.#gone) this.#follow(log);
      this.#show(told);
      this.#showCursors(cursors);
    } catch (problem) {
      if (log === chosenLog()) say('log-note', problem.message, 'bad');
      throw problem;
    }
  }

  #follow(log) {
    this.#following?.abort();
    this.#list?.close();
    this.#list = new RecordList();
    this.#gone = false;
    const {signal} = (this.#following = new AbortController());
    follow(log, this.#list, signal).then((problem) => {
      this.#gone = !signal.aborted && problem?.status === 404;
    });
  }

  #show(log) {
    setText(byId('log-rate'), rate(this.#rates.of(log)));
    facts(byId('facts'), [
      ['First offset', count(log.first_offset)],
      ['Next offset', count(log.next_offset)],
      ['Records', count(log.records)],
      ['Size', bytes(log.bytes)],
      ['Keeps', retentionText(log.retention)],
      ['Newest record', moment(log.last_timestamp) || '–'],
    ]);
  }

  #showCursors(cursors) {
    byId('cursors-scroller').hidden = !cursors.length;
    let shown = cursors;
    let note = cursors.length ? '' : 'None.';
    if (cursors.length > CURSORS_SHOWN) {
      shown = cursors.toSorted((a, b) => b.lag - a.lag).slice(0, CURSORS_SHOWN);
      note = `${count(CURSORS_SHOWN)} of ${count(cursors.length)}, those with the largest lag.`;
    }
    say('cursors-note', note);
    byId('cursors').replaceChildren(
      ...shown.map(({name, offset, lag}) => {
        const cell = element('td', '', name);
        cell.title = name;
        const numbers = [offset, lag].map((each) => element('td', 'number', count(each)));
        return element('tr', '', '', cell, ...numbers);
      }),
    );
  }
}
