// Lines of `<time> <json>` as Binance's streams are recorded, slowly and plainly.
import type { CaptureStream } from '#src/core/text-rows.js';
import type { TwinRow } from './text-rows.js';

/** Rows that the lines of a text give for a stream; every field as text, null where it is empty. */
export function captureRowsOf(text: string, stream: CaptureStream): TwinRow[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => rowsOfLine(line, stream));
}

const STREAM_OF_NAME: Readonly<Record<string, CaptureStream>> = {
  depth: 'depth',
  depthSnapshot: 'depth',
  trade: 'trade',
  aggTrade: 'aggTrade',
  bookTicker: 'ticker',
};

function rowsOfLine(line: string, stream: CaptureStream): TwinRow[] {
  if (line.trim() === '' || line.startsWith('wss:')) return [];
  const named = /^(?:http.* -> )?\d[^ {]* +\{"stream":"([^"@]*)@?([^"@]*)[^"]*"/.exec(line);
  // A line that says what it is counts there, damaged or not; others count as depth.
  if (named !== null && STREAM_OF_NAME[named[2]!] !== stream) return [];
  const isOurs = named !== null || stream === 'depth';
  const message = parse(line);
  if (message === null) return isOurs ? [{ broken: true }] : [];
  const { time, asked, data, isWrapped } = message;
  const common = [time, data.E, data.T, data.s ?? data.symbol ?? asked];
  const isSnapshot = data.e === undefined && data.lastUpdateId !== undefined && hasSides(data);
  const isOfSnapshots = named?.[2] === 'depthSnapshot';
  if (isSnapshot && isWrapped && !isOfSnapshots) return [];
  if (isSnapshot && isOfSnapshots) common[3] ??= named![1]!.toUpperCase();
  if (isSnapshot || data.e === 'depthUpdate') {
    if (stream !== 'depth') return [];
    const ids = isSnapshot ? Array(3).fill(data.lastUpdateId) : [data.U, data.u, data.pu];
    if (!isSnapshot && (data.U === undefined || data.u === undefined || !hasSides(data))) {
      return [{ broken: true }];
    }
    const levels = [...sideOf(data.bids ?? data.b, 'bid'), ...sideOf(data.asks ?? data.a, 'ask')];
    if (levels.includes('broken')) return [{ broken: true }];
    const rows = levels.length > 0 ? levels : [['ask', '0', '0']];
    const end = (i: number) => (i === rows.length - 1 ? '0' : null);
    return rows.map((level, i) => row([...common, ...ids, String(isSnapshot), ...level, end(i)]));
  }
  const isTicker = data.e === undefined && data.u !== undefined && 'B' in data && 'A' in data;
  if (stream === 'ticker' && (isTicker || data.e === 'bookTicker')) {
    return [row([...common, data.u, data.b, data.B, data.a, data.A])];
  }
  if (stream === 'trade' && data.e === 'trade') {
    return [row([...common, data.t, data.p, data.q, data.m, data.X])];
  }
  if (stream === 'aggTrade' && data.e === 'aggTrade') {
    return [row([...common, data.a, data.p, data.q, data.m, data.X])];
  }
  return [];
}

type Fields = Record<string, unknown> & { b?: unknown; a?: unknown };

interface Parsed {
  readonly time: string;
  /** Symbol of the request. */
  readonly asked: string | undefined;
  readonly data: Fields;
  readonly isWrapped: boolean;
}

function parse(line: string): Parsed | null {
  const match = /^(http.*? -> )?(\d+(?:\.\d+)?|\d+-[^ {]*):? +(\{.*\})\s*$/.exec(line);
  if (match === null) return null;
  const asked = /symbol=([^& ]+)/.exec(match[1] ?? '')?.[1];
  try {
    // Numbers stay texts: JSON.parse would round those beyond 2^53.
    const outer = JSON.parse(match[3]!.replaceAll(/:(-?\d[\d.eE+-]*)/g, ':"$1"'));
    const isWrapped = typeof outer.data === 'object' && outer.data !== null;
    return { time: match[2]!, asked, data: isWrapped ? outer.data : outer, isWrapped };
  } catch {
    return null;
  }
}

function hasSides(data: Fields): boolean {
  return [data.b, data.a, data.bids, data.asks].some(Array.isArray);
}

function sideOf(levels: unknown, side: string): (string[] | 'broken')[] {
  if (levels === undefined) return [];
  if (!Array.isArray(levels)) return ['broken'];
  return levels.map((level) =>
    Array.isArray(level) && level.length >= 2
      ? [side, String(level[0]), String(level[1])]
      : 'broken',
  );
}

function row(fields: readonly unknown[]): TwinRow {
  return {
    fields: fields.map((field) => (field == null || field === '' ? null : String(field))),
  };
}
