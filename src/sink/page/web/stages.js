// Bars of stages: the report's colours, and the report's names.
import { element } from './dom.js';
import { duration, percent } from './text.js';

const visible = 0.002;  // of a full bar
let stages = [];

export async function loadStages() {
  stages = await (await fetch('/api/stages')).json();
}

const sum = (ns) => Object.values(ns).reduce((a, b) => a + b, 0);

// The largest stages in words, for those who do not see the colours.
export function inWords(ns, most = 4) {
  const all = sum(ns);
  const named = Object.entries(ns).filter(([, n]) => n > 0 && n >= visible * all).sort((a, b) => b[1] - a[1]);
  return named.slice(0, most).map(([name, n]) => `${name} ${percent(n / all)}`).join(', ') || 'no time';
}

export function bar(ns, scale) {
  const all = sum(ns);
  const pieces = Object.entries(ns).filter(([, n]) => scale > 0 && n >= visible * scale);
  return element('span', { class: 'bar', role: 'img', 'aria-label': inWords(ns) }, ...pieces.map(([name, n]) =>
    element('i', { class: `s-${name}`, 'width%': (100 * n / scale).toFixed(2),
                   title: `${name} ${duration(n)}, ${percent(n / all)}` })));
}

export function legend(ns) {
  const all = sum(ns);
  return stages.filter(({ name }) => ns[name] > 0 && ns[name] >= visible * all).map(({ name, meaning }) =>
    element('span', { title: meaning }, element('i', { class: `s-${name}` }), `${name} ${percent(ns[name] / all)}`));
}

// What goroutines were parked for, where that is told.
export function parks(ns) {
  const all = sum(ns || {});
  const named = Object.entries(ns || {}).filter(([, n]) => n > 0 && n * 100 >= all).sort((a, b) => b[1] - a[1]);
  return named.length === 0 ? [] : [element('span', { title: 'what goroutines were parked for' },
    `parked for: ${named.map(([name, n]) => `${name} ${percent(n / all)}`).join(', ')}`)];
}

export function waterfall(steps, latency) {
  return element('div', { class: 'waterfall' }, ...steps.map(({ stage, from_ns, ns }) =>
    element('div', {},
      element('span', {}, stage),
      element('span', { class: 'n' }, duration(ns)),
      element('span', { class: 'track' },
        element('i', { class: `s-${stage}`, 'left%': (100 * from_ns / latency).toFixed(2),
                       'width%': Math.max(0.3, 100 * ns / latency).toFixed(2),
                       title: `${stage} ${duration(ns)}, ${percent(ns / latency)}` })))));
}
