// A capture, made by Plateau while the page waits.
import { byId } from './dom.js';
import { bytes, duration } from './text.js';

const everyMs = 500;

const says = {
  none: () => '',
  under_way: (state) => `A capture of ${duration(state.duration_ns)} is under way …`,
  ready: (state) => `A capture of ${bytes(state.bytes)} is ready${state.cut ? '; it ended early, for it may not get larger' : ''}.`,
  failed: (state) => `There is no capture: ${state.error}`,
};

function show(state) {
  byId('capture-state').textContent = says[state.phase](state);
  byId('capture-file').hidden = state.phase !== 'ready';
  byId('capture-start').disabled = state.phase === 'under_way';
  if (state.phase === 'under_way') setTimeout(look, everyMs);
}

async function ask(path) {
  try {
    const answer = await fetch(`/api/capture/${path}`);
    if (!answer.ok) throw new Error((await answer.text()).trim());
    show(await answer.json());
  } catch (error) {
    show({ phase: 'failed', error: error.message });
  }
}

const look = () => ask('state');

// Another one may have asked for a capture before: it is everybody's who comes.
export function startCapture() {
  byId('capture-start').addEventListener('click', () => ask(`start?seconds=${byId('capture-seconds').value}`));
  return look();
}
