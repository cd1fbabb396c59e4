import type { MissingDays } from '../dialects/plan.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import type { OutputFolder } from '../io/file-output-folder.js';
import { outputPath } from '../pipeline/day-paths.js';
import type { RunOptions } from '../pipeline/options.js';
import {
  missingDayRow,
  type SidePart,
  type SideTable,
  type SideTableHost,
  sideRows,
  writeSideTable,
} from '../pipeline/side-tables.js';
import type { ClosedDay } from './close-days.js';

/** Writes the tables of few rows of a run, each under its name as soon as it is whole. */
export class SideFiles {
  readonly #host: SideTableHost;
  readonly #options: Pick<RunOptions, 'tables'>;

  constructor(
    folder: OutputFolder,
    memory: Pick<SideTableHost, 'core' | 'arena'>,
    options: Pick<RunOptions, 'tables' | 'numbers'>,
  ) {
    const openSink = (table: SideTable, of: InstrumentDay) =>
      folder.openSink(outputPath(table, of, 0));
    this.#host = { ...memory, numbers: options.numbers, openSink };
    this.#options = options;
  }

  async writeDay({ day, scales, result, report, silences }: ClosedDay): Promise<SidePart[]> {
    const parts: SidePart[] = [];
    for (const [table, rows] of sideRows(result, report, silences)) {
      if (!this.#wants(table)) continue;
      const part = await writeSideTable(this.#host, table, day, scales, rows);
      await part.sink.publish();
      parts.push(part);
    }
    return parts;
  }

  /** A line of the calendar for each day that is missing. */
  async writeMissingDays(
    missing: readonly MissingDays[],
    days: readonly { readonly day: InstrumentDay; readonly scales: Scales }[],
  ): Promise<{ readonly day: InstrumentDay; readonly part: SidePart }[]> {
    const written: { day: InstrumentDay; part: SidePart }[] = [];
    if (!this.#wants('calendar')) return written;
    for (const { exchange, symbol, days: missingDays } of missing) {
      const known = days.find(({ day }) => day.exchange === exchange && day.symbol === symbol);
      if (known === undefined) continue;
      for (const dt of missingDays) {
        const day = { ...known.day, dt };
        const rows = [missingDayRow()];
        const part = await writeSideTable(this.#host, 'calendar', day, known.scales, rows);
        await part.sink.publish();
        written.push({ day, part });
      }
    }
    return written;
  }

  #wants(table: SideTable): boolean {
    const { tables } = this.#options;
    return tables.length === 0 || tables.includes(table);
  }
}
