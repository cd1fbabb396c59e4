/** Columns of the terminal behind stdout; null where stdout is no terminal. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY ? (process.stdout.columns ?? null) : null;
}

/** Prints a text and a newline on stdout. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** int64 as decimal strings: a JSON number would lose digits beyond 2^53. Maps become objects. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (typeof item === 'bigint') return item.toString();
      return item instanceof Map ? Object.fromEntries(item) : item;
    },
    2,
  );
}
