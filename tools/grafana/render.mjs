// Every dashboard with live data, drawn by Grafana's own libraries in Chromium: a panel without data, or one that fails,
// is an error.
//   (cd tools/grafana && npm install --ignore-scripts)      once; some 480 MB
//   node tools/grafana/render.mjs "$PWD/build/bin" screenshots
// Exit status 77: nothing could be tried here, and why is printed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, chromium } from '../../tests/browser/browser.mjs';

const [programs, pictures] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url)), dashboards = join(here, '../../dashboards');
const children = [];

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

function start(program, ...args) {
  const child = spawn(program, args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
  const started = { child, said: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { started.said += bytes; });
  children.push(child);
  return started;
}

async function until(condition, what, timeoutMs = 60000) {
  for (const deadline = Date.now() + timeoutMs; !(await condition());) {
    assert.ok(Date.now() < deadline, `not in ${timeoutMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const says = (started, text) => until(() => started.said.includes(text), () => `'${text}' in: ${started.said}`);

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// A library in CommonJS whose default import esbuild takes, as Node.js would, for all that it exports.
const scrollbars = { name: 'scrollbars', setup(build) {
  const library = 'react-custom-scrollbars-2';
  build.onResolve({ filter: new RegExp(`^${library}$`) }, ({ namespace }) => (namespace === 'shim' ? undefined : { path: library, namespace: 'shim' }));
  build.onLoad({ filter: /.*/, namespace: 'shim' }, () => ({ contents: `module.exports = require('${library}').Scrollbars;`, resolveDir: here }));
} };

async function bundle(folder) {
  const { build } = await import('esbuild');
  await build({ entryPoints: [join(here, 'page.js')], bundle: true, format: 'esm', outfile: join(folder, 'page.js'), logLevel: 'error',
    plugins: [scrollbars],
    loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.gif': 'dataurl', '.ttf': 'empty' }, define: { 'process.env.NODE_ENV': '"production"', global: 'window' } });
}

// The page, the shipped dashboards, and Prometheus behind /prometheus/.
async function serve(folder, prometheus) {
  const html = `<!doctype html><meta charset="utf-8"><title>Dashboards</title><link rel="stylesheet" href="/page.css"><style>body { margin: 0 } #root { display: flex; flex-direction: column; min-height: 100vh }</style><body><div id="root"></div><script type="module" src="/page.js"></script>`;
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, 'http://x');
    if (pathname.startsWith('/prometheus/')) {
      asked.pipe(request({ port: prometheus, host: '127.0.0.1', path: asked.url.slice('/prometheus'.length) }, (back) => {
        answer.writeHead(back.statusCode, { 'Content-Type': 'application/json' });
        back.pipe(answer);
      }));
    } else if (pathname === '/') {
      answer.setHeader('Content-Type', 'text/html').end(html);
    } else {
      const file = [['/page.', join(folder, 'page.')], ['/dashboards/', join(dashboards, 'grafana/')],
        ['/public/build/', join(here, 'node_modules/@grafana/ui/dist/public/')]]
        .filter(([prefix]) => pathname.startsWith(prefix)).map(([prefix, path]) => pathname.replace(prefix, path)).find(existsSync);
      const types = { js: 'text/javascript', css: 'text/css', json: 'application/json', svg: 'image/svg+xml' };
      answer.writeHead(file ? 200 : 404, { 'Content-Type': types[pathname.split('.').at(-1)] ?? 'text/plain' });
      answer.end(file ? readFileSync(file) : '');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function prometheusFiles(folder, target) {
  writeFileSync(join(folder, 'rules.yml'), readFileSync(join(dashboards, 'prometheus/rules.yml')));
  writeFileSync(join(folder, 'prometheus.yml'), readFileSync(join(dashboards, 'prometheus/prometheus.yml'), 'utf8')
    .replace(/interval: [0-9]+s/g, 'interval: 1s').replace('127.0.0.1:9464', `127.0.0.1:${target}`));
}

async function look(browser, site, name, theme) {
  await browser.look({ width: 1440, height: 2200, dark: theme === 'dark' });
  await browser.go(`${site}/?dashboard=${name}&theme=${theme}`);
  const complete = `window.expected?.every((title) => window.panels[title]?.rows > 0 && !window.panels[title].error) && !document.body.textContent.includes('An unexpected error')`;
  try {
    await browser.until(complete, 30000);
  } catch {
    const missing = await browser.value(`JSON.stringify((window.expected ?? ['the page']).filter((title) => !(window.panels[title]?.rows > 0 && !window.panels[title].error))
      .map((title) => [title, window.panels[title] ?? 'not drawn']))`);
    const broken = await browser.value(`[...document.querySelectorAll('details')].map((one) => one.textContent.slice(0, 600)).join('; ')`);
    assert.fail(`${name}: without data: ${missing}; broken: ${broken}; ${browser.problems.join('; ')}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 2000));  // for the picture alone: panels fade in
  mkdirSync(pictures, { recursive: true });
  const { data } = await browser.send('Page.captureScreenshot', { format: 'png' });  // beyond the viewport panels lose their size
  writeFileSync(join(pictures, `${name}-${theme}.png`), Buffer.from(data, 'base64'));
  return browser.value('window.expected.length');
}

if (!programs || !pictures) {
  console.error('Usage: node tools/grafana/render.mjs FOLDER_OF_PROGRAMS FOLDER_FOR_SCREENSHOTS');
  process.exit(2);
}
if (!existsSync(join(here, 'node_modules/@grafana/scenes'))) skip('Grafana\'s libraries are not here: npm install --ignore-scripts in tools/grafana');
if (!chromium()) skip('no Chromium here');
if (!existsSync('/usr/bin/prometheus')) skip('no Prometheus here');
if (process.getuid() !== 0) skip('not root: nothing can be attached to');
const folder = mkdtempSync(join(tmpdir(), 'plateau-grafana-'));
let browser, server;
try {
  const [target, page, store] = [await freePort(), await freePort(), await freePort()];
  await bundle(folder);
  const httpd = start(join(programs, 'plateau-httpd'), '--preset', 'plateau', '--port', target);
  await says(httpd, 'listening');
  const attach = start(join(programs, 'plateau'), 'attach', '--port', target, '--listen', `127.0.0.1:${page}`, '--max-cost', 'off', '--exemplars');
  await says(attach, 'ready');
  prometheusFiles(folder, page);
  const prometheus = start('/usr/bin/prometheus', `--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${store}`);
  await says(prometheus, 'Server is ready to receive web requests');
  start(join(programs, 'plateau-load'), `http://127.0.0.1:${target}/`, '--connections', 29, '--duration', '600s', '--path', '/', '--path', '/bytes/2048');
  const enough = async () => {
    const query = encodeURIComponent('count_over_time(plateau:stage:concurrency2m{stage="lock_user"}[5m]) > 30');
    return (await (await fetch(`http://127.0.0.1:${store}/api/v1/query?query=${query}`)).json()).data.result.length > 0;
  };
  await until(enough, () => 'thirty evaluations of the rules', 120000);
  server = await serve(folder, store);
  browser = await Browser.start();
  let panels = 0;
  for (const file of readdirSync(join(dashboards, 'grafana')))
    for (const theme of file === 'overview.json' ? ['dark', 'light'] : ['dark'])
      panels += await look(browser, `http://127.0.0.1:${server.address().port}`, file.replace('.json', ''), theme);
  console.log(`${panels} panels drawn with data; screenshots in ${pictures}`);
} finally {
  await browser?.stop();
  server?.close();
  server?.closeAllConnections();
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
