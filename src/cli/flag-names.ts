import * as flags from '../abi/flags.js';

/** Names of the flags as docs/data-model.md lists them, lowest bit first. */
const NAMES: readonly (readonly [bit: number, name: string])[] = Object.entries(flags)
  .map(([name, bit]) => [bit, name.replace(/^FLAG_/, '')] as const)
  .sort(([a], [b]) => a - b);

/** Names of the bits that are set; LAST says nothing where only last rows are shown. */
export function flagNames(value: number): string[] {
  return NAMES.filter(([bit, name]) => (value & bit) !== 0 && name !== 'LAST').map(
    ([, name]) => name,
  );
}
