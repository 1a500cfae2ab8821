// The console: watches, reads and appends over the public API alone. While the page is visible one
// round every two seconds asks for all that is shown but records; those come as an event stream.

const ROUND_MS = 2000;
const ROUND_MS_MAX = 30_000;

async function showServer() {
  const {version, engine, durability} = await askJson('v1');
  setText(byId('server'), `${version} · engine ${engine} · durability ${durability}`);
}

// What is degraded is told with 200, what is unavailable with 503.
async function showReadiness() {
  const told = await askJson('readyz').catch((problem) => {
    if (!problem.told?.checks) throw problem;
    return problem.told;
  });
  const wrong = Object.values(told.checks).filter(({status}) => status !== 'ok');
  const kind = {ok: 'good', degraded: 'warn'}[told.status] ?? 'bad';
  const details = wrong.map(({detail}) => detail ?? '').join('; ');
  say('state', kind === 'good' ? 'ready' : `${told.status}: ${details}`, kind);
}

function main() {
  const logs = new LogsPane();
  const log = new LogPane();
  const charts = new ChartsPane();
  new AppendForm();
  let timer = null;
  let running = false;
  let failures = 0;

  const round = async () => {
    clearTimeout(timer);
    if (running || document.hidden) return;
    running = true;
    const asked = [showReadiness(), logs.refresh(), log.refresh(), charts.refresh()];
    if (!byId('server').textContent || failures) asked.push(showServer());
    const failed = (await Promise.allSettled(asked)).flatMap(({reason}) => reason ?? []);
    const silent = failed.find(({status}) => !status);
    if (silent) say('state', silent.message, 'bad');
    failures = failed.some(({status}) => status !== 404) ? failures + 1 : 0;
    running = false;
    timer = setTimeout(round, Math.min(ROUND_MS_MAX, ROUND_MS * 2 ** failures));
  };
  const choose = () => {
    log.choose();
    logs.markChosen();
    if (running) log.refresh().catch(() => {});
    round();
  };

  byId('access-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const token = byId('token').value.trim();
    if (token) sessionStorage.setItem('token', token);
    else sessionStorage.removeItem('token');
    byId('access').open = false;
    choose();
  });
  byId('token').value = sessionStorage.getItem('token') ?? '';
  byId('skip').addEventListener('click', () => byId('pause').focus());
  byId('pause').addEventListener('click', () => log.pause());
  document.addEventListener('visibilitychange', round);
  addEventListener('hashchange', choose);
  // A browser may keep a page that was left, to go back to, and with it its streams.
  addEventListener('pagehide', () => log.leave());
  addEventListener('pageshow', ({persisted}) => {
    if (persisted) choose();
  });
  choose();
}

main();
