import type { AuditReport, GapFinding, InstrumentAudit, RowFault } from '../audit/types.js';
import { formatInstantNs } from '../units/instant.js';
import { countAll } from './findings.js';
import { formatCount, formatDurationNs, formatPercent } from './format.js';
import { oneLine } from './one-line.js';
import { renderInstruments, renderRemarks } from './summary.js';
import { renderTable, type TableColumn } from './table.js';

const LINES_SHOWN_MAX = 20;

const FAULT_COLUMNS: readonly TableColumn[] = [
  { header: 'fault', align: 'left' },
  { header: 'table', align: 'left' },
  { header: 'file', align: 'left' },
  { header: 'row', align: 'right' },
  { header: 'found', align: 'left' },
];

const GAP_COLUMNS: readonly TableColumn[] = [
  { header: 'kind', align: 'left' },
  { header: 'proven', align: 'left' },
  { header: 'id before', align: 'right' },
  { header: 'id after', align: 'right' },
  { header: 'missing', align: 'right' },
  { header: 'received before', align: 'left' },
  { header: 'received after', align: 'left' },
  { header: 'file', align: 'left' },
  { header: 'row', align: 'right' },
  { header: 'reason', align: 'left' },
];

const TRADE_IDS: Readonly<Record<InstrumentAudit['trade_ids'], string>> = {
  counted: 'their ids go up by one: a lost trade shows',
  uncounted: 'their ids need not go up by one: they cannot prove that none is lost',
  text: 'their ids are text: they cannot prove that none is lost, and are not checked',
  none: 'they have no ids: that none is lost cannot be proven',
};

/** The whole report for people: one table of all, then what stands behind each line. */
export function renderAudit(report: AuditReport, width: number | null): string {
  const blocks = [renderInstruments(report.instruments, width)];
  for (const instrument of report.instruments) blocks.push(renderInstrument(instrument, width));
  const remarks = renderRemarks(report);
  if (remarks.length > 0) blocks.push(remarks.join('\n'));
  return blocks.join('\n\n');
}

function renderInstrument(instrument: InstrumentAudit, width: number | null): string {
  const title = `${instrument.exchange} ${instrument.symbol} ${instrument.dt}: ${instrument.verdict}`;
  const lines = [title, ...instrument.reasons, ...factsOf(instrument)].map((text, index) =>
    oneLine(index === 0 ? text : `  ${text}`),
  );
  if (instrument.gaps.length > 0) lines.push(renderGaps(instrument.gaps, width));
  const { listed } = instrument.row_faults;
  if (listed.length > 0) lines.push(renderFaults(listed, width));
  return lines.join('\n');
}

function factsOf(instrument: InstrumentAudit): string[] {
  const { accounting, crossed, locked, latency_ns: latency } = instrument;
  const facts = [
    instrument.proves_words,
    `dialect ${instrument.dialect}, policy ${instrument.policy}, ` +
      `scales ${instrument.scales.price} (price) and ${instrument.scales.qty} (quantity)`,
  ];
  if (instrument.first !== null && instrument.last !== null) {
    const { first, last } = instrument;
    facts.push(`from ${formatInstantNs(first.ts_recv)} to ${formatInstantNs(last.ts_recv)}`);
  }
  facts.push(...trustFacts(instrument));
  const { rows_out: trades, rejected: tradesRejected } = instrument.trades_accounting;
  if (trades > 0) facts.push(`trades: ${formatCount(trades)}; ${TRADE_IDS[instrument.trade_ids]}`);
  if (countAll(tradesRejected) > 0) facts.push(`rejected trades: ${reasonsOf(tradesRejected)}`);
  const { ns: missingNs, of_ns: ofNs } = instrument.missing;
  if (missingNs > 0n) {
    const percent = formatPercent(Number(missingNs), Number(ofNs));
    facts.push(`missing: ${formatDurationNs(missingNs)}, ${percent} % of the time`);
  }
  const faults = instrument.row_faults.counts;
  if (countAll(faults) > 0) facts.push(`rows to look at: ${reasonsOf(faults)}`);
  const rowsRejected = countAll(accounting.rejected);
  if (rowsRejected > 0) facts.push(`rejected: ${reasonsOf(accounting.rejected)}`);
  if (countAll(accounting.dropped) > 0) facts.push(`dropped: ${reasonsOf(accounting.dropped)}`);
  if (instrument.messages === 0) return facts;
  facts.push(
    `ids: ${plural(instrument.duplicates, 'duplicate')}, ` +
      `${formatCount(instrument.out_of_order)} out of order, ` +
      `${plural(instrument.resets, 'reset')}, ${plural(instrument.reconnects, 'reconnect')}`,
    ...quietFacts(instrument),
    `book: crossed after ${plural(crossed.messages, 'message')} (${formatDurationNs(crossed.ns)}), ` +
      `locked after ${formatCount(locked.messages)} (${formatDurationNs(locked.ns)})`,
  );
  if (instrument.deletes > 0) {
    const percent = formatPercent(instrument.deletes_unknown, instrument.deletes);
    facts.push(`deletes: ${formatCount(instrument.deletes)}, ${percent} % of unknown levels`);
  }
  if (instrument.depth_unknown > 0) {
    const percent = formatPercent(instrument.depth_unknown, instrument.book_rows);
    facts.push(`depth: ${percent} % of the book rows reach deeper than is known`);
  }
  for (const witness of instrument.witness) {
    facts.push(
      `witness ${witness.kind}: ${formatCount(witness.agreed)} of ${formatCount(witness.compared)} agreed, ` +
        `${formatCount(witness.invalid)} invalid, ${formatCount(witness.thin)} thin, worst stretch ${formatDurationNs(witness.worst_ns)}`,
    );
  }
  const { day_before: before, trades_outside: judged } = instrument;
  if (judged !== null) {
    const percent = formatPercent(judged.outside, judged.compared);
    facts.push(
      `trades: ${formatCount(judged.outside)} of ${formatCount(judged.compared)} (${percent} %)` +
        ' outside the best prices within 100 ms',
    );
  }
  if (before !== null) {
    const levels = before.levels_equal + before.levels_differing;
    facts.push(
      `first snapshot against the last book of the day before: ` +
        `${formatCount(before.levels_equal)} of ${formatCount(levels)} levels equal, ` +
        `best prices ${before.best_equal ? 'equal' : 'differ'}, ` +
        `${formatDurationNs(before.ts_recv_snapshot - before.ts_recv_before)} apart`,
    );
  }
  if (latency !== null) {
    facts.push(
      `latency: min ${formatDurationNs(latency.min)}, median ${formatDurationNs(latency.p50)}, ` +
        `p99 ${formatDurationNs(latency.p99)}, max ${formatDurationNs(latency.max)}, ` +
        `negative in ${plural(latency.negative, 'row')}`,
    );
  }
  facts.push(`digest of the last book: ${instrument.digest}`);
  return facts;
}

