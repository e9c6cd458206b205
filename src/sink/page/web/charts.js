// Lines over the last five minutes.
import { element } from './dom.js';

const height = 170, left = 62, right = 10, top = 10, bottom = 24, span = 300;

// 1, 2 or 5 times a power of ten, at least `value`.
function round(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= value * 0.999);
}

const y = (value, most) => height - bottom - (height - top - bottom) * Math.min(1, value / most);
const x = (second, now, width) => width - right - (width - left - right) * ((now - second) / span);

// A gap in the seconds is a gap in the line: nothing ended in them.
function path(points, now, most, width) {
  let text = '', last = -2;
  for (const [second, value] of points) {
    text += `${second === last + 1 ? 'L' : 'M'}${x(second, now, width).toFixed(1)} ${y(value, most).toFixed(1)}`;
    if (second !== last + 1) text += 'h0.1';
    last = second;
  }
  return text;
}

// `lines`: [name, class, points], points being [second, value].
export function chart(svg, lines, now, write, what) {
  const shown = lines.map(([name, look, points]) => [name, look, points.filter(([s]) => s > now - span && s <= now)]);
  const most = round(Math.max(...shown.flatMap(([, , points]) => points.map(([, value]) => value)), 0));
  const parts = [];
  const width = Math.max(260, svg.clientWidth);  // a unit is a pixel: text keeps its size on a narrow screen
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  for (const share of [0, 0.5, 1]) {
    const at = y(share * most, most);
    parts.push(element('svg:line', { class: 'grid', x1: left, x2: width - right, y1: at, y2: at }));
    parts.push(element('svg:text', { x: left - 8, y: at + 4, 'text-anchor': 'end' }, write(share * most)));
  }
  for (const ago of width < 400 ? [300, 180, 60, 0] : [300, 240, 180, 120, 60, 0])
    parts.push(element('svg:text', { x: x(now - ago, now, width), y: height - 8,
      'text-anchor': ago === 0 ? 'end' : 'middle' }, ago ? `-${ago / 60} min` : 'now'));
  for (const [name, look, points] of shown) {
    parts.push(element('svg:path', { class: `line ${look}`, d: path(points, now, most, width) },
      element('svg:title', {}, name)));
    if (lines.length > 1)
      parts.push(element('svg:text', { class: look, x: left + 8 + 34 * shown.findIndex(([n]) => n === name), y: top + 14 },
        name));
  }
  svg.replaceChildren(...parts);
  const latest = shown.map(([name, , points]) => `${name} ${points.length ? write(points.at(-1)[1]) : 'none'}`);
  svg.setAttribute('aria-label', `${what}. Now: ${latest.join(', ')}`);
}
