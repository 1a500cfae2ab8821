// Elements are made of text alone. What comes from a server is hostile and is only ever put in as that.

const byId = (id) => document.getElementById(id);

function element(name, classes = '', text = '', ...children) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  if (text !== '') made.textContent = text;
  made.append(...children);
  return made;
}

function say(id, text, kind = '') {
  const note = byId(id);
  note.hidden = !text;
  if (note.textContent !== text) note.textContent = text;
  for (const name of ['good', 'warn', 'bad']) note.classList.toggle(name, name === kind);
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
