// What the views share: the last status, the history that was gathered, what is chosen, and errors of the page.

export const state = {
  status: null,
  /// Numbers of each column for a step of 1 s or 1 min, oldest first.
  history: {},
  step: '1s',
  /// The step of what is in `history`.
  historyStep: '1s',
  paused: false,
};

const KEPT = { '1s': 300, '1m': 1440 };

/// Adds the history of an answer to what is known.
export function remember(status, step) {
  state.status = status;
  if (status.full || state.historyStep !== step) state.history = {};
  state.historyStep = step;
  for (const [name, values] of Object.entries(status.history.columns)) {
    state.history[name] = (state.history[name] || []).concat(values).slice(-KEPT[step]);
  }
}

/// A setting that this browser keeps.
export const kept = {
  get(name) { try { return localStorage.getItem('weir.' + name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem('weir.' + name, value); } catch { /* a private window */ } },
};

/// Shows an error of the page's own code. It is none of Weir, which goes on answering.
export function tellFault(error) {
  console.error(error);
  const node = document.getElementById('fault');
  const text = `The page has an error: ${(error && error.message) || error}. Reload it. The other parts go on.`;
  // Said once, because a reader of the screen reads each change aloud.
  if (node.textContent !== text) node.textContent = text;
  node.hidden = false;
}

/// Runs one part of the page. If it has an error, that is shown, and the other parts go on.
export function attempt(part) {
  try { part(); } catch (error) { tellFault(error); }
}
