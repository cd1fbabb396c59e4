import type { Dialect, DialectFile, DialectInput, DialectSkip } from './dialect.js';
import { readMetadata } from './metadata.js';
import { INTEGER_TYPES, Schema } from './schema.js';
import { TRADE_ID_TYPES } from './trade-id-type.js';

const PIPS = ['int64'] as const;

/** depthmill's own tables, so that every output can be an input. The metadata says what they are. */
export const DEPTHMILL: Dialect = {
  name: 'depthmill',
  looksFor: 'depthmill: the metadata key depthmill.schema',
  recognise(input: DialectInput): DialectFile | DialectSkip | null {
    const metadata = readMetadata(input.path, input.footer.keyValue);
    if (metadata === null) return null;
    const { table } = metadata;
    if (table !== 'depth' && table !== 'trades') {
      return { kind: 'skip', reason: `the table ${table} is made by depthmill from depth` };
    }
    if (metadata.numbers !== 'pips') {
      const reason = `its numbers are plain (--numbers ${metadata.numbers}); pips are needed`;
      return { kind: 'skip', reason };
    }
    const schema = new Schema(input.path, input.footer);
    const sideName = table === 'depth' ? 'is_bid' : 'is_buy';
    schema.required(`depthmill's table ${table}`, [
      { names: ['ts_recv'], types: INTEGER_TYPES },
      { names: ['ts_event'], types: INTEGER_TYPES },
      { names: [sideName], types: ['bool'] },
      { names: ['price_pips'], types: PIPS },
      { names: ['qty_pips'], types: PIPS },
      { names: ['flags'], types: ['int32'] },
      ...(table === 'trades' ? [{ names: ['trade_id'], types: TRADE_ID_TYPES }] : []),
    ]);
    const id = (name: string): string | null =>
      schema.optional({ names: [name], types: PIPS })?.name ?? null;
    return {
      kind: 'file',
      table,
      exchange: metadata.exchange,
      symbol: metadata.symbol,
      dt: metadata.dt,
      rows: {
        tsRecv: { column: 'ts_recv', unitNs: 1 },
        tsEvent: { column: 'ts_event', unitNs: 1 },
        sequence: id('sequence'),
        sequenceFirst: id('sequence_first'),
        sequencePrev: id('sequence_prev'),
        side: { column: sideName, trueMeansBid: true },
        price: 'price_pips',
        qty: 'qty_pips',
        flags: 'flags',
        snapshot: null,
        orderType: null,
        symbol: null,
        exchange: null,
        tradeId: table === 'trades' ? 'trade_id' : null,
        pipsScale: { price: metadata.priceScale, qty: metadata.qtyScale },
      },
      levels: null,
      policy: input.policy ?? metadata.policy,
      messageKey: 'flags',
      isSettled: metadata.order === 'settled',
    };
  },
};
