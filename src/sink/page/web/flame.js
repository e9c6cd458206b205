// An icicle of stacks: a click or Enter zooms, arrows move, what is typed is marked.
import { byId, element } from './dom.js';
import { count, duration, percent } from './text.js';

const narrowest = 0.003, everyMs = 5000;
const holders = '/api/flame', profile = '/api/profile';
let root = null, zoomed = null, wanted = '', source = holders, loadedAt = 0;

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
    byId('flame').replaceChildren(element('p', { class: 'note' },
      source === profile ? 'No stack was taken yet.' : 'No holder of a contended lock was seen yet.'));
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
  const from = source, answer = await fetch(`${from}?format=tree`);
  if (!answer.ok || from !== source) return;
  loadedAt = Date.now();
  const active = document.activeElement;
  root = await answer.json();
  zoom(root);
  if (!focus && active) active.focus({ preventScroll: true });
  byId('flame-note').textContent = root.subtitle || '';
}

// A profile is of the last minute: it moves on while nobody looks closer at it.
export async function refreshFlame() {
  const still = zoomed !== root || wanted !== '' || byId('flame').contains(document.activeElement);
  if (source === profile && !still && Date.now() - loadedAt >= everyMs) await loadFlame(false);
}

async function choose(from) {
  source = from;
  for (const format of ['svg', 'pprof', 'folded']) byId(`flame-${format}`).href = `${from}?format=${format}`;
  byId('flame-title').textContent = from === profile ? 'Where the time goes' : 'Who holds the locks';
  byId('flame-what').textContent = from === profile
    ? 'Stacks of the last minute. What they are of stands in the first row.'
    : 'Wait for locks since Plateau is attached, by where their holders were when they let go.';
  await loadFlame(false);
}

export async function startFlame() {
  byId('flame-which').addEventListener('input', (event) => choose(event.target.value));
  byId('flame-refresh').addEventListener('click', () => loadFlame(false));
  byId('flame-out').addEventListener('click', () => zoom(root));
  byId('flame-find').addEventListener('input', (event) => find(event.target.value));
  byId('flame').addEventListener('keydown', step);
  const answer = await fetch('/api/flames');
  if (!answer.ok || !(await answer.json()).includes(profile)) return;
  byId('flame-choice').hidden = false;
  await choose(profile);
}
