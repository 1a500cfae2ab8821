// The newest records of the chosen log.

const SHOW_MS = 250; // between two changes to the list of records
const ROWS_MAX = 500;
const ROW_CHARACTERS_MAX = 16 << 20; // of all rows together

// The newest rows, the newest first. What comes while they are paused waits, bounded as they are.
class RecordList {
  #list = byId('records');
  #waiting = []; // {make, size}, the oldest first
  #rows = []; // {node, size}, the newest first
  #timer = null;
  #skipped = 0;
  #paused = false;
  #digits = 1; // of the largest offset

  constructor() {
    this.#list.replaceChildren();
    this.#showState();
  }

  addRecord(offset, data) {
    this.#digits = Math.max(this.#digits, offset.length);
    this.#add(() => recordRow(offset, data), data.length);
  }

  addEvent(text) {
    this.#add(() => element('li', 'event', text), text.length);
  }

  pause(paused) {
    this.#paused = paused;
    if (paused) this.#showState();
    else this.#show();
  }

  close() {
    clearTimeout(this.#timer);
  }

  #add(make, size) {
    this.#waiting.push({make, size});
    if (this.#waiting.length > 2 * ROWS_MAX)
      this.#skipped += this.#bound(this.#waiting, (rows) => rows.shift());
    this.#timer ??= setTimeout(() => this.#show(), SHOW_MS);
  }

  // Takes rows away until the others are few and small enough. Returns how many.
  #bound(rows, takeOldest) {
    const before = rows.length;
    let size = rows.reduce((sum, row) => sum + row.size, 0);
    while (rows.length > ROWS_MAX || (size > ROW_CHARACTERS_MAX && rows.length > 1)) {
      const taken = takeOldest(rows);
      size -= taken.size;
      taken.node?.remove();
    }
    return before - rows.length;
  }

  #show() {
    this.#timer = null;
    this.#skipped += this.#bound(this.#waiting, (rows) => rows.shift());
    if (this.#paused) return this.#showState();
    const made = this.#waiting
      .splice(0)
      .map(({make, size}) => ({node: make(), size}))
      .reverse();
    if (this.#skipped) {
      const left = `${count(this.#skipped)} older ones came faster than they can be shown`;
      made.push({node: element('li', 'event', left), size: left.length});
      this.#skipped = 0;
    }
    this.#list.prepend(...made.map(({node}) => node));
    this.#rows.unshift(...made);
    this.#bound(this.#rows, (rows) => rows.pop());
    this.#list.closest('section').style.setProperty('--digits', this.#digits);
    this.#showState();
  }

  #showState() {
    byId('records-empty').hidden = this.#rows.length > 0;
    const waiting = this.#waiting.length + this.#skipped;
    setText(
      byId('pause'),
      !this.#paused ? 'Pause' : waiting ? `Resume (${count(waiting)} new)` : 'Resume',
    );
    byId('pause').setAttribute('aria-pressed', String(this.#paused));
  }
}
