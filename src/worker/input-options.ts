import type { InputOptions } from '../dialects/options.js';

/** Fills in what was not said: everything is taken, and found out by itself. */
export function inputOptions(
  options: Partial<InputOptions> & Pick<InputOptions, 'inputs'>,
): InputOptions {
  return {
    dialect: null,
    map: {},
    policy: null,
    selection: { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null },
    priceScale: [],
    qtyScale: [],
    ...options,
  };
}