/** How much of the book can be trusted; and why the rest cannot, with the time that it took. */
function trustFacts({ accounting, rows_trusted: trusted, quality }: InstrumentAudit): string[] {
  if (accounting.rows_out === 0) return [];
  const percent = formatPercent(trusted, accounting.rows_out);
  const facts = [`trusted: ${percent} % of ${plural(accounting.rows_out, 'row')}`];
  const doubts = new Map<string, { count: number; ns: bigint }>();
  for (const { state, reason, ts_recv_from: from, ts_recv_to: to } of quality) {
    const why = `${state} (${reason.replaceAll('_', ' ')})`;
    const { count, ns } = doubts.get(why) ?? { count: 0, ns: 0n };
    doubts.set(why, { count: count + 1, ns: ns + to - from });
  }
  for (const [why, { count, ns }] of doubts) {
    facts.push(`${why}: ${plural(count, 'time')}, ${formatDurationNs(ns)} in all`);
  }
  return facts;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Times without a message: how many, and the longest; of outages each of the first ones. */
function quietFacts({ exchange, silences, outages }: InstrumentAudit): string[] {
  const facts: string[] = [];
  if (silences.length > 0) {
    const longest = silences.reduce((max, each) => (lengthNs(each) > lengthNs(max) ? each : max));
    facts.push(
      `silences: ${formatCount(silences.length)}, the longest ${formatDurationNs(lengthNs(longest))} ` +
        `from ${formatInstantNs(longest.ts_recv_from)}`,
    );
  }
  for (const outage of outages.slice(0, LINES_SHOWN_MAX)) {
    facts.push(
      `outage: ${formatDurationNs(lengthNs(outage))} from ${formatInstantNs(outage.ts_recv_from)} ` +
        `to ${formatInstantNs(outage.ts_recv_to)}, no message of any of the ` +
        `${formatCount(outage.instruments)} instruments of ${exchange}`,
    );
  }
  const more = outages.length - LINES_SHOWN_MAX;
  if (more > 0) facts.push(`… and ${formatCount(more)} outages more; --json has them all`);
  return facts;
}

function lengthNs(time: { readonly ts_recv_from: bigint; readonly ts_recv_to: bigint }): bigint {
  return time.ts_recv_to - time.ts_recv_from;
}

/** Title and instrument say where it lies; --json has the whole path. */
function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function reasonsOf(byReason: Readonly<Record<string, number>>): string {
  return Object.entries(byReason)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${formatCount(count)} ${reason}`)
    .join(', ');
}

function renderGaps(gaps: readonly GapFinding[], width: number | null): string {
  const rows = gaps
    .slice(0, LINES_SHOWN_MAX)
    .map((gap) => [
      gap.kind,
      gap.proven ? 'proven' : 'suspected',
      gap.sequence_before?.toString() ?? '-',
      gap.sequence_after?.toString() ?? '-',
      gap.missing === null ? '-' : formatCount(gap.missing),
      gap.ts_recv_before === null ? '-' : formatInstantNs(gap.ts_recv_before),
      gap.ts_recv_after === null ? '-' : formatInstantNs(gap.ts_recv_after),
      gap.file === '' ? '-' : fileName(gap.file),
      gap.file === '' ? '-' : formatCount(gap.row),
      gap.reason,
    ]);
  const more = gaps.length - rows.length;
  const table = renderTable(GAP_COLUMNS, rows, width);
  return more > 0 ? `${table}\n… and ${formatCount(more)} more; --json has them all` : table;
}

function renderFaults(faults: readonly RowFault[], width: number | null): string {
  const rows = faults.slice(0, LINES_SHOWN_MAX).map(({ kind, table, file, row, reason }) => {
    return [kind, table, fileName(file), formatCount(row), reason];
  });
  const more = faults.length - rows.length;
  const table = renderTable(FAULT_COLUMNS, rows, width);
  return more > 0 ? `${table}\n… and ${formatCount(more)} more; --json has them` : table;
}
