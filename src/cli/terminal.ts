/** Columns of the terminal behind stdout; null where stdout is no terminal. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY ? (process.stdout.columns ?? null) : null;
}

/** Prints a text and a newline on stdout. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Whether stdout shows colours: a terminal does, unless its user said NO_COLOR. */
export function showsColour(): boolean {
  return process.stdout.isTTY && !process.env.NO_COLOR;
}
