import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratchFolder } from '../cli/scratch-folder.js';

const LIBRARY = new URL('../../build/index.js', import.meta.url);
const scratch = scratchFolder();

test('threads start in a program that Node was given as a text', () => {
  writeFileSync(
    scratch('deltas.csv'),
    'ts_recv,is_bid,price,qty\n1767225600000000000,true,1.5,2\n',
  );
  const program = `
    import { audit } from '${LIBRARY}';
    const { report } = await audit({ inputs: ['deltas.csv'], workers: 1 });
    console.log(report.instruments.length);`;
  const args = ['--input-type=module', '-e', program];
  const options = { cwd: scratch('.'), encoding: 'utf8' } as const;
  expect(execFileSync(process.execPath, args, options)).toBe('1\n');
});
