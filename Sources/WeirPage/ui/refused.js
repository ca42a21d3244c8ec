// What was refused, why, from whom, and what the sender should do.
import { el, fill, card, empty, bar, withCode, Table } from './dom.js';
import { num, whole, clock, foreign, NONE } from './format.js';
import { get } from './api.js';

export default function refused(root, app, query) {
  let reason = query.get('reason') || '';
  const reasons = new Table('Reasons', [{ title: 'Reason' }, { class: 'w40' }, { title: 'Last hour', class: 'r' }, { title: 'In all', class: 'r opt' }]);
  const todo = el('div');
  const lines = new Table('Refused lines', [{ title: 'Time (UTC)', class: 'mono' }, { title: 'From', class: 'mono opt' },
    { title: 'Reason', class: 'opt' }, { title: 'Line' }]);
  const frames = new Table('Refused frames', [{ title: 'Time (UTC)', class: 'mono' }, { title: 'From', class: 'mono opt' },
    { title: 'Instance', class: 'mono opt' }, { title: 'What' }, { title: 'Reason' }, { title: 'Name' }]);
  const note = el('p', { class: 'muted' });
  const why = card('Why', null, reasons.node);
  const framesCard = card('Refused frames and records of the push protocol', 'newest first', frames.node);
  const linesCard = card('The last refused lines', 'newest first', note, lines.node);
  const grid = el('div', { class: 'grid g2' }, why, card('What to do', null, todo));
  const nothing = card('Refused', null, empty('Nothing has been refused since Weir started.'));
  root.append(nothing, grid, linesCard, framesCard);
  return async () => {
    const answer = await get('refused', { reason, limit: 50 });
    const isEmpty = !answer.reasons.length && !answer.frames.length && !reason;
    nothing.hidden = !isEmpty;
    grid.hidden = !answer.reasons.length;
    const top = Math.max(...answer.reasons.map(one => one.count_hour), 1);
    reasons.update(answer.reasons.map(one => ({
      key: one.reason, selected: one.reason === reason,
      onOpen: () => { reason = reason === one.reason ? '' : one.reason; app.refresh(); },
      cells: [one.reason, bar(one.count_hour / top, 'f2'), num(one.count_hour), whole(one.count)],
    })));
    const shown = answer.reasons.find(one => one.reason === reason) || answer.reasons[0];
    if (shown) {
      fill(todo, el('p', null, el('b', null, shown.reason), ': ', shown.means, '.'), el('p', { class: 'fix' }, withCode(shown.fix)),
        shown.from && el('p', null, el('small', null, 'mostly from '), foreign(shown.from, 60)));
    }
    linesCard.hidden = isEmpty;
    note.textContent = !answer.shows_lines ? 'Lines are hidden by --no-web.show-lines.'
      : answer.lines.length ? (reason ? `Those refused as ${reason}. ` : '') + 'The faulty part is marked.' : 'None is kept.';
    lines.node.hidden = !answer.lines.length;
    lines.update(answer.lines.map((line, index) => ({
      key: line.time_ms + '/' + line.sender + '/' + index,
      cells: [clock(line.time_ms), foreign(line.sender, 50), line.reason, [foreign(line.before, 160),
        line.fault && el('mark', null, foreign(line.fault, 80)), foreign(line.after, 160), line.cut && line.after.length <= 160 && '…']],
    })));
    framesCard.hidden = !answer.frames.length;
    frames.update(answer.frames.map((frame, index) => ({
      key: frame.time_ms + '/' + index,
      cells: [clock(frame.time_ms), frame.sender ? foreign(frame.sender, 50) : NONE, frame.instance || NONE, frame.what, frame.reason,
        frame.name === null ? '' : foreign(frame.name, 80)],
    })));
  };
}
