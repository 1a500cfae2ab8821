// Requests of the API. Addresses are relative to the page's, so that it works behind a path prefix.

const ANSWER_MS_MAX = 10_000;

const logPath = (log) => `v1/logs/${encodeURIComponent(log)}`;

// What a request came to that did not end well. `status` 0: it had no answer; `told`: what it said.
class Problem extends Error {
  constructor(status, title, detail = '', outcome = 'unknown', told = {}) {
    super(`${status ? `${status} ` : ''}${title}${detail ? `: ${detail}` : ''}`);
    Object.assign(this, {status, outcome, told});
  }
}

async function problemOf(response) {
  const told = await response.json().catch(() => ({}));
  const title = told.title ?? (response.statusText || 'failed');
  const outcome = told.outcome ?? (response.status < 500 ? 'not_appended' : 'unknown');
  return new Problem(response.status, title, told.detail, outcome, told);
}

function noAnswer(error) {
  const why = error.name === 'TypeError' ? 'the server cannot be reached' : error.message;
  return new Problem(0, 'no answer', why);
}

let refusedToken; // the last one

// A 401 opens the field for a token, but once for each, so that it can be closed.
function wantToken(token) {
  if (refusedToken !== token) byId('access').open = true;
  refusedToken = token;
}

async function ask(path, options = {}) {
  const token = sessionStorage.getItem('token');
  const headers = token ? {...options.headers, Authorization: `Bearer ${token}`} : options.headers;
  const signal = options.signal ?? AbortSignal.timeout(ANSWER_MS_MAX);
  const asked = fetch(path, {...options, headers, signal, cache: 'no-store'});
  const response = await asked.catch((error) => Promise.reject(noAnswer(error)));
  if (response.ok) return response;
  if (response.status === 401) wantToken(token);
  throw await problemOf(response);
}

const askJson = async (path) => (await ask(path)).json();
