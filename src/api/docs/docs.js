// The page of the API: /openapi.json, shown to people.

function linkTo(hash, classes, ...children) {
  const link = element('a', classes, '', ...children);
  link.href = `#${hash}`;
  return link;
}

const idOf = (tag) => `tag-${tag.toLowerCase().replace(/\W+/g, '-')}`;

function sectionOf(api, {name, description}, common) {
  const title = element('h2', '', name);
  title.id = idOf(name);
  return element('section', '', '', title, ...prose(description),
    ...api.withTag(name).map((operation) => operationShown(api, operation, common)));
}

function errorsOfAll(api, common) {
  const title = element('h2', '', 'Errors of every operation');
  title.id = 'errors';
  const problem = {$ref: '#/components/schemas/Problem'};
  return element('section', '', '', title, element('p', '', '', ...inline('Besides what stands with it each operation may answer '
    + 'these. Every error is `application/problem+json`:')), ...members(api, problem), errorsShown(api, common));
}

function navOf(api, {name}) {
  const lines = api.withTag(name).map(({operationId, method, path, summary}) => {
    const link = linkTo(operationId, '', element('span', `method ${method}`, method.toUpperCase()), element('span', '', summary.replaceAll('`', '')));
    const line = element('li', '', '', link);
    line.dataset.text = `${method} ${path} ${summary} ${operationId}`.toLowerCase();
    return line;
  });
  return element('div', '', '', element('h2', '', '', linkTo(idOf(name), '', name)), element('ul', '', '', ...lines));
}

function filter() {
  const wanted = byId('filter').value.trim().toLowerCase();
  let left = 0;
  for (const group of byId('tags').children) {
    const lines = [...group.querySelectorAll('li')];
    for (const line of lines) line.hidden = !line.dataset.text.includes(wanted);
    const shown = lines.filter((line) => !line.hidden).length;
    group.hidden = shown === 0;
    left += shown;
  }
  byId('nothing').hidden = left > 0;
}

function markCurrent() {
  for (const link of byId('tags').querySelectorAll('a')) {
    if (link.hash === location.hash && link.hash) link.setAttribute('aria-current', 'location');
    else link.removeAttribute('aria-current');
  }
}

function show(api) {
  const {info, tags, components} = api.document;
  const common = api.common();
  const codes = new Set(common.map(([code]) => code));
  const token = element('p', '', '', ...inline(`${components.securitySchemes.bearer.description} It is sent as `
    + '`-H "Authorization: Bearer $TOKEN"`.'));
  byId('version').textContent = info.version;
  byId('tags').replaceChildren(...tags.map((tag) => navOf(api, tag)));
  byId('main').replaceChildren(...prose(info.description), token, ...tags.map((tag) => sectionOf(api, tag, codes)),
    errorsOfAll(api, common));
}

async function main() {
  const state = byId('state');
  state.className = 'muted wait';
  state.textContent = 'Asking for openapi.json …';
  try {
    const answer = await fetch('openapi.json');
    if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
    show(new OpenApi(await answer.json()));
  } catch (fault) {
    state.className = 'bad wait';
    state.textContent = `The API cannot be shown: ${fault.message}`;
    return;
  }
  byId('filter').addEventListener('input', filter);
  addEventListener('hashchange', markCurrent);
  markCurrent();
  const wide = matchMedia('(min-width: 960px)');
  const open = () => {
    byId('contents').open = wide.matches;
  };
  wide.addEventListener('change', open);
  open();
  // What it names was not there when the browser looked for it.
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
}

main();
