import type { Core } from '../core/core.js';
import { chooseScale, mergeRanges, type ScaleRange } from '../core/scale.js';
import { PipelineError } from '../errors/errors.js';
import { measureFile } from './measure-scale.js';
import type { InputOptions, ScaleRule } from './options.js';
import type { PlanHost } from './probe.js';
import type { ScaleScratch } from './scale-column.js';
import { matchesPattern } from './selection.js';
import { INPUT_TABLES, type InstrumentDay, type PlannedFile, type Scales } from './types.js';

/** Scale of every instrument whose values it holds: what most exchanges and tools use. */
export const SCALE_DEFAULT = 8;

export interface ScaleSources {
  readonly host: PlanHost;
  readonly core: Core;
  /** DECODE_SCRATCH_BYTES or more, used while rows are handed over. */
  readonly scratch: ScaleScratch;
}

/**
 * Settles the scales of one instrument for all its days and tables: MODEL section 1. The last rule
 * that matches the symbol decides; `auto`, and no rule, take 8 if the values fit, else the smallest
 * scale that holds them, price and quantity apart.
 *
 * Values are looked at as far as that is cheap: all rows of text and of long decimals; of other
 * types the statistics of all files, and the first row group of the first file of each table. A
 * value elsewhere that does not fit ends the instrument with ERR_SCALE when it is decoded, and so
 * do values that no one scale holds.
 *
 * @param days of one instrument, one or more
 */
export async function chooseScales(
  days: readonly InstrumentDay[],
  rules: Pick<InputOptions, 'priceScale' | 'qtyScale'>,
  sources: ScaleSources,
): Promise<Scales> {
  const { symbol } = days[0]!;
  const price = ruleOf(rules.priceScale, symbol);
  const qty = ruleOf(rules.qtyScale, symbol);
  if (price !== 'auto' && qty !== 'auto') return { price, qty };
  const files = days.flatMap((day) => INPUT_TABLES.flatMap((table) => day.files[table]));
  const own = files.flatMap((file) => file.rows?.pipsScale ?? []);
  const measured =
    own.length === files.length
      ? { price: null, qty: null }
      : await measureFiles(
          files.filter((file) => file.rows?.pipsScale == null),
          sources,
        );
  const auto = (what: 'price' | 'qty'): number => {
    const range = measured[what];
    const found = range === null ? [] : [chooseScale(range, SCALE_DEFAULT) ?? SCALE_DEFAULT];
    return Math.max(...own.map((scales) => scales[what]), ...found);
  };
  return {
    price: price === 'auto' ? auto('price') : price,
    qty: qty === 'auto' ? auto('qty') : qty,
  };
}

export interface ScaledDays {
  /** In the order of the days given. */
  readonly days: readonly { readonly day: InstrumentDay; readonly scales: Scales }[];
  /** Days of instruments whose files could not be read for it. */
  readonly failures: readonly { readonly day: InstrumentDay; readonly error: PipelineError }[];
}

/** Settles the scales of all instruments of a plan; each fails alone. */
export async function scaleDays(
  days: readonly InstrumentDay[],
  rules: Pick<InputOptions, 'priceScale' | 'qtyScale'>,
  sources: ScaleSources,
): Promise<ScaledDays> {
  const scaled: { day: InstrumentDay; scales: Scales }[] = [];
  const failures: { day: InstrumentDay; error: PipelineError }[] = [];
  for (const own of byInstrument(days)) {
    try {
      const scales = await chooseScales(own, rules, sources);
      scaled.push(...own.map((day) => ({ day, scales })));
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code === 'ERR_INVARIANT') throw error;
      failures.push(...own.map((day) => ({ day, error })));
    }
  }
  return { days: scaled, failures };
}

/** Days of a plan stand together by instrument. */
function byInstrument(days: readonly InstrumentDay[]): InstrumentDay[][] {
  const groups: InstrumentDay[][] = [];
  for (const day of days) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (first?.exchange === day.exchange && first.symbol === day.symbol) group!.push(day);
    else groups.push([day]);
  }
  return groups;
}

function ruleOf(rules: readonly ScaleRule[], symbol: string): number | 'auto' {
  return rules.findLast((rule) => matchesPattern(rule.pattern, symbol))?.scale ?? 'auto';
}

async function measureFiles(
  files: readonly PlannedFile[],
  sources: ScaleSources,
): Promise<{ price: ScaleRange; qty: ScaleRange }> {
  let price: ScaleRange = { decimals: 0, scaleMax: 18 };
  let qty: ScaleRange = price;
  const tables = new Set<string>();
  for (const file of files) {
    const isFirst = !tables.has(file.table);
    tables.add(file.table);
    const measured = await measureFile(file, isFirst, sources);
    price = mergeRanges(price, measured.price);
    qty = mergeRanges(qty, measured.qty);
  }
  return { price, qty };
}
