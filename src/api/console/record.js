// One record as a row that opens to the whole of it.

const PREVIEW_CHARACTERS = 300;
const WHOLE_CHARACTERS_MAX = 64 << 10;

// JSON in lines, token by token, so that no number is rounded. `text` is valid.
function pretty(text) {
  let depth = 0;
  const line = () => '\n' + '  '.repeat(depth);
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|[{[]\s*[}\]]|[{}[\],:]|\s+/gs, (token) => {
    if (token[0] === '"') return token;
    if (token.trim() === '') return '';
    if (token.length > 1) return token[0] + token.at(-1);
    if (token === ':') return ': ';
    if (token === ',') return token + line();
    if (token === '{' || token === '[') return (++depth, token + line());
    return (--depth, line() + token);
  });
}

const hexOf = (binary) =>
  Array.from(binary, (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join(' ');

function hexDump(binary) {
  const lines = [];
  for (let at = 0; at < binary.length; at += 16) {
    const row = binary.slice(at, at + 16);
    const plain = row.replace(/[^ -~]/g, '.');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hexOf(row).padEnd(47)}  ${plain}`);
  }
  return lines.join('\n');
}

// {kind, size, preview, whole(), cut} of a record's value: what has `cut` more than `whole` shows.
function valueOf(record) {
  if (record.value !== undefined) {
    const binary = atob(record.value);
    const shown = binary.slice(0, WHOLE_CHARACTERS_MAX / 4);
    return {
      kind: binary ? 'hex' : 'empty',
      size: binary.length,
      preview: hexOf(binary.slice(0, 64)) || '(empty)',
      whole: () => hexDump(shown),
      cut: binary.length - shown.length,
    };
  }
  const text = record.text ?? '';
  const shown = text.slice(0, WHOLE_CHARACTERS_MAX);
  const json = /^\s*[{[]/.test(text) && text === shown && parsed(text) !== undefined;
  return {
    kind: json ? 'json' : text ? 'text' : 'empty',
    size: new TextEncoder().encode(text).length,
    preview: text.slice(0, PREVIEW_CHARACTERS) || '(empty)',
    whole: () => (json ? pretty(text) : shown),
    cut: text.length - shown.length,
  };
}

function wholeRecord(record, value) {
  const headers = Object.entries(record.headers ?? {}).map(([name, content]) => [
    `header ${name}`,
    content,
  ]);
  const about = facts(element('dl'), [
    ['time', record.timestamp ?? ''],
    ...(record.key === undefined ? [] : [['key', record.key]]),
    ...headers,
    ['value', `${value.kind}, ${bytes(value.size)}`],
  ]);
  const whole = element('pre', value.kind, value.whole());
  whole.tabIndex = 0;
  const left = value.cut ? [element('p', 'muted', `… and ${count(value.cut)} more`)] : [];
  return element('div', 'whole', '', about, ...(value.size ? [whole] : []), ...left);
}

function recordRow(offset, data) {
  const record = parsed(data) ?? {text: data};
  const value = valueOf(record);
  const headers = Object.entries(record.headers ?? {})
    .map(([name, content]) => `${name}: ${content}`)
    .join(', ');
  const preview = element('span', 'preview');
  preview.append(element('span', `value cut ${value.kind}`, value.preview));
  if (headers) preview.append(element('span', 'headers cut', headers));
  const summary = element('summary');
  summary.append(
    element('span', 'offset', offset),
    element('span', 'time', moment(record.timestamp)),
    element('span', 'key cut', record.key ?? ''),
    preview,
  );
  const row = element('details', 'record', '', summary);
  row.addEventListener('toggle', () => row.append(wholeRecord(record, value)), {once: true});
  return element('li', '', '', row);
}
