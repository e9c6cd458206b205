// The built-in page and a flamegraph in a real browser, over a server under load.
//   node page_test.mjs FOLDER_OF_PROGRAMS [FOLDER_FOR_SCREENSHOTS]
// Exit status 77: nothing could be tried here, and why is printed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, chromium } from './browser.mjs';

const [programs, pictures] = process.argv.slice(2);
// Ports that nobody listens on; all at once, so that no two are the same.
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

const requests = 1009;
const [serverPort, pagePort, loopPort] = await freePorts(3);
const site = `http://127.0.0.1:${pagePort}`;
const children = [];

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

function start(program, ...args) {
  const child = spawn(join(programs, program), args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
  const started = { child, out: '', err: '', ended: new Promise((resolve) => child.on('close', resolve)) };
  child.stdout.on('data', (bytes) => { started.out += bytes; });
  child.stderr.on('data', (bytes) => { started.err += bytes; });
  children.push(child);
  return started;
}

async function until(condition, what, timeoutMs = 20000) {
  for (const deadline = Date.now() + timeoutMs; !(await condition());) {
    assert.ok(Date.now() < deadline, `not in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const load = (...args) => start('plateau-load', ...args, `http://127.0.0.1:${serverPort}/`);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

// Has the page remember what its table says of each route in all. A route that nobody asked for in the last seconds is
// not in it any more, and on a busy machine seconds pass between two looks of ours.
const rememberRoutes = `new MutationObserver(() => {
  window.inAll ??= {};
  for (const row of document.querySelectorAll('#routes tbody tr'))
    window.inAll[row.cells[0].textContent] = Number(row.cells[4].textContent.replaceAll(',', ''));
}).observe(document.querySelector('#routes tbody'), { childList: true })`;

async function figuresAgree(browser) {
  const witness = start('plateau', 'requests', '--port', serverPort, '--format', 'json', '--max-cost', 'off');
  await until(() => witness.err.includes('ready'), 'the witness is ready');
  await browser.look({ width: 1280 });
  await browser.go(`${site}/`);
  await browser.until('document.documentElement.dataset.polls >= 1');
  await browser.value(rememberRoutes);
  assert.equal(await load('--connections', 13, '--requests', requests, '--path', '/', '--path', '/bytes/2048').ended, 0);
  await browser.until(`document.getElementById('facts').textContent.startsWith('${requests.toLocaleString('en-US')} requests')`);
  const inAll = await browser.value('window.inAll');
  const metrics = await (await fetch(`${site}/metrics`)).text();
  const counted = [...metrics.matchAll(/^http_server_request_duration_seconds_count\{.*\} (\d+)$/gm)].map((m) => Number(m[1]));
  await until(() => witness.out.split('\n').length > requests, 'the witness saw them all');
  witness.child.kill('SIGTERM');
  assert.equal(await witness.ended, 0);
  const lines = witness.out.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(sum(Object.values(inAll)), requests, 'the page');
  assert.equal(sum(counted), requests, '/metrics');
  assert.equal(lines.length, requests, 'plateau requests');
  for (const route of new Set(lines.map((line) => line.route)))
    assert.equal(inAll[`GET ${route}`], lines.filter((line) => line.route === route).length, route);
}

async function controlsWork(browser) {
  load('--connections', 29, '--duration', '120s', '--path', '/', '--path', '/bytes/2048');
  await browser.until(`document.querySelectorAll('#routes tbody tr').length === 2 && document.querySelector('#locks code')`);
  await browser.until(`document.getElementById('verdict').textContent.includes('hold_section')`);
  await browser.value(`{ const f = document.getElementById('filter'); f.value = 'bytes'; f.dispatchEvent(new Event('input')); }`);
  assert.equal(await browser.value(`document.querySelectorAll('#routes tbody tr').length`), 1);
  await browser.value(`{ const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input')); }`);

  start('plateau-load', '--connections', 3, '--rate', 50, '--duration', '120s', `http://127.0.0.1:${loopPort}/`);
  const ofLoop = `[...document.querySelectorAll('#loops tbody tr')].find((row) => row.cells[0].textContent.endsWith(' on 127.0.0.1:${loopPort}'))`;
  await browser.until(`Number(${ofLoop}?.cells[1].textContent.replace('/s', '')) >= 20`);
  const loop = await browser.value(`[...${ofLoop}.cells].map((cell) => cell.textContent)`);
  assert.match(loop[4], /^waits [\d.]+ %, on CPU [\d.]+ %, runnable [\d.]+ %$/);

  const peers = `[...document.querySelectorAll('#servers tbody tr')]`;  // the lock's server asks its helper once a request
  await browser.until(`${peers}.length === 1 && Number(${peers}[0].cells[1].textContent.replaceAll(/[,/s]/g, '')) > 100`);
  const server = await browser.value(`[...${peers}[0].cells].map((cell) => cell.textContent)`);
  assert.match(server[3], /^[\d.]+ [um]s$/, 'how long its answers take');

  await until(async () => {  // a slower request may take the focused one's place in between
    await browser.value(`document.querySelector('#slowest summary').focus()`);
    await browser.press('Enter');
    return await browser.value(`document.querySelectorAll('#slowest details[open] .waterfall .track').length`) >= 2;
  }, 'Enter shows a waterfall of several steps');

  await browser.value(`document.getElementById('flame-refresh').click()`);
  await browser.until(`[...document.querySelectorAll('#flame button')].some((b) => b.textContent.includes('hold_section'))`);
  await browser.value(`[...document.querySelectorAll('#flame button')].find((b) => b.textContent.includes('hold_section')).focus()`);
  await browser.press('Enter');
  await browser.until(`document.querySelector('#flame button').textContent.includes('hold_section') && !document.getElementById('flame-out').disabled`);

  for (const [id, value] of [['kind', 'offcpu'], ['kind-slower', '50ms'], ['kind-route', '/bytes/{id}']])
    await browser.value(`{ const s = document.getElementById('${id}'); s.value = '${value}'; s.dispatchEvent(new Event('input')); }`);
  assert.match(await browser.value(`document.getElementById('command').textContent`),
    /^plateau flame --pid \d+ --pid \d+ --kind offcpu --slower-than 50ms --route '\/bytes\/\{id\}' --duration 10s -o offcpu\.svg$/);

  await browser.value(`document.getElementById('pause').click()`);
  const looks = () => browser.requests.filter((url) => url.includes('/api/live')).length;
  const asked = looks(), before = await browser.value('document.documentElement.dataset.polls');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.equal(looks(), asked, 'a paused page asks for nothing');
  assert.equal(await browser.value('document.documentElement.dataset.polls'), before, 'and shows no answer that comes late');
  await browser.value(`document.getElementById('pause').click()`);
  await browser.until(`document.documentElement.dataset.polls > ${before}`);
}

// Read as anybody would read it who took it home: nothing lost, and each request whole.
async function captureIsWhole(browser, folder) {
  await browser.value(`{ document.getElementById('capture-seconds').value = '2'; document.getElementById('capture-start').click(); }`);
  await browser.until(`!document.getElementById('capture-file').hidden`);
  const answer = await fetch(new URL(await browser.value(`document.getElementById('capture-file').href`)));
  assert.match(answer.headers.get('content-disposition'), /filename="server\.plateau"/);
  const path = join(folder, 'server.plateau');
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
  const explain = start('plateau', 'explain', '--from', path, '--format', 'json');
  assert.equal(await explain.ended, 0, explain.err);
  const { duration_ns: duration, total, coverage, verdict } = JSON.parse(explain.out);
  assert.ok(duration >= 2e9 && duration < 10e9, `a capture of two seconds: ${duration} ns`);
  assert.ok(total.requests > 100 && verdict.text.includes('hold_section'), explain.out.slice(0, 2000));
  assert.equal(sum(Object.values(coverage.lost)), 0, 'nothing is lost at its edges');
  const foreign = await fetch(`${site}/api/capture/start?seconds=1`, { headers: { 'Sec-Fetch-Site': 'cross-site' } });
  assert.equal(foreign.status, 403, 'not for the pages of others');
}

async function looksRight(browser) {
  for (const [width, dark] of [[360, true], [360, false], [1280, true], [1280, false]]) {
    await browser.look({ width, dark });
    await browser.go(`${site}/`);
    await browser.until(`document.documentElement.dataset.polls >= 2 && document.querySelector('#flame button')`);
    assert.ok(await browser.value('document.documentElement.scrollWidth <= innerWidth'), `nothing sticks out at ${width} px`);
    assert.equal(await browser.value(`[...document.querySelectorAll('button, a, input, select')].filter((e) => e.getBoundingClientRect().height && !(e.textContent || e.labels?.length || e.getAttribute('aria-label'))).length`), 0, 'every control has a name');
    if (pictures) await browser.picture(join(pictures, `page-${width}-${dark ? 'dark' : 'light'}.png`));
  }
}

async function flamegraphWorks(browser, folder) {
  const svg = await (await fetch(`${site}/api/flame?format=svg`)).text();
  const path = join(folder, 'lock.svg');
  writeFileSync(path, svg);
  await browser.go(`file://${path}`);
  await browser.until(`document.querySelector('#frames g')?.frame`);
  await browser.value(`{ const s = document.getElementById('search'); s.value = 'hold_section'; s.dispatchEvent(new Event('input')); }`);
  assert.match(await browser.value(`document.getElementById('found').textContent`), /^[1-9]\d* frames match/);
  const frame = `[...document.querySelectorAll('#frames g')].find((g) => g.frame.name.includes('hold_section'))`;
  await browser.value(`${frame}.dispatchEvent(new MouseEvent('click', { bubbles: true }))`);
  assert.equal(await browser.value(`${frame}.querySelector('rect').getAttribute('width')`), '100%', 'a click zooms');
  assert.notEqual(await browser.value(`document.getElementById('reset').style.display`), 'none');
}

if (!chromium()) skip('no Chromium here');
if (process.getuid() !== 0) skip('not root: nothing can be attached to');
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'plateau-page-'));
let browser;
try {
  const server = start('plateau-httpd', '--port', serverPort, '--section', 'global', '--hold', '300us', '--downstream', 29);
  await until(() => server.out.includes('listening') || server.err.includes('listening'), 'the server listens');
  const loop = start('plateau-httpd', '--port', loopPort, '--engine', 'epoll');
  await until(() => loop.out.includes('listening') || loop.err.includes('listening'), 'the loop listens');
  const attach = start('plateau', 'attach', '--pid', server.child.pid, '--pid', loop.child.pid, '--listen', `127.0.0.1:${pagePort}`, '--max-cost', 'off');
  await until(() => attach.err.includes('ready') || attach.child.exitCode !== null, 'the probes are live');
  if (attach.child.exitCode === 3) skip(attach.err.trim());
  assert.equal(attach.child.exitCode, null, attach.err);
  browser = await Browser.start();
  await figuresAgree(browser);
  await controlsWork(browser);
  await captureIsWhole(browser, folder);
  await looksRight(browser);
  assert.deepEqual(browser.problems, [], 'nothing went wrong in the browser');
  assert.deepEqual(browser.requests.filter((url) => !url.startsWith(`${site}/`) && !url.startsWith('data:')), [], 'nobody else is asked');
  await flamegraphWorks(browser, folder);
  console.log('the page shows what /metrics and plateau requests tell; controls, widths, themes and the flamegraph work');
} finally {
  await browser?.stop();
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
