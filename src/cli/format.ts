/** 1234567 -> 1,234,567. */
export function formatCount(count: number | bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** 1_500_000 -> 1.5 MB; three digits that count, powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unitIndex = 0;
  while (value >= 999.5 && unitIndex < units.length - 1) {
    value /= 1000;
    unitIndex++;
  }
  const digits = unitIndex === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unitIndex]}`;
}

/** 12_345_678 -> 12.3 M. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond < 0) return '-';
  if (perSecond >= 999_500) return `${(perSecond / 1e6).toFixed(perSecond < 9.95e6 ? 2 : 1)} M`;
  return perSecond >= 999.5 ? `${(perSecond / 1e3).toFixed(0)} k` : perSecond.toFixed(0);
}

/** Seconds as a person reads them: 0.42 s, 12.3 s, 3m 05s, 2h 07m. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, '0')}m`;
}

/** int64 nanoseconds as 23h 53m 06s, 1m 05s, 1.234 s, 56.7 ms, 8.90 µs or 12 ns. */
export function formatDurationNs(durationNs: bigint): string {
  const ns = Number(durationNs);
  const size = Math.abs(ns);
  if (size >= 60e9) return `${ns < 0 ? '-' : ''}${formatLong(size / 1e9)}`;
  if (size >= 1e9) return `${(ns / 1e9).toFixed(3)} s`;
  if (size >= 1e6) return `${(ns / 1e6).toFixed(1)} ms`;
  return size >= 1e3 ? `${(ns / 1e3).toFixed(2)} µs` : `${ns} ns`;
}

/** A minute or more: 1m 05s, 23h 53m 06s. */
function formatLong(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (count: number): string => String(count).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m ${two(whole % 60)}s`;
}

/** Parts of a whole in percent; `-` of nothing. Never says 100 or 0 of what is not quite so. */
export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '-';
  const percent = (100 * part) / whole;
  const rounded = percent.toFixed(2);
  if (rounded === '100.00' && part !== whole) return '99.99';
  if (rounded === '0.00' && part !== 0) return '<0.01';
  return rounded;
}
