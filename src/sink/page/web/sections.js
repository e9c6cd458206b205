// One function a section of the page: figures in, elements out.
import { byId, element, show, tiles } from './dom.js';
import { bar, inWords, legend, parks, waterfall } from './stages.js';
import { address, bytes, count, duration, percent, rate } from './text.js';

const perSecond = (n, window) => (window.interval_ns ? n * 1e9 / window.interval_ns : 0);

export function head(live) {
  const { target } = live;
  const who = `${target.comm || 'capture'}${target.pids.length ? ` (PID ${target.pids[0]})` : ''}`;
  byId('target').textContent = `${who}${target.listening.length ? ` on ${target.listening[0]}` : ''}`;
  document.title = `${rate(live.window.throughput)} – ${target.comm} – Plateau`;
  byId('facts').textContent = `${count(live.total.requests)} requests in ${duration(live.duration_ns)}; ` +
    `${target.runtime}, ${target.threads} threads; figures of the last ${duration(live.window.duration_ns)} unless said otherwise`;
}

// Read aloud when it changes, so it is touched only then. Figures in it may differ each second: the cause counts.
let told = '';
export function verdict(live) {
  const { verdict: v } = live.window;
  const box = byId('verdict');
  box.classList.toggle('none', v.cause === 'none' || v.cause === 'client_bound' || v.findings.length === 0);
  box.setAttribute('aria-live', v.cause === told ? 'off' : 'polite');
  told = v.cause;
  const evidence = v.findings.flatMap((finding) => finding.evidence);
  box.replaceChildren(...v.text.trim().split(/\n(?=To lift)/).map((text) => element('p', {}, text.replaceAll('\n', ' '))),
    element('ul', {}, ...evidence.map((line) => element('li', {}, line))));
}

export function figures(live) {
  const { window } = live;
  const none = window.total.requests === 0;
  const time = (ns) => (none ? '–' : duration(ns));
  tiles('tiles', [
    ['Throughput', rate(window.throughput), 'requests a second'],
    ['p50', time(window.total.p50_ns), 'half of the requests took at most this'],
    ['p90', time(window.total.p90_ns), ''],
    ['p99', time(window.total.p99_ns), 'one in a hundred took longer'],
    ['Slowest', time(window.total.max_ns), ''],
    ['In the server', window.concurrency.toFixed(1), 'requests inside, on average'],
    ['Errors', percent(window.total.requests ? window.total.status_classes['5xx'] / window.total.requests : 0), 'answered with 5xx'],
    ['CPUs busy', percent(window.machine_busy), `all ${live.cpus} of the machine`],
  ]);
}

const sorts = {
  rate: (r) => -r.requests, p50: (r) => -r.p50_ns, p99: (r) => -r.p99_ns, time: (r) => -r.latency_sum_ns,
};

export function routes(live) {
  const { window } = live;
  const filter = byId('filter').value, sort = byId('sort').value;
  const list = window.routes.filter((r) => `${r.method} ${r.route}`.includes(filter));
  if (sort === 'name') list.sort((a, b) => a.route.localeCompare(b.route));
  else list.sort((a, b) => sorts[sort](a) - sorts[sort](b));
  show('legend', ...legend(window.total.stages_sum_ns), ...parks(window.total.parked_sum_ns));
  byId('routes').tBodies[0].replaceChildren(...list.map((r) => element('tr', {},
    element('th', { scope: 'row' }, element('code', {}, `${r.method || '?'} ${r.route}`)),
    element('td', { class: 'n' }, rate(perSecond(r.requests, window))),
    element('td', { class: 'n' }, duration(r.p50_ns)),
    element('td', { class: 'n' }, duration(r.p99_ns)),
    element('td', { class: 'n' }, count(r.requests_in_all)),
    element('td', { class: 'wide' }, bar(r.stages_sum_ns, r.latency_sum_ns)))));
  byId('routes-note').textContent = list.length === 0
    ? (window.routes.length ? 'No route matches.' : 'No request in this time.')
    : window.routes_left_out ? `and ${window.routes_left_out} more routes` : '';
}

