import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { InstrumentJson } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const HEAD =
  'ts_recv,ts_event,sequence_first,sequence,sequence_prev,is_snapshot,side,price,qty,symbol';
const T0 = 1_767_229_200_000_000_000n;
const row = (at: bigint, rest: string): string => `${T0 + at},${T0 + at - 5n},${rest},AB`;

async function auditOf(path: string): Promise<InstrumentJson> {
  const { stdout } = await depthmillDone(['audit', path, '--json', '--workers', '1']);
  return (JSON.parse(stdout) as { instruments: [InstrumentJson] }).instruments[0];
}

it('a snapshot among changes needs no id of the message before it, and no first one', async () => {
  const root = temporaryFolder();
  const path = join(root, 'x.csv');
  const rows = [
    row(0n, '101,105,100,f,bid,99,1'),
    row(1n, ',105,,t,bid,98,1'),
    row(1n, ',105,,t,ask,101,1'),
    row(2n, '106,107,105,f,bid,99,1'),
    row(3n, '108,108,,f,bid,97,1'),
  ];
  writeFileSync(path, `${[HEAD, ...rows].join('\n')}\n`);
  const audit = await auditOf(path);
  // Not so a change: its row is refused.
  expect(audit.accounting).toMatchObject({ rows_in: 5, rejected: { ERR_ROW_NULL: 1 } });
  expect(audit.gaps).toEqual([]);
  expect(audit.quality.map(({ state }) => state)).toEqual(['unseeded', 'suspect']);
});
