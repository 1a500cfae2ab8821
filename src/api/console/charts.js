// What the server does, from /metrics.

const CHART_MS = 5 * 60_000;
const QUANTILE_SAMPLES = 5;

const LATENCIES = [
  'daybook_commit_append_duration_seconds',
  'daybook_replication_publish_duration_seconds',
];
const NOT_COUNTED = /route="\/(?:healthz|readyz|metrics|version)"/;
const APPENDS = /route="\/(?:v1\/logs\/\{log\}\/records)?",method="POST"/;

// {at, all, appends, buckets: [[le, count], ...] or null} of a page in Prometheus' text format.
function sampleOf(text) {
  const sample = {at: Date.now(), all: 0, appends: 0, buckets: null};
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^(\w+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    if (name === 'daybook_http_requests_total' && !NOT_COUNTED.test(labels)) {
      sample.all += Number(value);
      if (APPENDS.test(labels)) sample.appends += Number(value);
    } else if (LATENCIES.some((each) => name === `${each}_bucket`)) {
      const le = /le="([^"]+)"/.exec(labels)[1];
      (sample.buckets ??= []).push([le === '+Inf' ? Infinity : Number(le), Number(value)]);
    }
  }
  return sample;
}

// As Prometheus' histogram_quantile(): evenly within a bucket, none where nothing was counted.
function quantile(share, before, now) {
  if (!before || before.length !== now.length) return NaN;
  const counts = now.map(([, total], at) => total - before[at][1]);
  const wanted = share * counts.at(-1);
  if (!(wanted > 0)) return NaN;
  const at = counts.findIndex((total) => total >= wanted);
  const low = at ? now[at - 1][0] : 0;
  const below = at ? counts[at - 1] : 0;
  return now[at][0] === Infinity
    ? low
    : low + ((now[at][0] - low) * (wanted - below)) / (counts[at] - below);
}

// A round number at or above `value`.
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((step) => step * power >= value * 0.9999);
}

// A scale has `ticks`, the lowest first, and tells where a value lies between 0 and 1.
function linearScale(values) {
  const top = ceiling(Math.max(1, ...values));
  return {ticks: [0, top / 2, top], at: (value) => value / top};
}

function decadesScale(values) {
  const low = Math.floor(
    Math.log10(Math.min(1e-3, ...values.map((value) => Math.max(value, 1e-6)))),
  );
  const high = Math.max(low + 2, Math.ceil(Math.log10(Math.max(1e-2, ...values))));
  return {
    ticks: Array.from({length: high - low + 1}, (_, at) => 10 ** (low + at)),
    at: (value) => (Math.log10(Math.max(value, 1e-6)) - low) / (high - low),
  };
}

class Chart {
  #svg;
  #scaleOf;
  #format;

  constructor(id, scaleOf, format) {
    this.#svg = byId(id);
    this.#scaleOf = scaleOf;
    this.#format = format;
    this.draw([], Date.now());
  }

  // `series` are lists of [time, value].
  draw(series, now) {
    const {clientWidth: width, clientHeight: height} = this.#svg;
    if (!width) return;
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const scale = this.#scaleOf(
      series
        .flat()
        .map(([, value]) => value)
        .filter(Number.isFinite),
    );
    const left = 46;
    const x = (time) => left + (1 - (now - time) / CHART_MS) * (width - left);
    const y = (value) => height - 7 - scale.at(value) * (height - 14);
    const grid = scale.ticks.flatMap((tick) => {
      const label = this.#part('text', {x: left - 6, y: y(tick) + 4, 'text-anchor': 'end'});
      label.textContent = this.#format(tick);
      return [this.#part('line', {x1: left, x2: width, y1: y(tick), y2: y(tick)}), label];
    });
    this.#svg.replaceChildren(
      ...grid,
      ...series.map((points, at) =>
        this.#part('path', {class: at ? 'second' : 'first', d: this.#path(points, x, y)}),
      ),
    );
  }

  // Broken where there are no values, or no samples were taken.
  #path(points, x, y) {
    let path = '';
    let last = -Infinity;
    for (const [time, value] of points) {
      if (!Number.isFinite(value)) continue;
      const at = `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      path += time - last > 3 * ROUND_MS ? `M${at}h.1` : `L${at}`;
      last = time;
    }
    return path;
  }

  #part(name, attributes) {
    const part = document.createElementNS(this.#svg.namespaceURI, name);
    for (const [attribute, value] of Object.entries(attributes))
      part.setAttribute(attribute, value);
    return part;
  }
}

class ChartsPane {
  #rates = new Chart('rate-chart', linearScale, number);
  #latencies = new Chart('latency-chart', decadesScale, seconds);
  #samples = [];
  #points = []; // {at, all, appends, p50, p99}
  #elsewhere = false;

  async refresh() {
    if (this.#elsewhere) return;
    try {
      this.#add(sampleOf(await (await ask('metrics')).text()));
    } catch (problem) {
      this.#elsewhere = problem.status === 404;
      say(
        'charts-note',
        this.#elsewhere ? 'Metrics are at another address (--metrics-address).' : problem.message,
      );
      byId('charts').hidden = this.#elsewhere;
      if (!this.#elsewhere) throw problem;
    }
  }

  #add(sample) {
    const before = this.#samples.at(-1);
    if (before && sample.at - before.at < ROUND_MS / 2) return;
    if (before && (sample.all < before.all || sample.at - before.at > 5 * ROUND_MS))
      this.#samples = []; // it was started anew
    this.#samples.push(sample);
    if (this.#samples.length > QUANTILE_SAMPLES + 1) this.#samples.shift();
    say('charts-note', sample.buckets ? '' : 'This engine does not tell how long appends take.');
    if (this.#samples.length < 2) return;
    const perSecond = (name) => ((sample[name] - before[name]) / (sample.at - before.at)) * 1000;
    const latency = (share) =>
      sample.buckets ? quantile(share, this.#samples[0].buckets, sample.buckets) : NaN;
    const point = {
      at: sample.at,
      all: perSecond('all'),
      appends: perSecond('appends'),
      p50: latency(0.5),
      p99: latency(0.99),
    };
    this.#points = [...this.#points.filter(({at}) => at > sample.at - CHART_MS), point];
    this.#show(point);
  }

  #show(point) {
    const series = (...names) =>
      names.map((name) => this.#points.map((each) => [each.at, each[name]]));
    this.#rates.draw(series('all', 'appends'), point.at);
    this.#latencies.draw(series('p50', 'p99'), point.at);
    setText(byId('rate-all'), number(point.all));
    setText(byId('rate-appends'), number(point.appends));
    setText(byId('latency-p50'), seconds(point.p50));
    setText(byId('latency-p99'), seconds(point.p99));
  }
}
