import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { ParquetError } from '#src/errors/errors.js';
import { RpcPeer } from '#src/worker/rpc.js';

const open: MessageChannel[] = [];
afterEach(() => {
  for (const { port1 } of open.splice(0)) port1.close();
});

function pair(handlers: Record<string, (argument: never) => unknown>): RpcPeer {
  const channel = new MessageChannel();
  open.push(channel);
  new RpcPeer(channel.port2, handlers);
  return new RpcPeer(channel.port1, {});
}

describe('RpcPeer', () => {
  it('answers each call with its own result, in whatever order they end', async () => {
    const waits = new Map<number, () => void>();
    const peer = pair({
      wait: (n: number) => new Promise((resolve) => waits.set(n, () => resolve(n * 2))),
    });
    const calls = [1, 2, 3].map((n) => peer.call<number>('wait', n));
    while (waits.size < 3) await new Promise((resolve) => setImmediate(resolve));
    for (const n of [3, 1, 2]) waits.get(n)!();
    expect(await Promise.all(calls)).toEqual([2, 4, 6]);
  });

  it('keeps the class, code and details of an error', async () => {
    const details = { file: 'x.parquet', row: 7n };
    const peer = pair({
      fail: () => {
        throw new ParquetError('ERR_PARQUET_CORRUPT', 'page 3 is corrupt', { details });
      },
    });
    const error = await peer.call('fail', null).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ParquetError);
    expect(error).toMatchObject({ name: 'ParquetError', code: 'ERR_PARQUET_CORRUPT', details });
  });

  it('fails open and later calls when the other side is gone', async () => {
    const peer = pair({ never: () => new Promise(() => undefined) });
    const call = peer.call('never', null);
    peer.fail(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    await expect(peer.call('never', null)).rejects.toThrow('gone');
  });
});
