// Operations as commands for a shell.

const BASE = new URL('.', location.href).href.replace(/\/$/, '');

/** As a word of the shell, of which nothing is expanded. */
const quoted = (text) =>
  /[\n]/.test(text)
    ? `$'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
    : `'${text.replaceAll("'", "'\\''")}'`;

const exampleOf = (api, parameter) => parameter.example ?? api.at(parameter.schema).default ?? '…';

function targetOf(api, {path, parameters}) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) =>
    exampleOf(api, parameters.find((each) => each.in === 'path' && each.name === name)));
  const query = parameters
    .filter((each) => each.in === 'query' && each.required)
    .map((each) => `${each.name}=${exampleOf(api, each)}`);
  return quoted(BASE + filled + (query.length ? `?${query.join('&')}` : ''));
}

const bodyExample = (content) => content.example ?? Object.values(content.examples ?? {})[0]?.value;

/** One command for each media type that the operation takes, or gives. */
function commandsOf(api, operation) {
  const {method} = operation;
  const bodies = Object.entries(api.at(operation.requestBody).content ?? {});
  const shown = bodies.length ? 'post' : 'get';
  const start = ['curl', ...(method === shown ? [] : ['-X', method.toUpperCase()]), targetOf(api, operation)];
  if (bodies.length) {
    return bodies.map(([type, content]) => {
      const example = bodyExample(content);
      const data = typeof example === 'string' ? ['--data-binary', quoted(example)] : ['-d', quoted(JSON.stringify(example))];
      return [...start, '-H', quoted(`Content-Type: ${type}`), ...data].join(' ');
    });
  }
  const success = Object.entries(operation.responses).find(([code]) => code.startsWith('2'));
  const given = Object.keys(api.at(success?.[1]).content ?? {}).filter((type) => type !== 'text/html');
  return [start.join(' '), ...given.slice(1).map((type) =>
    [...start, ...(type === 'text/event-stream' ? ['-N'] : []), '-H', quoted(`Accept: ${type}`)].join(' '))];
}
