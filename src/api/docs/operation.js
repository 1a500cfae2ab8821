// One operation: what it takes and what it answers.

const PLACES = {path: 'path', query: 'query', header: 'header field'};

function accessOf({security}) {
  const scopes = (security ?? []).flatMap((each) => each.bearer ?? []);
  if (!security.length) return 'Open to everybody.';
  const token = scopes.length ? `a token with the scope ${scopes.join(', ')}` : 'a token';
  const free = security.some((each) => !each.bearer);
  return `Where the server asks for tokens: ${token}${free ? ', or nothing, as it is set' : ''}.`;
}

function tableOf(heads, rows) {
  const head = element('tr', '', '', ...heads.map((each) => element('th', '', each)));
  for (const cell of head.children) cell.scope = 'col';
  return element('table', '', '', element('thead', '', '', head), element('tbody', '', '', ...rows));
}

const rowOf = (...cells) => element('tr', '', '', ...cells.map((cell) => element('td', '', '', ...[cell].flat())));

function parametersShown(api, parameters) {
  if (!parameters.length) return [];
  const rows = parameters.map((each) => rowOf(
    [element('span', 'name', each.name), ...(each.required ? [' ', element('span', 'needed', 'required')] : [])],
    PLACES[each.in],
    [...prose(each.description), element('div', 'type', typeOf(api, each.schema)), ...rulesOf(api.at(each.schema))],
  ));
  return [element('h4', '', 'Parameters'), tableOf(['name', 'in', 'what it is'], rows)];
}

function part(title, open, ...children) {
  const made = element('details', 'part', '', element('summary', '', '', ...[title].flat()), ...children);
  made.open = open;
  return made;
}

function examplesShown({example, examples}) {
  const all = example === undefined ? Object.values(examples ?? {}) : [{summary: 'Example', value: example}];
  return all.flatMap(({summary, value}) => [
    element('div', 'type', summary),
    element('pre', '', typeof value === 'string' ? value : JSON.stringify(value, null, 2)),
  ]);
}

const contentShown = (api, content) => [...schemaShown(api, content.schema), ...examplesShown(content)];

function bodyShown(api, {requestBody}) {
  if (!requestBody) return [];
  const body = api.at(requestBody);
  const types = Object.entries(body.content).map(([type, content], index) =>
    part(element('code', '', type), index === 0, ...contentShown(api, content)));
  return [element('h4', '', body.required ? 'Body' : 'Body, which may be absent'), ...types];
}

function headersShown(api, headers = {}) {
  const rows = Object.entries(headers).map(([name, node]) => {
    const header = api.at(node);
    return element('li', '', '', element('span', 'name', name), ' ', ...inline(header.description ?? ''));
  });
  return rows.length ? [element('ul', 'members', '', ...rows)] : [];
}

function answerShown(api, [code, node]) {
  const answer = api.at(node);
  const contents = Object.entries(answer.content ?? {}).map(([type, content], index) =>
    part(element('code', '', type), index === 0, ...contentShown(api, content)));
  const title = [element('span', 'status', code), ...inline(answer.description)];
  return part(title, code.startsWith('2'), ...headersShown(api, answer.headers), ...contents);
}

/** The kinds of problem that an error may be. */
function kindsOf(api, {content}) {
  const said = api.at(content?.['application/problem+json']?.schema).allOf?.[1];
  return (said?.properties.type.enum ?? []).map((type) => type.split(':').at(-1));
}

function errorsShown(api, errors) {
  const rows = errors.map(([code, node]) => {
    const error = api.at(node);
    const kinds = kindsOf(api, error).flatMap((kind) => [element('code', '', kind), ' ']);
    return rowOf(element('span', 'status', code), [...prose(error.description), ...headersShown(api, error.headers)], kinds);
  });
  return tableOf(['status', 'what happened', 'kinds'], rows);
}

function operationShown(api, operation, common) {
  const {method, path, operationId, summary, description, responses} = operation;
  const made = element('article', '', '',
    element('h3', '', '', element('span', `method ${method}`, method.toUpperCase()), element('span', 'path', path)),
    element('p', 'summary', '', ...inline(summary)), ...prose(description), element('p', 'access', accessOf(operation)),
    ...parametersShown(api, operation.parameters), ...bodyShown(api, operation),
    element('h4', '', 'With curl'), ...commandsOf(api, operation).map((command) => element('pre', '', command)));
  const answers = Object.entries(responses);
  const isError = ([code, node]) => kindsOf(api, api.at(node)).length > 0 && code >= '400';
  const errors = answers.filter((each) => isError(each) && !common.has(each[0]));
  made.append(element('h4', '', 'Answers'), ...answers.filter((each) => !isError(each)).map((each) => answerShown(api, each)),
    part('Errors', false, errorsShown(api, errors)));
  made.id = operationId;
  return made;
}
