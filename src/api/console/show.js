// How things are shown.

const wholeNumber = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const tenths = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
const shortNumber = new Intl.NumberFormat('en', {maximumSignificantDigits: 3});
const count = (number) => wholeNumber.format(number);
const number = (value) =>
  Number.isFinite(value) ? (value >= 100 ? count(value) : shortNumber.format(value)) : '–';

function bytes(size) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  for (; size >= 1024 && unit + 1 < units.length; ++unit) size /= 1024;
  return `${number(size)} ${units[unit]}`;
}

function seconds(span) {
  if (!Number.isFinite(span)) return '–';
  if (span >= 1) return `${number(span)} s`;
  return span >= 1e-3 ? `${number(span * 1e3)} ms` : `${number(span * 1e6)} µs`;
}

const rate = (perSecond) =>
  perSecond > 0 ? `+${perSecond >= 10 ? count(perSecond) : tenths.format(perSecond)}/s` : '';
const moment = (timestamp) => (timestamp ?? '').replace('T', ' ').replace(/Z$/, '');

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function facts(list, entries) {
  list.replaceChildren(
    ...entries.map(([name, value]) =>
      element('div', '', '', element('dt', '', name), element('dd', '', value)),
    ),
  );
  return list;
}
