import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agreementById, type IdState } from '../oracle/witness-states.js';
import {
  CAPTURES,
  type Capture,
  type CaptureLine,
  captureLines,
  TextBook,
  tickerBest,
} from '../support/capture-messages.js';
import { instrumentIn, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const root = temporaryFolder();

/** The book behind each message once the snapshot is here, as `view` shows it. */
function statesOf(
  lines: readonly CaptureLine[],
  view = (book: TextBook): string => book.best,
): (IdState & { readonly line: CaptureLine })[] {
  const states: (IdState & { line: CaptureLine })[] = [];
  const book = new TextBook();
  const early: CaptureLine[] = [];
  let id: bigint | null = null;
  for (const line of lines) {
    const { kind, fields } = line;
    const updates = kind === 'snapshot' ? early : kind === 'update' ? [line] : [];
    if (kind === 'snapshot') {
      id = BigInt(fields.lastUpdateId!);
      book.set(fields.bids!, fields.asks!);
    } else if (id === null && kind === 'update') early.push(line);
    if (id === null) continue;
    for (const update of updates) {
      const last = BigInt(update.fields.u!);
      if (last <= id) continue;
      id = last;
      book.set(update.fields.b, update.fields.a);
    }
    if (updates.length > 0) states.push({ id, best: view(book), line });
  }
  return states;
}

describe.skipIf(!hasSharedData)('captures: bookTicker against the book by its ids', () => {
  it.each(CAPTURES)('$exchange $symbol', { timeout: 120_000 }, async (capture) => {
    const out = join(root, capture.symbol);
    await depthmillDone(['run', ...capture.files.map(sharedData), '-o', out, '--json']);
    const states = statesOf(captureLines(capture.files));
    const { instruments } = readAudit(out);
    expect(instruments).toHaveLength(capture.files.length);
    for (const [day, file] of capture.files.entries()) {
      const lines = captureLines([file]);
      const own = new Set(
        lines.filter(({ kind }) => kind === 'update').map(({ fields }) => fields.u),
      );
      const rows = lines
        .filter(({ kind }) => kind === 'ticker')
        .map(({ fields }) => ({ id: BigInt(fields.u!), best: tickerBest(fields) }));
      const expected = agreementById(
        states.filter(({ id }) => own.has(String(id))),
        rows,
      );
      const { witness, gaps, verdict } = instruments[day]!;
      console.log(`${file}: ${expected.agreed} of ${expected.compared} agree`);
      expect(witness).toEqual([expect.objectContaining({ kind: 'bookTicker', ...expected })]);
      expect(witness[0]!.passed).toBe(rows.length - expected.compared);
      // A lost ticker is no lost message.
      expect({ gaps, verdict }).toEqual({ gaps: [], verdict: 'usable' });
    }
  });
});

const QUOTES =
  'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount';

/** Tardis' rows in the order of a capture's tickers. */
function quoteRows({ exchange, symbol }: Capture, tickers: readonly CaptureLine[]): string[] {
  return tickers.map(({ tsRecv, fields }) => {
    const local = tsRecv / 1_000n;
    // Spot's ticker has no time of its own; there Tardis writes the time of receipt.
    const time = fields.T === undefined ? local : BigInt(fields.T) * 1_000n;
    return [exchange, symbol, time, local, fields.A, fields.a, fields.b, fields.B].join();
  });
}

function writeTardis(folder: string, name: string, header: string, rows: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.csv`), `${[header, ...rows].join('\n')}\n`);
}

const tardisFile = ({ exchange, symbol }: Capture): string =>
  sharedData(`tardis/${exchange}_incremental_book_L2_2024-08-08_${symbol}.csv.gz`);

const LEVELS = 5;
const SNAPSHOT = [
  'exchange,symbol,timestamp,local_timestamp',
  ...Array.from({ length: LEVELS }, (_, level) =>
    ['asks', 'bids'].map((side) => `${side}[${level}].price,${side}[${level}].amount`).join(),
  ),
].join();

/** A row each time that any of the levels has changed, as Tardis makes them. */
function snapshotRows({ exchange, symbol }: Capture, lines: readonly CaptureLine[]): string[] {
  const levelsOf = (book: TextBook): string =>
    Array.from({ length: LEVELS }, (_, level) =>
      [book.asks, book.bids].map((side) => levelText(side.top(LEVELS)[level])).join(),
    ).join();
  const states = statesOf(lines, levelsOf);
  const changed = states.filter(({ best }, index) => best !== states[index - 1]?.best);
  const rows = changed.map(({ best, line: { tsRecv, fields } }) => {
    const time = BigInt(fields.T ?? fields.E ?? 0) * 1_000n || tsRecv / 1_000n;
    return `${exchange},${symbol},${time},${tsRecv / 1_000n},${best}`;
  });
  return rows;
}

const levelText = (level?: { pricePips: bigint; qtyPips: bigint }): string =>
  level === undefined ? ',' : `${level.pricePips}e-8,${level.qtyPips}e-8`;

/** Messages with a quote since the one before, less those whose last quote got lost. */
const QUOTED: Readonly<Record<string, [number, number]>> = {
  BTCUSDT: [5_737, 5_735],
  ETHUSDT: [5_595, 5_595],
  ETHUSD_PERP: [10_929, 10_929],
};

describe.skipIf(!hasSharedData)(
  'tardis: quotes and book_snapshot_5 against the book by time',
  () => {
    it.each(CAPTURES)('$exchange $symbol', { timeout: 120_000 }, async (capture) => {
      const lines = captureLines(capture.files);
      const { exchange, symbol } = capture;
      const folder = join(root, 'tardis', symbol);
      const named = (table: string): string => `${exchange}_${table}_2024-08-08_${symbol}`;
      const tickers = lines.filter(({ kind }) => kind === 'ticker');
      writeTardis(folder, named('quotes'), QUOTES, quoteRows(capture, tickers));
      const snapshots = snapshotRows(capture, lines);
      writeTardis(folder, named('book_snapshot_5'), SNAPSHOT, snapshots);
      const out = join(root, 'tardis-out', symbol);
      await depthmillDone(['run', folder, tardisFile(capture), '-o', out, '--json']);
      const { witness, gaps, quality, verdict } = instrumentIn(readAudit(out), exchange, symbol);
      const [deep, quotes] = witness;
      expect(witness.map(({ kind }) => kind)).toEqual(['book_snapshot_5', 'quotes']);
      expect(deep).toMatchObject({ invalid: 0, agreed: deep!.compared });
      expect(deep!.compared + deep!.passed).toBe(snapshots.length);
      // Messages of one millisecond are one state.
      expect(deep!.compared).toBeGreaterThan(0.9 * snapshots.length);
      expect([quotes!.compared, quotes!.agreed]).toEqual(QUOTED[symbol]);
      expect(quotes!.compared + quotes!.passed).toBe(tickers.length);
      // What the other table says of the next message speaks against a doubt.
      expect({ gaps, quality, verdict }).toEqual({ gaps: [], quality: [], verdict: 'usable' });
    });
  },
);