const open = new Set();  // requests whose waterfall is shown

export function slowest(live) {
  const least = Number(byId('slower').value), filter = byId('filter').value;
  const list = live.slowest.filter((r) => r.latency_ns >= least && `${r.method} ${r.route}`.includes(filter)).slice(0, 12);
  const scale = list.length ? list[0].latency_ns : 0;
  for (const details of byId('slowest').querySelectorAll('details'))
    if (details.open) open.add(details.dataset.key);
    else open.delete(details.dataset.key);
  const focused = document.activeElement?.closest('#slowest details')?.dataset.key;
  show('slowest', ...list.map((r) => {
    const key = `${r.conn}/${r.seq}/${r.ready_ns}`;
    const stages = {};
    for (const step of r.waterfall) stages[step.stage] = (stages[step.stage] || 0) + step.ns;
    return element('li', {}, element('details', { open: open.has(key) && '', 'data-key': key },
      element('summary', {},
        element('span', { class: 'n' }, duration(r.latency_ns)),
        element('code', {}, `${r.method || '?'} ${r.path || '?'}`),
        element('span', { class: 'status' }, `${r.status ?? 'none'}`),
        bar(stages, scale)),
      element('p', { class: 'note' }, `${duration(r.ago_ns)} ago, request ${r.seq} of connection ${r.conn}, thread ${r.writer_tid}, ` +
        `${bytes(r.bytes_out)} sent${r.retransmits ? `, ${r.retransmits} retransmits` : ''}: ${inWords(stages)}`),
      waterfall(r.waterfall, r.latency_ns)));
  }));
  if (list.length === 0) show('slowest', element('li', { class: 'note' }, 'None.'));
  for (const key of open) if (!live.slowest.some((r) => `${r.conn}/${r.seq}/${r.ready_ns}` === key)) open.delete(key);
  if (focused) byId('slowest').querySelector(`[data-key="${CSS.escape(focused)}"] summary`)?.focus({ preventScroll: true });
}

export function locks(live) {
  const { window } = live;
  if (window.locks.length === 0) return show('locks', element('p', { class: 'note' }, 'No request waited for a lock.'));
  show('locks', ...window.locks.map((lock) => {
    const all = lock.holders.reduce((sum, h) => sum + h.samples, 0);
    return element('div', { class: 'lock' },
      element('p', {}, element('code', {}, address(lock.futex)), ` ${count(lock.waits)} waits, mean ` +
        `${duration(lock.waits ? lock.wait_sum_ns / lock.waits : 0)}, ${count(lock.request_waits)} while a request waited; contended ` +
        `${percent(Math.min(1, lock.contended_ns / Math.max(1, window.duration_ns)))} of the time; ` +
        (lock.mutex ? `held ${duration(lock.service_ns)} at a time` : 'no hold seen: a condition variable or queue')),
      element('ul', {}, ...lock.holders.map((h) => element('li', {}, 'held by ', element('code', {}, h.function),
        ` (${percent(h.samples / Math.max(1, all))} of ${count(all)} samples since attached)`,
        element('div', { class: 'stack' }, h.frames.slice(0, 6).join(' ← '))))));
  }));
}

