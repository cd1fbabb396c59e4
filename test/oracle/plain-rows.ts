// Plain twin of assembly/plain-rows.ts, one row at a time.
import { doublePips } from './scale.js';

export interface PlainRow {
  readonly recvNs: bigint;
  readonly eventNs: bigint;
  readonly price: number;
  readonly qty: number;
}

/** Pips of both numbers; null: something about the row is in doubt. */
export function plainRow(
  { recvNs, eventNs, price, qty }: PlainRow,
  scales: { readonly price: number; readonly qty: number },
): { readonly pricePips: bigint; readonly qtyPips: bigint } | null {
  const [least, limit] = [10n ** 18n, 2n ** 51n];
  if (recvNs < least || eventNs < least) return null;
  if (!(price >= 0) || !(qty >= 0) || Object.is(price, -0) || Object.is(qty, -0)) return null;
  const pricePips = doublePips(price, scales.price);
  const qtyPips = doublePips(qty, scales.qty);
  if (pricePips === null || pricePips >= limit) return null;
  if (qtyPips === null || qtyPips >= limit) return null;
  return { pricePips, qtyPips };
}
