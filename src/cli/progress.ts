import type { Progress } from '../pipeline/options.js';
import { formatBytes, formatRate, formatSeconds } from './format.js';

const REDRAW_MS = 100;
const BAR_CELLS = 24;
const CLEAR_LINE = '\r\x1b[2K';
const PHASE_WORDS: Readonly<Record<Progress['phase'], string>> = {
  plan: 'reading footers',
  run: 'running',
  publish: 'publishing',
};

/** The line on stderr while a command works. Where stderr is no terminal it writes nothing. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Takes the line away; the next print starts on a clean one. */
  clear(): void;
}

export function startProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return {
    update(progress) {
      const nowMs = performance.now();
      if (!stream.isTTY || nowMs - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = nowMs;
      const text = renderProgress(progress, process.memoryUsage.rss());
      stream.write(CLEAR_LINE + text.slice(0, Math.max((stream.columns ?? 80) - 1, 1)));
    },
    clear() {
      if (stream.isTTY && drawnAtMs > Number.NEGATIVE_INFINITY) stream.write(CLEAR_LINE);
    },
  };
}

/** `[########----]  42 %  12.3 M events/s  98 MB/s  RSS 410 MB  ETA 3.2 s`. */
export function renderProgress(progress: Progress, rssBytes: number): string {
  if (progress.phase !== 'run' || progress.rowsTotal === 0) return PHASE_WORDS[progress.phase];
  const share = Math.min(progress.rowsDone / progress.rowsTotal, 1);
  const filled = Math.floor(share * BAR_CELLS);
  const seconds = progress.elapsedMs / 1000;
  const rowsPerSecond = seconds > 0 ? progress.rowsDone / seconds : 0;
  const bytesPerSecond = seconds > 0 ? progress.bytesDone / seconds : 0;
  const etaSeconds = (progress.rowsTotal - progress.rowsDone) / rowsPerSecond;
  return [
    `[${'#'.repeat(filled)}${'-'.repeat(BAR_CELLS - filled)}]`,
    `${Math.floor(share * 100)
      .toString()
      .padStart(3)} %`,
    `${formatRate(rowsPerSecond)} events/s`,
    `${formatBytes(bytesPerSecond)}/s`,
    `RSS ${formatBytes(rssBytes)}`,
    `ETA ${formatSeconds(etaSeconds)}`,
  ].join('  ');
}
