import type { Progress } from '../pipeline/options.js';
import { collectSooner } from '../worker/engine.js';
import type { ProgressLine } from './progress.js';

/** What a command does while it runs: it draws the line, and minds the memory of many days. */
export function onRunProgress(line: ProgressLine): (progress: Progress) => void {
  let isFirst = true;
  return (progress) => {
    if (isFirst) collectSooner(progress.instrumentsTotal);
    isFirst = false;
    line.update(progress);
  };
}
