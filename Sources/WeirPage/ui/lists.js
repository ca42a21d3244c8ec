// The views that are one table each: senders, limits, instances, scrapes; and what Weir is.
import { el, fill, card, empty, bar, link, Table } from './dom.js';
import { count, whole, ago, span, bytes, clock, day, foreign, rate, perSecond, amount, limitName, viewOf, NONE, SOON } from './format.js';
import { get } from './api.js';

/// A view of one table, whose rows `read` makes of an answer.
function list({ title, note, columns, nothing, read }) {
  return (root, app, query) => {
    const table = new Table(title, columns);
    const none = empty(nothing);
    const foot = el('p', { class: 'muted' });
    const worry = el('p', { class: 'trouble', hidden: true });
    root.append(card(title, note, worry, table.node, none, foot));
    return async status => {
      const { rows, said, warning, isEmpty = !rows.length } = await read(status, query);
      worry.hidden = !warning;
      worry.textContent = warning || '';
      table.node.hidden = !rows.length;
      none.hidden = !isEmpty;
      fill(foot, said);
      table.update(rows);
    };
  };
}

export const senders = list({
  title: 'Senders', note: 'by address, or by instance where they push',
  columns: [{ title: 'From' }, { title: 'How', class: 'opt' }, { title: 'Lines/s', class: 'r' }, { class: 'w22' },
    { title: 'Refused/s', class: 'r' }, { title: 'Lost frames', class: 'r opt' }, { title: 'Heard', class: 'r opt' }],
  nothing: 'No sender has been heard since sampling began. It begins when somebody asks.',
  async read() {
    const answer = await get('senders', { limit: 100 });
    const top = Math.max(...answer.senders.map(one => one.lines), 0.001);
    const others = answer.others;
    return {
      rows: answer.senders.map(one => ({ key: one.how + one.name, cells: [
        one.how === 'text' ? foreign(one.name, 60) : link(viewOf('instances', { instance: one.name }), foreign(one.name, 60)),
        one.how, perSecond(one.lines), bar(one.lines / top),
        one.refused ? el('a', { class: 'badt', href: viewOf('refused', { sender: one.name }), title: 'Show its refused lines' }, perSecond(one.refused)) : '0',
        one.frames_lost === null ? el('small', null, one.how === 'text' ? 'text: unknown' : NONE) : `${whole(one.frames_lost)} of ${whole(one.frames_received + one.frames_lost)}`,
        ago(one.heard_seconds)] })),
      said: (others.senders ? `${count(others.senders, 'other sends', 'others send')} ${rate(others.lines)}. ` : '') + `Sampled for ${span(answer.sampled_seconds)}.`,
    };
  },
});

export const limits = list({
  title: 'Limits', note: 'how full they are, and when they are full at the pace of the last hour',
  columns: [{ title: 'Limit' }, { title: 'Used', class: 'r' }, { title: 'Of', class: 'r' }, { class: 'w22 opt' },
    { title: 'Full in', class: 'r' }, { title: 'Refused', class: 'r' }, { title: 'Flag', class: 'mono opt' }],
  nothing: 'There are no limits.',
  async read() {
    const answer = await get('limits');
    return { rows: answer.limits.map(one => {
      const part = one.used === null ? 0 : one.used / one.max;
      return { key: one.limit, cells: [[limitName(one.limit), one.name && el('small', null, ' by ', link(viewOf('names', { match: one.name, name: one.name }), foreign(one.name, 60)))],
        one.used === null ? '' : amount(one.limit, one.used), amount(one.limit, one.max), one.used === null ? el('small', null, 'size of one') : bar(part, part >= 0.9 ? 'fb' : part > 0.7 ? 'f2' : 'f1'),
        one.full_in_seconds === null ? '' : el('span', { class: one.full_in_seconds < SOON ? 'badt' : null }, span(one.full_in_seconds)),
        one.refused + one.overflowed ? el('span', { class: 'badt' }, whole(one.refused + one.overflowed)) : '0', one.flag || ''] };
    }) };
  },
});

