import { describe, expect, test } from 'vitest';
import { type FileMetadata, METADATA_KEYS, metadataEntries } from '#src/dialects/metadata.js';
import { type Recognition, recogniseFile } from '#src/dialects/registry.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { type FixtureColumn, parquetFixture } from '../support/parquet-fixture.js';

const METADATA: FileMetadata = {
  version: '0.1.0',
  table: 'depth',
  exchange: 'OKX',
  symbol: 'BTC/USDT',
  dt: '2024-08-08',
  dialect: 'generic',
  policy: 'contiguous',
  priceScale: 2,
  qtyScale: 11,
  clock: 'recv',
  numbers: 'pips',
  order: 'settled',
};

const int64 = (name: string): FixtureColumn => ({ name, type: 'int64', values: [] });
const DEPTH: FixtureColumn[] = [
  ...['ts_recv', 'ts_event', 'sequence', 'sequence_first', 'price_pips', 'qty_pips'].map(int64),
  { name: 'is_bid', type: 'bool', values: [] },
  { name: 'flags', type: 'int32', values: [] },
];

async function recognise(
  keyValue: ReadonlyMap<string, string>,
  columns: readonly FixtureColumn[] = DEPTH,
): Promise<Recognition> {
  const path = 'out/depth/exchange=A/symbol=B/dt=2000-01-01/part-0000.parquet';
  const footer = await readFooter(memorySource(path, parquetFixture(columns, { keyValue })));
  return recogniseFile({ path, mtimeNs: 0n, footer }, { dialect: null, map: {}, policy: null })[0]!;
}

describe('depthmill', () => {
  test('the metadata says instrument, day, policy and scales; the path is not asked', async () => {
    expect(await recognise(metadataEntries(METADATA))).toMatchObject({
      kind: 'file',
      file: {
        dialect: 'depthmill',
        table: 'depth',
        exchange: 'OKX',
        symbol: 'BTC/USDT',
        dt: '2024-08-08',
        policy: 'contiguous',
        messageKey: 'flags',
        rows: {
          sequence: 'sequence',
          sequenceFirst: 'sequence_first',
          sequencePrev: null,
          flags: 'flags',
          pipsScale: { price: 2, qty: 11 },
        },
      },
    });
  });

  test.each(['book', 'gaps', 'quality', 'rejects'])('the table %s is skipped', async (table) => {
    expect(await recognise(metadataEntries({ ...METADATA, table }))).toMatchObject({
      kind: 'skip',
      skipped: { reason: `the table ${table} is made by depthmill from depth` },
    });
  });

  test('a key that is missing, or holds what no version wrote, is named', async () => {
    for (const [key, value] of [
      [METADATA_KEYS.policy, 'hope'],
      [METADATA_KEYS.priceScale, '19'],
      [METADATA_KEYS.schema, 'depthmill/2'],
      [METADATA_KEYS.qtyScale, null],
    ] as const) {
      const entries = metadataEntries(METADATA);
      if (value === null) entries.delete(key);
      else entries.set(key, value);
      await expect(recognise(entries)).rejects.toMatchObject({
        code: 'ERR_INPUT_SCHEMA',
        details: { key, found: value },
      });
    }
  });

  test('a column that is missing is named', async () => {
    const columns = DEPTH.filter((column) => column.name !== 'flags');
    await expect(recognise(metadataEntries(METADATA), columns)).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      details: { expected: ['flags'] },
    });
  });
});
