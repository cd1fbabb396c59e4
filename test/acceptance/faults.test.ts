import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { depthmillDone } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const NAMES = {
  depth: 'binance_difference_depth_stream_spot_trxusdt_04-03-2025.csv.gz',
  trades: 'binance_trade_stream_spot_trxusdt_04-03-2025.csv.gz',
  futures: 'binance_difference_depth_stream_usd_m_futures_trxusdt_04-03-2025.csv.gz',
} as const;

interface Found {
  readonly verdict: string;
  readonly gaps: readonly {
    row: number;
    missing: string;
    sequence_before: string;
    proven: boolean;
  }[];
  readonly row_faults: {
    readonly counts: Readonly<Record<string, number>>;
    readonly listed: readonly { kind: string; table: string; row: number; file: string }[];
  };
  readonly accounting: {
    readonly rejected: Readonly<Record<string, number>>;
    readonly rows_in: number;
  };
  readonly trades_accounting: { readonly rows_out: number };
  readonly duplicates: number;
  readonly out_of_order: number;
  readonly latency_ns: { readonly negative: number } | null;
}

async function auditOf(kind: 'positive' | 'negative', name: keyof typeof NAMES): Promise<Found> {
  const path = join(sharedData('faults'), `test_${kind}_${NAMES[name]}`);
  const { stdout } = await depthmillDone(['audit', path, '--json']);
  const { instruments } = JSON.parse(stdout) as { instruments: Found[] };
  expect(instruments.length).toBe(1);
  return instruments[0]!;
}

/** Data rows are counted from 1 in the description of the files, from 0 in the audit. */
const faultLines = ({ row_faults: { listed } }: Found): string[] =>
  listed.map(({ kind, table, row }) => `${table} row ${row + 1}: ${kind}`).toSorted();

describe.skipIf(!hasSharedData)('files with injected faults', () => {
  it('depth: each fault with its row and kind, and nothing else', async () => {
    const found = await auditOf('negative', 'depth');
    expect(faultLines(found)).toEqual([
      'depth row 10000: outside_day',
      'depth row 1: stamp_missing',
      'depth row 8: mixed_message',
    ]);
    expect(found.accounting.rejected).toEqual({ ERR_ROW_PRICE_NEGATIVE: 1 });
    expect(
      found.gaps.map(({ row, sequence_before, missing }) => [row + 1, sequence_before, missing]),
    ).toEqual([[8, '5434434569', '1']]);
    expect(found.latency_ns?.negative).toBe(1);
    expect(found).toMatchObject({ duplicates: 0, out_of_order: 0 });
  });

  it('trades: each fault with its row and kind, and no row lost', async () => {
    const found = await auditOf('negative', 'trades');
    expect(faultLines(found)).toEqual([
      'trades row 10000: clocks_apart',
      'trades row 3: trade_id_twice',
    ]);
    expect(
      found.gaps.map(({ row, sequence_before, missing }) => [row + 1, sequence_before, missing]),
    ).toEqual([[4, '348656871', '1']]);
    expect(found.trades_accounting.rows_out).toBe(10_000);
    expect(found.verdict).toBe('inconclusive');
  });

  it.each(['depth', 'trades', 'futures'] as const)(
    'nothing in the clean file of %s',
    async (name) => {
      const found = await auditOf('positive', name);
      expect(found.row_faults).toEqual({ counts: {}, listed: [] });
      expect(found.gaps).toEqual([]);
      expect(found.accounting.rejected).toEqual({});
      expect(found).toMatchObject({ duplicates: 0, out_of_order: 0 });
    },
  );
});
