// The document as it is read: references, and what of it is where.

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

class OpenApi {
  constructor(document) {
    this.document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).filter((name) => METHODS.includes(name)).map((method) => ({
        path, method, ...item[method],
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((each) => this.at(each)),
      })));
    this.operations.sort((one, other) => this.place(one) - this.place(other));
  }

  /** What a reference refers to, with what stands beside it; anything else as it is. */
  at(node) {
    if (!node?.$ref) return node ?? {};
    const {$ref, ...beside} = node;
    const found = $ref.split('/').slice(1).reduce((within, name) => within?.[name], this.document);
    return {...this.at(found), ...beside};
  }

  nameOf = ({$ref}) => $ref?.split('/').at(-1);

  /** In which place its tag is. */
  place({tags}) {
    return this.document.tags.findIndex(({name}) => name === tags[0]);
  }

  withTag(tag) {
    return this.operations.filter(({tags}) => tags.includes(tag));
  }

  /** The answers that each operation may give. */
  common() {
    const [first, ...rest] = this.operations.map(({responses}) => responses);
    return Object.entries(first).filter(([code, {$ref}]) => $ref && rest.every((each) => each[code]?.$ref === $ref));
  }
}

/** Text with `code` in it. */
function inline(text) {
  return text.split('`').map((part, index) => (index % 2 ? element('code', '', part) : part));
}

function prose(text = '') {
  return text ? text.split('\n\n').map((paragraph) => element('p', '', '', ...inline(paragraph))) : [];
}
