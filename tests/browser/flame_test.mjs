// Flamegraphs in a real browser, light and dark: what is drawn can be told apart and read.
//   node flame_test.mjs FOLDER_OF_PROGRAMS [FOLDER_FOR_SCREENSHOTS]
// Exit status 77: nothing could be tried here, and why is printed.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, chromium } from './browser.mjs';

const [, pictures] = process.argv.slice(2);
const golden = fileURLToPath(new URL('../unit/sink/golden', import.meta.url));

// Colours as they are seen: the browser's own arithmetic, over what lies behind.
const colours = `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b], opacity, [R, G, B]) => [r * opacity + R * (1 - opacity), g * opacity + G * (1 - opacity), b * opacity + B * (1 - opacity)];
  const light = (colour) => colour.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const paper = parse(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3);
  const frame = (g) => {
    const rect = getComputedStyle(g.querySelector('rect')), text = getComputedStyle(g.querySelector('text'));
    const fill = over(parse(rect.fill), Number(rect.fillOpacity), paper);
    return { kind: g.querySelector('rect').className.baseVal.split(' ')[0], bare: rect.fill, fill: fill.map(Math.round), label: contrast(parse(text.fill), fill), edge: contrast(fill, paper) };
  };
  const loose = [...document.querySelectorAll('text.title, text.subtitle, text.note, text.legend, text.details')];
  const input = getComputedStyle(document.getElementById('search'));
  return {
    paper, light: light(paper),
    frames: [...document.querySelectorAll('#frames g')].map(frame),
    texts: loose.map((t) => ({ text: t.textContent, contrast: contrast(parse(getComputedStyle(t).fill), paper) })),
    input: contrast(parse(input.color), parse(input.backgroundColor)),
  };
})()`;

async function show(browser, name, dark) {
  await browser.look({ width: 1200, height: 460, dark });
  await browser.go(`file://${join(golden, `${name}.svg`)}`);
  await browser.until(`document.querySelector('#frames g')?.frame && matchMedia('(prefers-color-scheme: dark)').matches === ${dark}`);
  if (pictures) await browser.picture(join(pictures, `${name}-${dark ? 'dark' : 'light'}.png`));
  return browser.value(colours);
}

function isReadable(seen, dark) {
  assert.ok(dark ? seen.light < 0.05 : seen.light > 0.8, `paper ${seen.paper}`);
  assert.ok(seen.frames.length > 3 && seen.texts.length > 3);
  for (const { kind, fill, label, edge } of seen.frames) {
    assert.ok(label >= 4.5, `label on ${kind} ${fill}: ${label}`);
    assert.ok(edge >= 1.2, `${kind} ${fill} on ${seen.paper}: ${edge}`);
  }
  for (const { text, contrast } of seen.texts) assert.ok(contrast >= 4.5, `"${text}": ${contrast}`);
  assert.ok(seen.input >= 4.5, `search: ${seen.input}`);
}

// One colour a kind, none of two kinds, and each in the legend.
async function kindsAreToldApart(browser, seen) {
  const byKind = new Map();
  for (const { kind, bare } of seen.frames) byKind.set(kind, (byKind.get(kind) ?? new Set()).add(bare));
  assert.deepEqual([...byKind.keys()].sort(), ['all', 'go', 'inline', 'jit', 'kernel', 'native', 'note-frame', 'unknown']);
  for (const [kind, fills] of byKind) assert.equal(fills.size, 1, kind);
  assert.equal(new Set([...byKind.values()].map((fills) => [...fills][0])).size, byKind.size);
  const legend = await browser.value(`[...document.querySelectorAll('text.legend')].map((t) => [t.previousElementSibling.className.baseVal, getComputedStyle(t.previousElementSibling).fill])`);
  assert.deepEqual(new Map(legend), new Map([...byKind].filter(([kind]) => kind !== 'all').map(([kind, fills]) => [kind, [...fills][0]])));
}

async function searchMarks(browser) {
  await browser.value(`{ const s = document.getElementById('search'); s.value = 'Serve'; s.dispatchEvent(new Event('input')); }`);
  await browser.until(`document.querySelector('#frames g.hit')`);
  const { frames } = await browser.value(colours);
  const marked = await browser.value(`[...document.querySelectorAll('#frames g')].flatMap((g, i) => g.classList.contains('hit') ? [i] : [])`);
  for (const i of marked) assert.ok(frames[i].label >= 4.5, `label of a match: ${frames[i].label}`);
}

if (!chromium()) {
  console.log('skipped: no Chromium here');
  process.exit(77);
}
if (pictures) mkdirSync(pictures, { recursive: true });
const browser = await Browser.start();
try {
  for (const dark of [false, true]) {
    const seen = await show(browser, 'flame', dark);
    isReadable(seen, dark);
    await kindsAreToldApart(browser, seen);
    await searchMarks(browser);
    isReadable(await show(browser, 'difference', dark), dark);
  }
  assert.deepEqual(browser.problems, []);
  assert.deepEqual(browser.requests.filter((url) => !url.startsWith('file://') && !url.startsWith('data:')), []);
  console.log('light and dark: frames, labels, legend, matches and notes can be told apart and read');
} finally {
  await browser.stop();
}