export function threads(live) {
  const list = live.window.threads.slice(0, 8);
  if (list.length === 0) return show('threads', element('p', { class: 'note' }, 'No thread answered.'));
  const rest = live.window.threads.length - list.length + live.window.threads_left_out;
  const share = (part, t) => (t.elapsed_ns ? Math.max(0, Math.min(1, part / t.elapsed_ns)) : 0);
  show('threads', element('table', {},
    element('thead', {}, element('tr', {}, ...['Thread', 'Answers', 'Busy', 'On CPU'].map((name, i) =>
      element('th', { scope: 'col', class: i ? 'n' : false }, name)), element('th', { scope: 'col', class: 'wide' }, 'Share of its time'))),
    element('tbody', {}, ...list.map((t) => {
      const busy = share(t.elapsed_ns - t.idle_ns, t), run = share(t.run_ns, t);
      return element('tr', {}, element('th', { scope: 'row' }, String(t.tid)),
        element('td', { class: 'n' }, count(t.answered)), element('td', { class: 'n' }, percent(busy)),
        element('td', { class: 'n' }, percent(run)),
        element('td', { class: 'wide' }, element('span', { class: 'bar', role: 'img', 'aria-label': `busy ${percent(busy)}` },
          element('i', { class: 's-cpu', 'width%': 100 * run, title: `on CPU ${percent(run)}` }),
          element('i', { class: 's-sleep', 'width%': 100 * Math.max(0, busy - run), title: `blocked ${percent(Math.max(0, busy - run))}` }))));
    }))), rest > 0 && element('p', { class: 'note' }, `and ${rest} more`) || '');
}

export function paths(live) {
  const all = live.window.data_paths.reduce((sum, p) => sum + p.bytes, 0);
  const words = live.window.data_paths.map((p) => `${percent(p.bytes / all)} of bytes leave by ${p.path}`);
  const outside = live.outside_view;
  show('paths', element('p', {}, `${words.join(', ') || 'Nothing was sent'}${all ? ` (${bytes(all)} in ${duration(live.window.duration_ns)})` : ''}.`),
    ...(outside?.bypasses ?? []).map((b) => element('p', { class: 'warn' }, `Process ${b.pid} has ${b.what}: what goes through them is outside Plateau’s view.`)),
    outside ? element('p', { class: 'note' }, outside.bypasses.length ? 'None of it is attributed.' : 'Nothing that goes around the kernel’s TCP was found.') : '');
}

export function coverage(live) {
  const { coverage: c, cost } = live;
  const lost = Object.values(c.lost).reduce((a, b) => a + b, 0);
  const which = Object.entries(c.lost).filter(([, n]) => n > 0).map(([cause, n]) => `${cause} ${count(n)}`).join(', ');
  tiles('coverage', [
    ['Requests explained', `${percent(c.requests)} of ${count(c.requests_seen)}`, ''],
    ['Bytes seen', `${percent(c.bytes)} of ${bytes(c.bytes_moved)}`, ''],
    ['Lost', lost ? `${count(lost)}: ${which}` : 'nothing', ''],
    ['Watched', percent(c.watched), 'of the time, to keep to the bound on the probes’ cost'],
    ['Agent', `${percent(cost.agent_cpu_s * 1e9 / live.duration_ns)} of a CPU, ${bytes(cost.agent_rss_bytes)}`, ''],
    ['Probes', cost.probe_ns_per_request === null ? 'not measured yet' : `${duration(cost.probe_ns_per_request)} a request`, ''],
  ]);
}

// A shell takes what is in single quotes as it is.
const quoted = (text) => (/^[\w/.:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export function command(live) {
  const routes = byId('kind-route'), known = new Set([...routes.options].map((option) => option.value));
  for (const { route } of live.window.routes) if (!known.has(route)) {
    known.add(route);
    routes.append(element('option', { value: route }, route));
  }
  const kind = byId('kind').value, record = kind === 'record';
  for (const id of ['kind-slower', 'kind-route']) byId(id).disabled = record;
  const target = live.target.pids.map((pid) => `--pid ${pid}`).join(' ');
  const chosen = [['--slower-than', byId('kind-slower').value], ['--route', routes.value]]
    .filter(([, value]) => value !== '' && !record).map(([flag, value]) => ` ${flag} ${quoted(value)}`).join('');
  const text = record ? `plateau record ${target} --profile wall --duration 10s -o server.plateau`
    : `plateau flame ${target} --kind ${kind}${chosen} --duration 10s -o ${kind}.svg`;
  if (byId('command').textContent !== text) byId('command').textContent = text;
}
