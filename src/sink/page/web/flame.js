// An icicle of stacks: a click or Enter zooms, arrows move, what is typed is marked.
import { byId, element } from './dom.js';
import { count, duration, percent } from './text.js';

const narrowest = 0.003;
let root = null, zoomed = null, wanted = '';

const matches = (node) => wanted !== '' && node.name.toLowerCase().includes(wanted);

function describe(node) {
  return `${node.name}: ${duration(node.ns)}, ${percent(node.ns / Math.max(1, root.ns))}, ${count(node.samples)} samples` +
    (node.module ? `, in ${node.module}` : '');
}

function rectangle(node, depth) {
  const kind = matches(node) ? 'found' : `k-${node.kind || 'note'}`;
  return element('button', { type: 'button', class: `frame ${kind}`, role: 'treeitem', title: describe(node),
    'aria-level': depth + 1, tabindex: depth === 0 ? 0 : -1 }, node.name);
}

function draw(node, depth, scale) {
  const button = rectangle(node, depth);
  button.addEventListener('click', () => zoom(node));
  button.addEventListener('focus', () => { byId('flame-note').textContent = describe(node); });
  const wide = node.children.filter((child) => child.ns >= narrowest * scale);
  const below = element('div', { class: 'row-of-frames' }, ...wide.map((child) => {
    const column = draw(child, depth + 1, scale);
    column.style.width = `${100 * child.ns / Math.max(1, node.ns)}%`;
    return column;
  }));
  return element('div', { class: 'column' }, button, below);
}

function zoom(node) {
  zoomed = node;
  byId('flame-out').disabled = node === root;
  if (root.ns === 0) {
    byId('flame').replaceChildren(element('p', { class: 'note' }, 'No holder of a contended lock was seen yet.'));
    return;
  }
  byId('flame').replaceChildren(draw(node, 0, node.ns));
  byId('flame').querySelector('button').focus({ preventScroll: true });
}

function sumOfFound(node) {
  return matches(node) ? node.ns : node.children.reduce((sum, child) => sum + sumOfFound(child), 0);
}

function find(text) {
  wanted = text.trim().toLowerCase();
  if (root && root.ns) byId('flame').replaceChildren(draw(zoomed, 0, zoomed.ns));
  byId('flame-note').textContent =
    wanted && root ? `${percent(sumOfFound(root) / Math.max(1, root.ns))} of the time in frames with “${wanted}”` : root.subtitle;
}

function step(event) {
  const all = [...byId('flame').querySelectorAll('button')];
  const at = document.activeElement.closest('.column');
  if (!at || !['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Escape'].includes(event.key)) return;
  event.preventDefault();
  if (event.key === 'Escape') return zoom(root);
  const next = {
    ArrowDown: at.querySelector(':scope > .row-of-frames > .column'),
    ArrowUp: at.parentElement.closest('.column'),
    ArrowLeft: at.previousElementSibling,
    ArrowRight: at.nextElementSibling,
  }[event.key];
  const button = next && next.querySelector(':scope > button');
  if (!button) return;
  for (const other of all) other.tabIndex = -1;
  button.tabIndex = 0;
  button.focus();
}

export async function loadFlame(focus = true) {
  const answer = await fetch('/api/flame?format=tree');
  if (!answer.ok) return;
  const active = document.activeElement;
  root = await answer.json();
  zoom(root);
  if (!focus && active) active.focus({ preventScroll: true });
  byId('flame-note').textContent = root.subtitle || '';
}

export function startFlame() {
  byId('flame-refresh').addEventListener('click', () => loadFlame(false));
  byId('flame-out').addEventListener('click', () => zoom(root));
  byId('flame-find').addEventListener('input', (event) => find(event.target.value));
  byId('flame').addEventListener('keydown', step);
}
