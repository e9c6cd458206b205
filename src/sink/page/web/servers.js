// Servers that the target asks: how often, and how long their answers take.
import { element, show } from './dom.js';
import { bytes, count, duration, percent, rate } from './text.js';

function row(peer) {
  const cell = (text) => element('td', { class: 'n' }, text);
  return element('tr', {}, element('th', { scope: 'row' }, element('code', {}, peer.address)),
    cell(rate(peer.calls_per_second)), cell(peer.calls_a_request.toFixed(2)),
    cell(peer.answers ? duration(peer.answer_sum_ns / peer.answers) : '–'),
    cell(percent(Math.max(0, 1 - peer.answers / peer.calls))), cell(bytes(peer.bytes_out)), cell(bytes(peer.bytes_in)));
}

export function servers(live) {
  const { peers, left_out: more, lost_calls: lost } = live.window.servers;
  if (peers.length === 0) return show('servers', element('p', { class: 'note' }, 'It asked none.'));
  const rest = [more ? `and ${count(more)} more` : '', lost ? `${count(lost)} calls to others were not told apart: too many addresses` : ''];
  show('servers', element('table', {},
    element('thead', {}, element('tr', {}, ...['Server', 'Calls', 'A request', 'Mean answer', 'Without one', 'Sent', 'Received'].map((title, i) =>
      element('th', { scope: 'col', class: i ? 'n' : false }, title)))),
    element('tbody', {}, ...peers.map(row))),
  ...rest.filter((text) => text).map((text) => element('p', { class: 'note' }, text)));
}
