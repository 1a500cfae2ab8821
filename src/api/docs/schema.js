// Schemas as people read them.

const LIMITS = new Map([[2 ** 64, '2^64 - 1'], [2 ** 63, '2^63 - 1']]);

function rangeOf({minimum, maximum}) {
  if (maximum !== undefined) return `from ${minimum ?? '…'} to ${LIMITS.get(maximum) ?? maximum}`;
  return minimum === undefined ? '' : `from ${minimum}`;
}

const alternatives = (schema) => schema.anyOf ?? (schema.oneOf?.every(({required}) => !required) ? schema.oneOf : undefined);

/** A schema in a few words. */
function typeOf(api, node) {
  const schema = api.at(node);
  const several = alternatives(schema);
  if (several) return several.map((each) => typeOf(api, each)).join(' or ');
  if (schema.allOf) return schema.allOf.map((each) => typeOf(api, each)).filter(Boolean).join(', ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.type === 'array') return `array of ${typeOf(api, schema.items)}`;
  const name = api.nameOf(node);
  const type = [[schema.type ?? []].flat().join(' or '), schema.format ?? ''].filter(Boolean).join(', ');
  const known = name && schema.type !== 'object' ? [type, name] : [name ?? type];
  return [...known, rangeOf(schema)].filter(Boolean).join(', ');
}

/** What is to be told of a schema besides its type. */
function rulesOf(schema) {
  const rules = [];
  if (schema.pattern) rules.push(element('div', 'type', 'matches ', element('code', '', schema.pattern)));
  if (schema.default !== undefined)
    rules.push(element('div', 'type', 'by default ', element('code', '', String(schema.default))));
  return rules;
}

/** The schemas whose members are members of this one, too. */
function objectOf(api, node) {
  const schema = api.at(node);
  return schema.type === 'array' ? objectOf(api, schema.items) : schema;
}

function member(api, name, node, needed) {
  const schema = api.at(node);
  const line = element('li', '', '', element('span', 'name', name), ' ', element('span', 'type', typeOf(api, node)));
  if (needed) line.append(' ', element('span', 'needed', 'required'));
  if (schema.description) line.append(element('div', '', '', ...inline(schema.description)));
  line.append(...rulesOf(schema), ...members(api, node));
  return line;
}

/** The members of an object, or of an array's objects, and theirs. */
function members(api, node) {
  const schema = objectOf(api, node);
  const own = Object.entries(schema.properties ?? {});
  if (schema.additionalProperties instanceof Object) own.push(['…', schema.additionalProperties]);
  if (!own.length) return [];
  const needed = schema.required ?? [];
  return [element('ul', 'members', '', ...own.map(([name, each]) => member(api, name, each, needed.includes(name))))];
}

function schemaShown(api, node) {
  if (!node) return [];
  const schema = api.at(node);
  const said = element('p', '', '', element('span', 'type', typeOf(api, node)));
  if (schema.description) said.append(' ', ...inline(schema.description));
  return [said, ...rulesOf(schema), ...members(api, node)];
}
