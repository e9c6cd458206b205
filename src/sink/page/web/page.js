// Asks once a second while somebody looks.
import { startCapture } from './capture.js';
import { chart } from './charts.js';
import { byId } from './dom.js';
import { loadFlame, refreshFlame, startFlame } from './flame.js';
import { loops } from './loops.js';
import { servers } from './servers.js';
import * as sections from './sections.js';
import { loadStages } from './stages.js';
import { count, duration } from './text.js';

const everyMs = 1000, patienceMs = 5000;
const seconds = new Map();  // by second: what /api/live says of it
let latest = null, paused = false, timer = 0, flameLoaded = false;

function remember(live) {
  for (const s of live.seconds) seconds.set(s.second, s);
  const newest = Math.max(0, ...seconds.keys());
  for (const second of seconds.keys()) if (second < newest - 310) seconds.delete(second);
}

function drawCharts(live) {
  const now = Math.floor((live.start_unix_ns - live.realtime_offset_ns + live.duration_ns) / 1e9) - 1;
  const past = [...seconds.values()].filter((s) => s.second <= now).sort((a, b) => a.second - b.second);
  const watched = (s) => Math.max(0.05, 1 - s.paused_ns / 1e9);
  const whole = past.filter((s) => s.requests > 0);
  chart(byId('rate'), [['throughput', 'a', past.map((s) => [s.second, s.requests / watched(s)])]], now, count, 'Throughput');
  chart(byId('latency'), [['p99', 'b', whole.map((s) => [s.second, s.p99_ns])], ['p50', 'a', whole.map((s) => [s.second, s.p50_ns])]],
    now, (ns) => (ns ? duration(ns) : '0'), 'Latency');
}

function draw(live) {
  sections.head(live);
  sections.verdict(live);
  sections.figures(live);
  sections.routes(live);
  sections.slowest(live);
  sections.locks(live);
  sections.command(live);
  loops(live);
  servers(live);
  sections.threads(live);
  sections.paths(live);
  sections.coverage(live);
  drawCharts(live);
}

function say(text) {
  byId('state').hidden = text === '';
  if (byId('state').textContent !== text) byId('state').textContent = text;
}

async function look() {
  const after = Math.max(0, ...seconds.keys()) - 2;  // the last ones may have grown
  const answer = await fetch(`/api/live?after=${Math.max(0, after)}`, { signal: AbortSignal.timeout(patienceMs) });
  if (!answer.ok) throw new Error(await answer.text());
  const live = await answer.json();
  if (paused) return;  // while it was under way
  latest = live;
  remember(latest);
  draw(latest);
  say('');
  document.documentElement.dataset.polls = Number(document.documentElement.dataset.polls || 0) + 1;
  if (!flameLoaded) {
    flameLoaded = true;
    await loadFlame(false);
  }
  await refreshFlame();
}

// The next look is a second after the end of this one: a slow answer is never asked for twice.
async function go() {
  timer = 0;
  if (document.hidden || paused) return;
  try {
    await look();
  } catch (error) {
    say(`No answer from Plateau: it may have ended. The figures are the last that came. (${error.message.trim()})`);
  }
  plan();
}

function plan() {
  if (!timer && !document.hidden && !paused) timer = setTimeout(go, everyMs);
}

function redraw() {
  if (latest) draw(latest);
}

byId('pause').addEventListener('click', () => {
  paused = !paused;
  byId('pause').setAttribute('aria-pressed', String(paused));
  byId('pause').textContent = paused ? 'Go on' : 'Pause';
  if (!paused) go();
});
byId('copy').addEventListener('click', async () => {
  await navigator.clipboard?.writeText(byId('command').textContent);
  byId('copy').textContent = 'Copied';
  setTimeout(() => { byId('copy').textContent = 'Copy'; }, 1500);
});
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  timer = 0;
  if (!document.hidden) go();
});
for (const id of ['filter', 'sort', 'slower', 'kind', 'kind-slower', 'kind-route']) byId(id).addEventListener('input', redraw);
startFlame();  // these go on beside the rest
startCapture();
await loadStages();
go();
