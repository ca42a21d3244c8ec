// What was refused, why, from whom, and what the sender should do.
import { el, fill, card, empty, bar, link, withCode, Table } from './dom.js';
import { num, whole, clock, foreign, viewOf, NONE } from './format.js';
import { get } from './api.js';

/// As many lines as Weir keeps.
const LINES_MAX = 200;

export default function refused(root, app, query) {
  let reason;
  let sender;
  const choose = choice => { reason = choice.get('reason') || ''; sender = choice.get('sender') || ''; };
  choose(query);
  const at = (newReason, newSender) => viewOf('refused', { reason: newReason, sender: newSender });

  const chosen = el('p', { class: 'chosen-by' });
  const reasons = new Table('Reasons', [{ title: 'Reason' }, { class: 'w40' }, { title: 'Last hour', class: 'r' }, { title: 'In all', class: 'r opt' }]);
  const todo = el('div');
  const clash = clashes();
  const lines = new Table('Refused lines', [{ title: 'Last (UTC)', class: 'mono' }, { title: 'Times', class: 'r' },
    { title: 'From', class: 'mono opt' }, { title: 'Reason', class: 'opt' }, { title: 'Line' }]);
  const frames = new Table('Refused frames', [{ title: 'Time (UTC)', class: 'mono' }, { title: 'From', class: 'mono opt' },
    { title: 'Instance', class: 'mono opt' }, { title: 'What' }, { title: 'Reason' }, { title: 'Name' }]);
  const note = el('p', { class: 'muted' });
  const framesCard = card('Refused frames and records of the push protocol', 'newest first', frames.node);
  const linesCard = card('The last refused lines', 'newest first, equal ones of a sender together', note, lines.node);
  const grid = el('div', { class: 'grid g2' }, card('Why', 'choose a reason to see its lines', reasons.node),
    card('What to do', null, todo, clash.node));
  const nothing = card('Refused', null, empty('Nothing has been refused since Weir started.'));
  root.append(nothing, chosen, grid, linesCard, framesCard);

  function showChoice() {
    const part = (title, text, without) => text && el('a', { class: 'chip', href: without, 'aria-label': `${title} ${text}: show those of all` },
      title, ' ', foreign(text, 60), ' ✕');
    chosen.hidden = !reason && !sender;
    fill(chosen, 'Only: ', part('reason', reason, at('', sender)), part('sender', sender, at(reason, '')),
      reason && sender && el('a', { href: '#/refused' }, 'Show all'));
  }

  function showReasons(all) {
    grid.hidden = !all.length;
    const top = Math.max(...all.map(one => one.count_hour), 1);
    reasons.update(all.map(one => ({
      key: one.reason, isCurrent: one.reason === reason, href: at(one.reason === reason ? '' : one.reason, sender),
      cells: [one.reason, bar(one.count_hour / top, 'f2'), num(one.count_hour), whole(one.count)],
    })));
    const shown = all.find(one => one.reason === reason) || (reason ? null : all[0]);
    fill(todo, shown ? [el('p', null, el('b', null, shown.reason), ': ', shown.means, '.'), el('p', { class: 'fix' }, withCode(shown.fix)),
      shown.from && el('p', null, el('small', null, 'mostly from '), link(at(shown.reason, shown.from), foreign(shown.from, 60)))]
      : empty('No line was refused as ', foreign(reason, 60), '.'));
    return shown;
  }

  function showLines(answer) {
    note.textContent = !answer.shows_lines ? 'Lines are hidden by --no-web.show-lines.'
      : answer.lines.length ? 'The faulty part is marked.' : 'None is kept: the last 200 of all are.';
    lines.node.hidden = !answer.lines.length;
    lines.update(together(answer.lines).map(({ key, times, host, line }) => ({
      key,
      cells: [clock(line.time_ms), whole(times), link(at(reason, host), foreign(host, 50)), line.reason,
        [el('small', { class: 'narrow' }, line.reason, ' from ', foreign(host, 50)), foreign(line.before, 160),
          line.fault && el('mark', null, foreign(line.fault, 80)), foreign(line.after, 160), line.cut && Math.max(line.before.length, line.after.length) <= 160 && '…']],
    })));
  }

  function showFrames(all) {
    framesCard.hidden = !all.length;
    frames.update(all.map((frame, index) => ({
      key: frame.time_ms + '/' + index,
      cells: [clock(frame.time_ms), frame.sender ? foreign(frame.sender, 50) : NONE,
        frame.instance ? link(viewOf('instances', { instance: frame.instance }), frame.instance) : NONE,
        frame.what, frame.reason, frame.name === null ? '' : foreign(frame.name, 80)],
    })));
  }

  async function update() {
    const asked = { reason, sender };
    const answer = await get('refused', { ...asked, limit: LINES_MAX });
    // Another choice was made meanwhile, and is asked for next.
    if (asked.reason !== reason || asked.sender !== sender) return;
    const isEmpty = !answer.reasons.length && !answer.frames.length && !reason && !sender;
    nothing.hidden = !isEmpty;
    linesCard.hidden = isEmpty;
    showChoice();
    const shown = showReasons(answer.reasons);
    showLines(answer);
    showFrames(answer.frames);
    await clash.show(shown && shown.reason === 'type_clash' ? answer.lines : []);
  }
  update.choose = choose;
  return update;
}

/// The address of a sender without its port; a path of a socket is as it is.
const hostOf = sender => sender.replace(/^(.*):\d+$/, '$1').replace(/^\[(.*)\]$/, '$1');

/// Equal lines of a sender as one, newest first.
function together(lines) {
  const groups = new Map();
  for (const line of lines) {
    const host = hostOf(line.sender);
    const key = JSON.stringify([host, line.reason, line.before, line.fault, line.after]);
    const group = groups.get(key);
    if (group) group.times += 1; else groups.set(key, { key, times: 1, host, line });
  }
  return [...groups.values()];
}

const TYPES = { c: 'counter', g: 'gauge', ms: 'timer', h: 'histogram', d: 'distribution', s: 'set' };
const CLASHES_MAX = 3;

/// Says which type the names of clashing lines have, and which one their senders think of.
function clashes() {
  const node = el('ul', { class: 'plain', hidden: true });
  const types = new Map();
  return { node, async show(lines) {
    const found = new Map();
    for (const line of lines) {
      const parts = line.reason === 'type_clash' && /^([^:|]+):[^|]*\|(c|g|ms|h|d|s)\b/.exec(line.before + line.fault + line.after);
      if (parts && found.size < CLASHES_MAX) found.set(parts[1] + parts[2], { name: parts[1], sent: TYPES[parts[2]], host: hostOf(line.sender) });
    }
    for (const { name } of found.values()) {
      if (types.has(name)) continue;
      // Weir keeps names as Prometheus takes them.
      const kept = name.replace(/[^a-zA-Z0-9_:]/g, '_');
      const { names } = await get('names', { match: kept, limit: 1 });
      types.set(name, names.length ? names[0].type : null);
    }
    fill(node, [...found.values()].filter(({ name }) => types.get(name)).map(({ name, sent, host }) => el('li', null,
      foreign(name, 60), ` is a ${types.get(name)} here; `, foreign(host, 50), ` sends it as a ${sent}.`)));
    node.hidden = !node.firstChild;
  } };
}
