/**
 * Writes bytes on stdout and waits until they are taken: what is not read yet does not pile up
 * here. A reader that goes away ends the process (process.ts).
 */
export async function printBytes(parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(part, (error) => (error ? reject(error) : resolve()));
    });
  }
}
