import { cpus, totalmem } from 'node:os';

/** How a pool of slots was used. */
export interface PoolFacts {
  readonly name: string;
  readonly slots: number;
  readonly inUseMax: number;
  readonly waits: number;
}

/** Cores, their model and the memory, as reports name them. */
export function machineText(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  return `${cpus().length} x ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}