export const instances = list({
  title: 'Instances', note: 'processes that push; those with most frames lost or missing come first',
  columns: [{ title: 'Instance', class: 'mono' }, { title: 'State' }, { title: 'Heard', class: 'r' }, { title: 'Series', class: 'r opt' },
    { title: 'Received', class: 'r opt' }, { title: 'Missing', class: 'r opt' }, { title: 'Late', class: 'r opt' }, { title: 'Twice', class: 'r opt' },
    { title: 'Lost', class: 'r' }, { title: 'Started', class: 'opt' }],
  nothing: 'No process pushes. Clients of the push protocol lose no count when datagrams are lost.',
  async read(status, query) {
    const answer = await get('instances', { limit: 1000 });
    const wanted = query.get('instance');
    const shown = wanted ? answer.instances.filter(one => one.instance === wanted) : answer.instances.slice(0, 200);
    return {
      rows: shown.map(one => ({ key: one.instance + one.started_ms, cells: [one.instance, one.state, ago(one.silent_seconds), whole(one.series),
        whole(one.received), whole(one.missing), whole(one.late), whole(one.duplicates),
        one.lost ? el('span', { class: 'badt' }, whole(one.lost)) : '0', day(one.started_ms)] })),
      isEmpty: !answer.instances.length,
      said: wanted ? [shown.length ? `Only ${wanted}. ` : `${wanted} is not among the first ${whole(answer.shown)} instances. `, link('#/instances', 'Show all')]
        : `${whole(shown.length)} of ${count(answer.total, 'instance')}.`,
    };
  },
});

export const scrapes = list({
  title: 'Scrapes', note: 'the last twenty, newest first',
  columns: [{ title: 'Time (UTC)', class: 'mono' }, { title: 'From', class: 'mono' }, { title: 'Status', class: 'r' }, { title: 'Took', class: 'r' },
    { title: 'Series', class: 'r' }, { title: 'Bytes', class: 'r opt' }, { title: 'Format', class: 'opt' }],
  nothing: 'Nobody has scraped Weir since it started. Add its address to scrape_configs of Prometheus.',
  async read(status) {
    const answer = await get('scrapes');
    const age = status.scrape ? status.scrape.age_seconds : null;
    return {
      rows: answer.scrapes.map((one, index) => ({ key: one.time_ms + '/' + index, cells: [clock(one.time_ms), foreign(one.from, 50),
        one.status === 200 ? '200' : el('span', { class: 'badt' }, one.status || 'not read to its end'), span(one.seconds), whole(one.series),
        bytes(one.bytes), [one.format.split(';').slice(0, 2).join(';'), one.gzip && ', gzip', one.filtered && ', some names only']] })),
      said: `${count(answer.total, 'scrape')} since the start.`,
      warning: age > 300 && `Nobody has scraped for ${span(age)}. See whether Prometheus runs, and what it says of this target.`,
    };
  },
});

export function about(root) {
  const facts = el('dl');
  const flags = new Table('Flags that differ from their defaults', [{ title: 'Flag', class: 'mono' }, { title: 'Value', class: 'mono' }, { title: 'Default', class: 'mono opt' }]);
  const noFlags = empty('All flags have their defaults.');
  const files = new Table('Files that are loaded again', [{ title: 'File', class: 'mono' }, { title: 'Last load' }, { title: 'In force since' }]);
  const filesCard = card('Files', 'loaded again when they change', files.node);
  const log = el('ol', { class: 'log', tabindex: 0, 'aria-label': 'The log' });
  root.append(el('div', { class: 'grid g2' }, card('Weir', null, facts), filesCard),
    card('Flags', 'that differ from their defaults', flags.node, noFlags), card('Log', 'the last 100 events, newest last', log));
  return async status => {
    const [answer, events] = await Promise.all([get('flags'), get('log')]);
    fill(facts, [['version', answer.version], ['machine', status.node || NONE], ['started', day(answer.started_ms)],
      ['running for', span(status.uptime_seconds)]].map(([name, value]) => [el('dt', null, name), el('dd', null, value)]));
    flags.node.hidden = !answer.flags.length;
    noFlags.hidden = answer.flags.length > 0;
    flags.update(answer.flags.map(flag => ({ key: flag.flag, cells: [flag.flag, foreign(flag.value, 200), flag.default === null ? '' : foreign(flag.default, 100)] })));
    filesCard.hidden = !answer.reloads.length;
    files.update(answer.reloads.map(file => ({ key: file.file, cells: [foreign(file.file, 120),
      file.succeeded ? 'succeeded' : el('span', { class: 'badt' }, 'failed: see the log'), day(file.at_ms)] })));
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 20;
    const key = events.lines.length + '/' + (events.lines.at(-1) || {}).time_ms;
    if (log.dataset.key === key) return;
    log.dataset.key = key;
    fill(log, events.lines.map(event => el('li', { class: event.level }, el('small', null, clock(event.time_ms)), ' ', el('b', null, event.level), ' ', foreign(event.text, 600))));
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
}
