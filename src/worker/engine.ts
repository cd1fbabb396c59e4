import { setFlagsFromString } from 'node:v8';

/**
 * Units of code that V8 runs in a function before it compiles it anew with its best compiler; its own
 * default is 132 KB.
 */
const INTERRUPT_BUDGET = 1_000_000;

/**
 * What V8 lets a heap grow by, in percent of what is alive, before it collects garbage again; by
 * itself it lets one of this size grow to two to four times that.
 */
const HEAP_GROWTH_PERCENT = 20;
/** Instruments' days of a run from which on that counts. */
const DAYS_MANY = 100;

/** V8's major versions that know the flags and for which the gain was measured: Node 20 has 11. */
const MEASURED_V8 = /^11\./;

/** Of threads of a command: how many still load their code. */
export type LoadCount = Int32Array<SharedArrayBuffer>;

/** Counts the thread that makes it; startThreadsEarly adds others. */
export function newLoadCount(): LoadCount {
  const count = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  count[0] = 1;
  return count;
}

/**
 * Says that a thread has loaded its code. With the last of them V8's flag is set, and not before: V8
 * takes no bytecode that was made under other flags, neither that of our programs nor that which Node
 * has of its own modules, and compiles them instead: 37 ms of processor time for a run.
 */
export function noteLoaded(count: LoadCount): void {
  if (Atomics.sub(count, 0, 1) === 1) delayOptimisation();
}

/**
 * Lets V8 compile TypeScript later. The kernels do the work, so most of what is hot around them
 * for a second is cold after it; compiling it costs more than it gives. The host and each worker
 * compile for themselves, on processors that the workers need: 0.5 s of 3.5 s for 40 M events.
 * Long runs compile the same functions, a little later.
 *
 * For the process of the command only: the flag is V8's, and so a library has no say in it.
 */
export function delayOptimisation(): void {
  if (!MEASURED_V8.test(process.versions.v8)) return;
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}

/**
 * Lets V8 collect garbage sooner in a run of many days. What a day leaves behind has lived as long as
 * the day, so that V8 takes it for old, and leaves 37 KB of it lying for each: 73 of 329 MB for 2,000
 * days. Few objects are alive, so it takes no time that shows; a run of a few days has no need of it.
 *
 * For the process of the command only, as delayOptimisation.
 * @param dayCount of the run; may be said again
 */
export function collectSooner(dayCount: number): void {
  if (dayCount < DAYS_MANY || !MEASURED_V8.test(process.versions.v8)) return;
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}
