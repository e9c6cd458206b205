// Chromium without a window, driven over a pair of pipes by its DevTools protocol: no library, no port.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

// The path of one; null: there is none here.
export function chromium() {
  return programs.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }) ?? null;
}

export class Browser {
  #child; #folder; #next = 1; #waiting = new Map(); #text = ''; #session; #ended = false;
  requests = [];  // addresses asked for
  problems = [];  // exceptions, errors on the console, breaches of the page's own policy

  // `switches` are Chromium's own, beside those that it needs here.
  static async start(switches = []) {
    const browser = new Browser();
    browser.#folder = mkdtempSync(join(tmpdir(), 'plateau-browser-'));
    browser.#child = spawn(chromium(), ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
      '--no-first-run', '--disable-background-networking', '--remote-debugging-pipe',
      `--user-data-dir=${browser.#folder}`, ...switches, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    browser.#child.on('exit', () => browser.#end());
    browser.#child.stdio[3].on('error', () => {});
    browser.#child.stdio[4].on('data', (bytes) => browser.#read(bytes.toString()));
    const { targetInfos } = await browser.send('Target.getTargets');
    const { targetId } = targetInfos.find((target) => target.type === 'page');
    ({ sessionId: browser.#session } = await browser.send('Target.attachToTarget', { targetId, flatten: true }));
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await browser.send(`${domain}.enable`);
    return browser;
  }

  #end() {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
    this.#waiting.clear();
  }

  #read(text) {
    const parts = (this.#text + text).split('\0');
    this.#text = parts.pop();
    for (const part of parts) this.#take(JSON.parse(part));
  }

  #take(message) {
    if (message.id) {
      const { resolve, reject } = this.#waiting.get(message.id) ?? {};
      this.#waiting.delete(message.id);
      if (message.error) reject?.(new Error(message.error.message));
      else resolve?.(message.result);
    } else if (message.method === 'Network.requestWillBeSent') {
      this.requests.push(message.params.request.url);
    } else if (message.method === 'Runtime.exceptionThrown') {
      const { exceptionDetails: details } = message.params;
      this.problems.push(details.exception?.description ?? details.text);
    } else if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error') {
      this.problems.push(`${message.params.entry.text} ${message.params.entry.url ?? ''}`);
    }
  }

  send(method, params = {}) {
    if (this.#ended) return Promise.reject(new Error('the browser has ended'));
    const id = this.#next++;
    const message = { id, method, params };
    if (this.#session) message.sessionId = this.#session;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdio[3].write(`${JSON.stringify(message)}\0`);
    });
  }

  // The value of an expression; promises are awaited.
  async value(expression) {
    const answer = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? expression);
    return answer.result.value;
  }

  // Waits until the expression holds; where it throws, the page is not there yet.
  async until(expression, timeoutMs = 20000) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (await this.value(`Boolean(${expression})`).catch(() => false)) return;
      if (Date.now() > deadline) throw new Error(`not so in ${timeoutMs} ms: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  go(url) {
    return this.send('Page.navigate', { url });
  }

  async look({ width, height = 900, dark = false }) {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send('Emulation.setEmulatedMedia',
      { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
  }

  async picture(path) {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
    writeFileSync(path, Buffer.from(data, 'base64'));
  }

  async press(key) {
    const codes = { Enter: 13, Tab: 9, ArrowDown: 40, ArrowUp: 38, Escape: 27 };
    const common = { key, code: key, windowsVirtualKeyCode: codes[key], text: key === 'Enter' ? '\r' : undefined };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...common });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common });
  }

  async stop() {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#ended) return;
    this.send('Browser.close').catch(() => {});
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
