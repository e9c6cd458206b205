// Profiles of ours in speedscope, JSON and folded: it finds the functions and the times that are in them, and its own
// schema has no complaint.
//   node speedscope_test.mjs FOLDER_OF_PROGRAMS [FOLDER_FOR_SCREENSHOTS]
// Exit status 77: nothing could be tried here, and why is printed.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, chromium } from './browser.mjs';

const [programs, pictures] = process.argv.slice(2);
const port = 20000 + process.pid % 10000;
const kept = resolve(programs, '../tests/browser/speedscope');  // for the next time
const release = join(kept, 'node_modules/speedscope/dist/release');

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

function install() {
  if (existsSync(release)) return;
  const got = spawnSync('npm', ['install', '--prefix', kept, '--prefer-offline', '--no-audit', '--no-fund',
    '--ignore-scripts', 'speedscope@1.25.0'], { encoding: 'utf8', timeout: 60000 });
  if (got.status !== 0) skip(`npm gives no speedscope here: ${(got.stderr ?? String(got.error)).split('\n')[0]}`);
}

// Half a second of a server that spins, in both forms. Why there are none; undefined: there are.
async function draw(folder) {
  const server = spawn(join(programs, 'plateau-httpd'), ['--port', String(port), '--engine', 'thread', '--spin', '500us']);
  const children = [server];
  try {
    await new Promise((listens) => { server.stderr.once('data', listens); server.stdout.once('data', listens); });
    children.push(spawn(join(programs, 'plateau-load'), [`http://127.0.0.1:${port}/`, '--connections', '2', '--duration', '60s'], { stdio: 'ignore' }));
    const capture = join(folder, 'capture');
    const taken = spawnSync(join(programs, 'plateau'), ['record', '--port', String(port), '--duration', '500ms', '--profile', 'cpu', '--frequency', '499', '-o', capture], { encoding: 'utf8' });
    if (taken.status === 3) return taken.stderr.trim();
    assert.equal(taken.status, 0, taken.stderr);
    for (const format of ['speedscope', 'folded'])
      execFileSync(join(programs, 'plateau'), ['flame', '--from', capture, '--format', format, '-o', join(folder, format)], { stdio: 'ignore' });
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

// As speedscope writes them.
function time(ns) {
  const unit = [['s', 1e9], ['ms', 1e6], ['µs', 1e3]].find(([, size]) => ns >= size) ?? ['ns', 1];
  return `${(ns / unit[1]).toFixed(2)}${unit[0]}`;
}

function percent(share) {
  if (share >= 1) return '100%';
  if (share > 0.99) return '>99%';
  if (share < 0.0001) return '<0.01%';
  return `${(100 * share).toFixed(share < 0.01 ? 2 : share < 0.1 ? 1 : 0)}%`;
}

// The rows that there must be: total, own and name of each function. `stacks` are [frames, weight], outermost first.
function rowsOf(stacks, nameOf, amount) {
  const functions = new Map(), all = stacks.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [frames, weight] of stacks) {
    for (const frame of new Set(frames)) {
      const of = functions.get(frame) ?? functions.set(frame, { total: 0, own: 0 }).get(frame);
      of.total += weight;
    }
    functions.get(frames.at(-1)).own += weight;
  }
  const cell = (weight) => `${amount(weight)} (${percent(weight / all)})`;
  return [...functions].map(([frame, { total, own }]) => [cell(total), cell(own), nameOf(frame)].join(' | '));
}

function rowsOfJson(text) {
  const { shared, profiles: [profile] } = JSON.parse(text);
  return rowsOf(profile.samples.map((frames, i) => [frames, profile.weights[i]]), (frame) => shared.frames[frame].name, time);
}

function rowsOfFolded(text) {
  const stacks = text.trim().split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')).split(';'), Number(line.slice(line.lastIndexOf(' ') + 1))]);
  return rowsOf(stacks, (frame) => frame, (weight) => weight.toLocaleString('en-US'));
}

function serve(folder) {
  const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', wasm: 'application/wasm' };
  const server = createServer((request, response) => {
    const name = new URL(request.url, 'http://x').pathname.slice(1) || 'index.html';
    const path = [join(folder, name), join(release, name)].find((file) => existsSync(file));
    response.writeHead(path ? 200 : 404, { 'Content-Type': types[name.split('.').pop()] ?? 'application/octet-stream' });
    response.end(path ? readFileSync(path) : '');
  });
  return new Promise((up) => server.listen(0, '127.0.0.1', () => up(server)));
}

// Those of its table that are in view, the widest functions first.
const table = `[...document.querySelectorAll('tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))
  .filter((cells) => cells.length === 3 && cells[0].includes('%')).map((cells) => cells.join(' | '))`;

async function shows(browser, site, file, expected) {
  await browser.look({ width: 1200 });
  await browser.go(`${site}/?${file}#profileURL=${encodeURIComponent(`${site}/${file}`)}&view=sandwich`);
  await browser.until(`${table}.length > 5`);
  const rows = await browser.value(table);
  assert.deepEqual(rows.filter((row) => !expected.includes(row)), [], file);
  assert.ok(rows.some((row) => row.includes('spin_until_ns')), `${file}: ${rows}`);
  if (pictures) await browser.picture(join(pictures, `${file}.png`));
}

let browser, web;

async function look() {
  const conforms = spawnSync(fileURLToPath(new URL('../schema/conforms', import.meta.url)), [join(release, 'file-format-schema.json'), join(folder, 'speedscope')], { encoding: 'utf8' });
  assert.equal(conforms.status, 0, conforms.stdout + conforms.stderr);
  web = await serve(folder);
  browser = await Browser.start(['--use-gl=swiftshader', '--enable-unsafe-swiftshader']);
  const site = `http://127.0.0.1:${web.address().port}`;
  await shows(browser, site, 'speedscope', rowsOfJson(readFileSync(join(folder, 'speedscope'), 'utf8')));
  await shows(browser, site, 'folded', rowsOfFolded(readFileSync(join(folder, 'folded'), 'utf8')));
  assert.deepEqual(browser.problems, []);
  console.log('speedscope finds the functions and times of both forms, and its schema has no complaint');
}

if (!chromium()) skip('no Chromium here');
if (process.getuid() !== 0) skip('not root: nothing can be attached to');
install();
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'plateau-speedscope-'));
try {
  const why = await draw(folder);
  if (why) {
    console.log(`skipped: ${why}`);
    process.exitCode = 77;
  } else {
    await look();
  }
} finally {
  await browser?.stop();
  web?.close();
  rmSync(folder, { recursive: true, force: true });
}
