'use strict';
(() => {
  const root = document.documentElement;
  const details = document.getElementById('details');
  const found = document.getElementById('found');
  const reset = document.getElementById('reset');
  const input = document.getElementById('search');
  const groups = [...document.querySelectorAll('#frames g')];
  const sample = groups[0].querySelector('text');

  // One entry a frame: place and size in percent of all, row from the bottom, name and what is said of it.
  const frames = groups.map((group) => {
    const rect = group.querySelector('rect');
    const said = group.querySelector('title').textContent;
    return {
      group, rect, text: group.querySelector('text'), said, name: group.dataset.n || said.split('\n')[0],
      x: parseFloat(rect.getAttribute('x')), width: parseFloat(rect.getAttribute('width')),
      row: -parseFloat(rect.getAttribute('y')),
    };
  });
  frames.forEach((frame) => { frame.group.frame = frame; });
  const all = frames[0];
  let zoomed = all;
  let at = null;
  let letter = 7.2;

  const measure = () => {
    const old = sample.textContent;
    sample.textContent = 'MMMMMMMMMM';
    letter = sample.getComputedTextLength() / 10 || letter;
    sample.textContent = old;
  };

  const slack = 1e-5;
  const covers = (outer, inner) =>
    inner.x >= outer.x - slack && inner.x + inner.width <= outer.x + outer.width + slack;

  const label = (frame, percent) => {
    const room = Math.floor((percent / 100 * (root.getBoundingClientRect().width - 24) - 8) / letter);
    if (room < 3) return '';
    return frame.name.length <= room ? frame.name : frame.name.slice(0, room - 1) + '\u2026';
  };

  const place = (frame, x, width) => {
    frame.group.style.display = '';
    frame.rect.setAttribute('x', x + '%');
    frame.rect.setAttribute('width', width + '%');
    frame.text.setAttribute('x', x + '%');
    frame.text.textContent = label(frame, width);
  };

  const draw = () => {
    for (const frame of frames) {
      const above = frame.row < zoomed.row && covers(frame, zoomed);
      frame.group.classList.toggle('above', above);
      if (above) {
        place(frame, 0, 100);
      } else if (frame.row >= zoomed.row && covers(zoomed, frame)) {
        place(frame, (frame.x - zoomed.x) / zoomed.width * 100, frame.width / zoomed.width * 100);
      } else {
        frame.group.style.display = 'none';
      }
    }
    reset.style.display = zoomed === all ? 'none' : '';
  };

  const zoom = (frame) => { zoomed = frame; draw(); };

  const say = (frame) => { details.textContent = frame ? frame.said.replace(/\n/g, '  \u00b7  ') : ''; };

  const select = (frame) => {
    if (at) at.group.classList.remove('at');
    at = frame;
    if (!frame) return say(null);
    frame.group.classList.add('at');
    say(frame);
  };

  // The share of all that lies in frames that match, those inside others counted once.
  const search = () => {
    const wanted = input.value;
    let pattern = null;
    if (wanted) {
      try { pattern = new RegExp(wanted, 'i'); } catch {
        pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
      }
    }
    const hits = frames.filter((frame) => {
      const hit = pattern !== null && frame !== all && pattern.test(frame.name);
      frame.group.classList.toggle('hit', hit);
      return hit;
    });
    let share = 0, end = -1;
    hits.sort((a, b) => a.x - b.x || b.width - a.width);
    for (const hit of hits) {
      const from = Math.max(hit.x, end);
      if (hit.x + hit.width > from) share += hit.x + hit.width - from;
      end = Math.max(end, hit.x + hit.width);
    }
    found.textContent = pattern === null ? '' : `${hits.length} frames match, ${share.toFixed(1)} %`;
  };

  const shown = (frame) => frame.group.style.display !== 'none';
  const step = (key) => {
    if (!at || !shown(at)) return select(zoomed);
    const inRow = (row) => frames.filter((frame) => shown(frame) && frame.row === row);
    const height = 18;
    if (key === 'ArrowUp') {
      const called = inRow(at.row + height).filter((frame) => covers(at, frame));
      if (called.length) select(called.reduce((a, b) => (b.width > a.width ? b : a)));
    } else if (key === 'ArrowDown') {
      const caller = inRow(at.row - height).find((frame) => covers(frame, at));
      if (caller) select(caller);
    } else {
      const row = inRow(at.row).sort((a, b) => a.x - b.x);
      const next = row[row.indexOf(at) + (key === 'ArrowRight' ? 1 : -1)];
      if (next) select(next);
    }
  };

  const restart = () => { input.value = ''; search(); select(null); zoom(all); input.blur(); };

  root.addEventListener('click', (event) => {
    const group = event.target.closest('#frames g');
    if (group) zoom(group.frame);
    if (event.target.id === 'reset') zoom(all);
  });
  root.addEventListener('mouseover', (event) => {
    const group = event.target.closest('#frames g');
    say(group ? group.frame : at);
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return restart();
    if (event.target === input) return undefined;
    if (event.key === '/' || (event.key === 'f' && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      input.focus();
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      step(event.key);
    } else if (event.key === 'Enter' && at) {
      zoom(at);
    } else if (event.key === 'Backspace' || event.key === '0') {
      zoom(all);
    }
    return undefined;
  });
  input.addEventListener('input', search);
  window.addEventListener('resize', draw);
  document.querySelectorAll('.script').forEach((element) => { element.style.display = ''; });
  measure();
  draw();
})();
