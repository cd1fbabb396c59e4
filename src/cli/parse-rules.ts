import { SCALE_MAX } from '../abi/limits.js';
import type { VerdictThresholds } from '../audit/types.js';
import { VERDICT_THRESHOLDS } from '../audit/verdict.js';
import type { BookCadence, ColumnMap, ScaleRule } from '../pipeline/options.js';
import { parseDurationNs, refuse } from './parse.js';

const SCALE_EXPECTED = `a number of decimals from 0 to ${SCALE_MAX}, 'auto', or PATTERN=N such as 'PEPE*=0'`;

/**
 * `8`, `auto`, `PEPE*=0`; several with commas or by repeating the option. The order is kept.
 */
export function parseScaleRules(texts: readonly string[], option: string): ScaleRule[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const equals = text.lastIndexOf('=');
      const pattern = equals < 0 ? '*' : text.slice(0, equals).trim();
      const scaleText = text.slice(equals + 1).trim();
      const scale = scaleText === 'auto' ? 'auto' : /^\d{1,2}$/.test(scaleText) ? +scaleText : -1;
      if (pattern === '' || (scale !== 'auto' && (scale < 0 || scale > SCALE_MAX))) {
        refuse('ERR_USAGE_SCALE', option, text, SCALE_EXPECTED);
      }
      return { pattern, scale };
    });
}

/**
 * `price=px,qty=sz,ts_recv=local_ts:ns`: our column to theirs. Which columns of ours exist, and
 * whether a `:unit` is one or belongs to a name, the dialect says, who sees the file.
 */
export function parseColumnMap(texts: readonly string[], option: string): ColumnMap {
  const map: Record<string, string> = {};
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const equals = pair.indexOf('=');
    const ours = pair.slice(0, Math.max(equals, 0)).trim();
    const theirs = pair.slice(equals + 1).trim();
    if (ours === '' || theirs === '' || Object.hasOwn(map, ours)) {
      const expected = 'OURS=THEIRS pairs such as price=px,qty=sz,ts_recv=local_ts:ns';
      refuse('ERR_USAGE_MAP', option, pair, `${expected}, each of ours once`);
    }
    map[ours] = theirs;
  }
  return map;
}

/** `message`, `change`, or a duration. */
export function parseBookCadence(text: string, option: string): BookCadence {
  if (text === 'message' || text === 'change') return { kind: text };
  if (!/^\d/.test(text)) {
    refuse('ERR_USAGE_DURATION', option, text, 'message, change or an interval such as 100ms');
  }
  return { kind: 'interval', intervalNs: parseDurationNs(text, option) };
}

const COUNTS: ReadonlySet<string> = new Set(['gaps', 'rejected']);

/** `crossed=0.5%,gaps=10`: shares in percent, counts plain; what is not named keeps its default. */
export function parseThresholds(texts: readonly string[], option: string): VerdictThresholds {
  const thresholds: Record<string, number> = { ...VERDICT_THRESHOLDS };
  const given = new Set<string>();
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const [, name = '', number = '', unit] = /^\s*(\w+)=(\d+(?:\.\d+)?)(%?)\s*$/.exec(pair) ?? [];
    const isCount = COUNTS.has(name);
    const value = isCount ? Number(number) : Number(number) / 100;
    const fits = isCount ? Number.isSafeInteger(value) && unit === '' : value <= 1 && unit === '%';
    if (number === '' || !Object.hasOwn(VERDICT_THRESHOLDS, name) || !fits) {
      const names = Object.keys(VERDICT_THRESHOLDS).map((each) =>
        COUNTS.has(each) ? `${each}=10` : `${each}=1%`,
      );
      refuse('ERR_USAGE_THRESHOLD', option, pair, `NAME=LIMIT such as ${names.join(', ')}`);
    }
    if (given.has(name)) refuse('ERR_USAGE_THRESHOLD', option, pair, `${name} once`);
    given.add(name);
    thresholds[name] = value;
  }
  return thresholds as unknown as VerdictThresholds;
}
