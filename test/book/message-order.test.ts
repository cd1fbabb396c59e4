import { describe, expect, it } from 'vitest';
import { MessageOrder } from '#src/book/message-order.js';
import type { HeldMessage, Verdict } from '#src/book/message-verdicts.js';
import { createPrng } from '../prng.js';

type Message = HeldMessage<string>;

const SECOND = 1_000_000_000n;

function message(first: number, last: number, tsRecv = 0n): Message {
  return { first: BigInt(first), last: BigInt(last), prev: null, tsRecv, rows: `${first}-${last}` };
}

const told = (verdicts: Verdict<string>[]): string[] =>
  verdicts.map((verdict) => {
    const { kind, message: of } = verdict;
    if (kind === 'apply') return `${verdict.late ? 'late' : 'apply'} ${of.rows}`;
    if (kind === 'gap') return `gap(${verdict.missing}) ${of.rows}`;
    if (kind === 'drop') return `${verdict.why} ${of.rows}`;
    if (kind === 'hole') return `hole(${verdict.missing}) ${of.rows}`;
    return `${kind} ${of.rows}`;
  });

describe('MessageOrder on contiguous ids', () => {
  it('puts two swapped messages back in order and counts the one that came late', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    expect(told(order.receive(message(21, 30)))).toEqual([]);
    expect(order.waiting).toBe(true);
    expect(told(order.receive(message(11, 20)))).toEqual(['late 11-20', 'apply 21-30']);
    expect(order.waiting).toBe(false);
    expect(order.lastId).toBe(30n);
  });

  it('counts a swap behind a gap that is still open', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    order.receive(message(21, 30));
    order.receive(message(41, 50));
    order.receive(message(31, 40));
    expect(told(order.finish())).toEqual(['gap(10) 21-30', 'late 31-40', 'apply 41-50']);
  });

  it('calls ids lost when a second of ts_recv has passed without them', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    expect(told(order.receive(message(21, 30, 0n)))).toEqual([]);
    expect(told(order.receive(message(31, 40, SECOND - 1n)))).toEqual([]);
    expect(told(order.receive(message(41, 50, SECOND)))).toEqual([
      'gap(10) 21-30',
      'apply 31-40',
      'apply 41-50',
    ]);
  });

  it('calls ids lost when a thousand messages wait', () => {
    const order = new MessageOrder<string>('contiguous', 0n);
    const verdicts: string[] = [];
    for (let id = 2; id <= 1_001; id++) verdicts.push(...told(order.receive(message(id, id))));
    expect(verdicts[0]).toBe('gap(1) 2-2');
    expect(verdicts).toHaveLength(1_000);
  });

  it('finds a second gap behind the first in one window', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    order.receive(message(21, 30, 0n));
    order.receive(message(41, 50, 1n));
    expect(told(order.finish())).toEqual(['gap(10) 21-30', 'gap(10) 41-50']);
  });

  it('drops what was applied before as a duplicate, also while others wait', () => {
    const order = new MessageOrder<string>('contiguous', 20n);
    order.remember([10n, 20n]);
    expect(told(order.receive(message(11, 20)))).toEqual([]);
    expect(told(order.receive(message(21, 30)))).toEqual(['apply 21-30', 'duplicate 11-20']);
  });

  it('drops as stale what comes late from before the first message, and as duplicate no more', () => {
    const order = new MessageOrder<string>('contiguous', 30n);
    order.beginAt(21n);
    order.remember([30n]);
    for (const late of [message(11, 20), message(21, 30)]) order.receive(late);
    expect(told(order.receive(message(31, 40)))).toEqual([
      'apply 31-40',
      'stale 11-20',
      'duplicate 21-30',
    ]);
    // So it is behind a new start.
    order.receive(message(6, 7, 0n));
    order.receive(message(8, 9, SECOND));
    order.receive(message(4, 5, SECOND));
    expect(told(order.receive(message(10, 11, SECOND)))).toEqual(['apply 10-11', 'stale 4-5']);
  });

  it('drops as stale what comes after its ids were given up', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    order.receive(message(21, 30, 0n));
    expect(told(order.receive(message(31, 40, SECOND)))).toEqual(['gap(10) 21-30', 'apply 31-40']);
    order.receive(message(11, 20, SECOND));
    expect(told(order.receive(message(41, 50, SECOND)))).toEqual(['apply 41-50', 'stale 11-20']);
  });

  it('takes ids that stay below what was applied for a new start', () => {
    const order = new MessageOrder<string>('contiguous', 1_000n);
    order.receive(message(1, 2, 0n));
    expect(told(order.receive(message(3, 4, SECOND)))).toEqual(['reset 1-2', 'apply 3-4']);
    expect(order.lastId).toBe(4n);
  });

  it('takes the last messages for a new start where they follow one another and are new', () => {
    const endOf = (messages: readonly Message[]): string[] => {
      const order = new MessageOrder<string>('contiguous', 30n);
      order.remember([10n, 20n, 30n]);
      for (const each of messages) expect(told(order.receive(each))).toEqual([]);
      return told(order.finish());
    };
    expect(endOf([message(1, 1), message(2, 4)])).toEqual(['reset 1-1', 'apply 2-4']);
    expect(endOf([message(1, 1)])).toEqual(['duplicate 1-1']);
    expect(endOf([message(1, 1), message(3, 4)])).toEqual(['duplicate 1-1', 'duplicate 3-4']);
    expect(endOf([message(1, 10), message(11, 20)])).toEqual(['duplicate 1-10', 'duplicate 11-20']);
  });

  it('applies every message of a shuffled stream exactly once, in id order', () => {
    const random = createPrng();
    const messages = Array.from({ length: 3_000 }, (_, i) => message(i + 1, i + 1));
    // Nobody moves by more than 400 places: less than the window holds.
    const keys = messages.map((_, i) => i + Math.floor(random.unit() * 400));
    const shuffled = messages.map((one, i) => ({ one, key: keys[i]! }));
    shuffled.sort((a, b) => a.key - b.key);
    const order = new MessageOrder<string>('contiguous', 0n);
    const verdicts = shuffled.flatMap(({ one }) => order.receive(one));
    expect(verdicts.every(({ kind }) => kind === 'apply')).toBe(true);
    expect(verdicts.map((verdict) => verdict.message.last)).toEqual(
      messages.map(({ last }) => last),
    );
  });
});

