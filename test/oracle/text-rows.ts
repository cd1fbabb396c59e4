// Delimited text, slowly and plainly: the twin of assembly/text/.

/** A row's fields, null where the field is empty; or the line that is no row. */
export type TwinRow = { readonly fields: readonly (string | null)[] } | { readonly broken: true };

export interface TwinRows {
  readonly rows: readonly TwinRow[];
  /** Characters of the whole lines. */
  readonly consumed: number;
  readonly emptyLines: number;
}

/** Takes whole lines apart, one character after the other. `text` has one character a byte. */
export function splitRows(text: string, delimiter: string, fieldCount: number): TwinRows {
  const rows: TwinRow[] = [];
  let emptyLines = 0;
  let lineStart = 0;
  for (;;) {
    const line = readLine(text, lineStart, delimiter);
    if (line === null) return { rows, consumed: lineStart, emptyLines };
    const { fields, end, isBroken } = line;
    const raw = text.slice(lineStart, end - 1);
    lineStart = end;
    if (raw === '' || raw === '\r') emptyLines++;
    else if (isBroken || fields.length !== fieldCount) rows.push({ broken: true });
    else rows.push({ fields: fields.map((field) => (field === '' ? null : field)) });
  }
}

function readLine(text: string, start: number, delimiter: string) {
  const fields: string[] = [];
  let field = '';
  let isBroken = false;
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  const endField = (isLast: boolean): void => {
    const isPlain = state === 'plain' || state === 'start';
    if (isLast && isPlain && field.endsWith('\r')) field = field.slice(0, -1);
    fields.push(field);
    field = '';
    state = 'start';
  };
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (state === 'quoted') {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at++;
      } else state = 'closed';
    } else if (character === '\n') {
      endField(true);
      return { fields, end: at + 1, isBroken };
    } else if (character === delimiter) endField(false);
    else if (state === 'closed') isBroken ||= !(character === '\r' && text[at + 1] === '\n');
    else if (state === 'start' && character === '"') state = 'quoted';
    else {
      state = 'plain';
      field += character;
    }
  }
  return null;
}

/** The int64 that a field says, null: none. */
export function integerOf(field: string): bigint | null {
  if (!/^-?\d{1,19}$/.test(field)) return null;
  const value = BigInt(field);
  return value === BigInt.asIntN(64, value) ? value : null;
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)?$/;

/** The ns that a text of seconds with decimals, or an ISO 8601 text, says; null: neither. */
export function stampOf(field: string): bigint | null {
  const seconds = /^(\d{10})\.(\d{1,9})$/.exec(field);
  if (seconds !== null) {
    const value = BigInt(seconds[1]!);
    if (value > 9_223_372_035n) return null;
    return value * 1_000_000_000n + BigInt(seconds[2]!.padEnd(9, '0'));
  }
  const iso = ISO.exec(field);
  if (iso === null) return null;
  const [, date, time, fraction = '', zone = 'Z'] = iso;
  const year = Number(date!.slice(0, 4));
  if (year < 2001 || year > 2261 || Number(zone.slice(1, 3)) > 23) return null;
  if (Number(time!.slice(0, 2)) > 23 || !isDate(date!)) return null;
  const spelled = /\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const ms = Date.parse(`${date}T${time}${spelled}`);
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Date.parse takes 30 February for 1 March. */
function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
