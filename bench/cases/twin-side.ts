/** Plain twin: sorted arrays of prices and quantities, best first. */
export class TwinSide {
  readonly prices: bigint[] = [];
  readonly qtys: bigint[] = [];
  readonly #sign: number;

  constructor(isBid: boolean) {
    this.#sign = isBid ? 1 : -1;
  }

  set(price: bigint, qty: bigint): void {
    let low = 0;
    let high = this.prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isBetter =
        this.#sign === 1 ? this.prices[middle]! > price : this.prices[middle]! < price;
      if (isBetter) low = middle + 1;
      else high = middle;
    }
    const isThere = this.prices[low] === price;
    if (qty === 0n) {
      if (!isThere) return;
      this.prices.splice(low, 1);
      this.qtys.splice(low, 1);
    } else if (isThere) {
      this.qtys[low] = qty;
    } else {
      this.prices.splice(low, 0, price);
      this.qtys.splice(low, 0, qty);
    }
  }
}