describe('MessageOrder on a chain', () => {
  const link = (prev: number, first: number, last: number, tsRecv = 0n): Message => ({
    ...message(first, last, tsRecv),
    prev: BigInt(prev),
  });

  it('continues where the previous id is named, whatever the first id is', () => {
    const order = new MessageOrder<string>('chain', 10n);
    expect(told(order.receive(link(10, 500, 520)))).toEqual(['apply 500-520']);
  });

  it('knows no number of lost messages', () => {
    const order = new MessageOrder<string>('chain', 10n);
    order.receive(link(15, 500, 520));
    expect(told(order.finish())).toEqual(['gap(null) 500-520']);
  });
});

describe('MessageOrder on ids that only grow', () => {
  it('drops a message whose id fell, and goes on', () => {
    const order = new MessageOrder<string>('monotonic', 30n);
    order.remember([20n, 30n]);
    expect(told(order.receive(message(25, 25)))).toEqual([]);
    expect(told(order.receive(message(40, 40)))).toEqual(['apply 40-40', 'stale 25-25']);
    order.receive(message(30, 30));
    expect(told(order.receive(message(50, 50)))).toEqual(['apply 50-50', 'duplicate 30-30']);
  });
});

describe('MessageOrder across a snapshot', () => {
  it('tells what was lost in front of it, though the next message joins', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    expect(told(order.joinAt(50n, 10n, false))).toEqual([]);
    expect(told(order.receive(message(51, 60)))).toEqual([]);
    expect(told(order.receive(message(61, 70, SECOND)))).toEqual([
      'hole(40) 51-60',
      'apply 51-60',
      'apply 61-70',
    ]);
  });

  it('has nothing to tell when the messages that it covers are all there, in any order', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    order.joinAt(50n, 10n, false);
    expect(told(order.receive(message(31, 50)))).toEqual(['covered 31-50']);
    expect(told(order.receive(message(51, 60)))).toEqual([]);
    expect(told(order.receive(message(11, 30)))).toEqual(['covered 11-30', 'apply 51-60']);
  });

  it('tells a loss among those that it covers, and one behind it', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    order.joinAt(50n, 10n, false);
    expect(told(order.receive(message(31, 40)))).toEqual(['covered 31-40']);
    expect(told(order.receive(message(61, 70)))).toEqual([]);
    expect(told(order.finish())).toEqual(['hole(20) 31-40', 'gap(20) 61-70']);
  });

  it('goes on waiting for what is missing', () => {
    const order = new MessageOrder<string>('contiguous', 10n);
    expect(told(order.receive(message(21, 30)))).toEqual([]);
    expect(told(order.receive(message(31, 40)))).toEqual([]);
    expect(told(order.joinAt(30n, 10n, false))).toEqual(['covered 21-30']);
    expect(told(order.receive(message(11, 20)))).toEqual(['covered 11-20', 'apply 31-40']);
    expect(order.waiting).toBe(false);
  });

  it('knows no loss before the first message, or where ids prove none', () => {
    const first = new MessageOrder<string>('contiguous', 0n);
    first.joinAt(50n, null, false);
    expect(told(first.receive(message(51, 60)))).toEqual(['apply 51-60']);
    const falling = new MessageOrder<string>('monotonic', 10n);
    falling.joinAt(50n, 10n, false);
    expect(told(falling.receive(message(90, 95)))).toEqual(['apply 90-95']);
  });
});

describe('MessageOrder on messages that are settled', () => {
  const settled = (policy: 'contiguous' | 'monotonic', lastId: bigint) =>
    new MessageOrder<string>(policy, lastId, { isSettled: true });

  it('takes ids that fall for a new start at once, were there one message or a copy', () => {
    const order = settled('contiguous', 1_000n);
    expect(told(order.receive(message(11, 20)))).toEqual(['reset 11-20']);
    expect(told(order.receive(message(21, 30)))).toEqual(['apply 21-30']);
    expect(told(order.receive(message(21, 30)))).toEqual(['reset 21-30']);
    expect(order.waiting).toBe(false);
    const rising = settled('monotonic', 1_000n);
    expect(rising.isPassedBy(message(20, 20))).toBe(false);
    expect(told(rising.receive(message(20, 20)))).toEqual(['reset 20-20']);
  });

  it('waits for nothing that is missing', () => {
    const order = settled('contiguous', 10n);
    expect(told(order.receive(message(21, 30)))).toEqual(['gap(10) 21-30']);
    expect(order.waiting).toBe(false);
  });

  it('drops nothing behind a snapshot: what it holds was dropped before', () => {
    const order = settled('contiguous', 10n);
    order.joinAt(50n, null, false);
    expect(told(order.receive(message(11, 20)))).toEqual(['reset 11-20']);
  });
});
