// Threads that wait for events: what they wait, and what they do else.
import { element, show } from './dom.js';
import { count, duration, percent, rate } from './text.js';

function name(loop) {
  const [first, second] = loop.listeners;
  const on = first ? ` on ${first}${second ? `, ${second}` : ''}${loop.listeners.length > 2 ? ' …' : ''}` : '';
  return element('th', { scope: 'row' }, element('code', {}, loop.thread),
    `${on}${loop.threads > 1 ? ` (${count(loop.threads)} threads)` : ''}`);
}

function shares(loop) {
  const share = (ns) => Math.min(1, ns / Math.max(1, loop.elapsed_ns));
  const run = share(loop.run_ns), runnable = share(loop.runqueue_ns);
  const words = `waits ${percent(share(loop.waiting_ns))}, on CPU ${percent(run)}, runnable ${percent(runnable)}`;
  return element('td', { class: 'wide' },
    element('span', { class: 'bar', role: 'img', 'aria-label': words },
      element('i', { class: 's-cpu', 'width%': 100 * run, title: `on CPU ${percent(run)}` }),
      element('i', { class: 's-runqueue', 'width%': 100 * runnable, title: `runnable ${percent(runnable)}` })),
    element('span', { class: 'note' }, words));
}

function row(loop) {
  const wait = (ns) => element('td', { class: 'n' }, loop.waits ? duration(ns) : '–');
  return element('tr', {}, name(loop), element('td', { class: 'n' }, rate(loop.waits_per_second)),
    wait(loop.p50_ns), wait(loop.p99_ns), shares(loop));
}

export function loops(live) {
  const { groups, left_out: more, not_looked_at: lost } = live.window.event_loops;
  if (groups.length === 0) return show('loops', element('p', { class: 'note' }, 'No thread waited for events.'));
  const rest = [more ? `and ${count(more)} more` : '', lost ? `${count(lost)} threads were not looked at: too many at once` : ''];
  show('loops', element('table', {},
    element('thead', {}, element('tr', {}, ...['Loop', 'Waits', 'p50', 'p99'].map((title, i) =>
      element('th', { scope: 'col', class: i ? 'n' : false }, title)),
    element('th', { scope: 'col', class: 'wide' }, 'Share of its time'))),
    element('tbody', {}, ...groups.map(row))),
  ...rest.filter((text) => text).map((text) => element('p', { class: 'note' }, text)));
}
