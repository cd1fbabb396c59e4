import { formatInstantNs } from '../../units/instant.js';
import { toJson } from '../../units/json.js';
import { readFileFooter } from '../../worker/read-footer.js';
import { flagOf, textOf } from '../arguments.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { type FileFacts, fileFacts } from '../file-facts.js';
import { formatBytes, formatCount } from '../format.js';
import { oneLine } from '../one-line.js';
import { INPUT_OPTIONS, inputOptionsOf, JSON_OPTION } from '../options.js';
import { renderTable, type TableColumn } from '../table.js';
import { printLine, terminalWidth } from '../terminal.js';

const ROW_GROUPS_SHOWN_MAX = 10;

export const inspectCommand: Command = {
  name: 'inspect',
  describe: 'Show what a file is: dialect, schema, row groups, encodings, time span',
  positional: { name: 'file', describe: 'A file, Parquet or text', many: false },
  options: {
    dialect: INPUT_OPTIONS.dialect,
    map: INPUT_OPTIONS.map,
    json: JSON_OPTION,
  },
  examples: [
    ['inspect 1.snappy.parquet', 'Tables of columns and row groups'],
    ['inspect deltas.parquet --map price=px,qty=sz', 'Whether a mapping fits'],
    ['inspect trades.csv.gz', 'What the first pass over a text finds'],
    ['inspect 1.snappy.parquet --json', 'The same for machines'],
  ],
  async execute(args) {
    const path = textOf(args, 'file') ?? '';
    const hints = inputOptionsOf(args);
    const facts = fileFacts(path, await readFileFooter(path), hints);
    printLine(flagOf(args, 'json') ? toJson(facts, 2) : renderFacts(facts, terminalWidth()));
    return EXIT.done;
  },
};

function renderFacts(facts: FileFacts, width: number | null): string {
  const { recognised, time } = facts;
  const lines = [facts.path];
  if (recognised === null) lines.push(`  not used by depthmill: ${facts.unrecognised}`);
  else {
    const { dialect, table, exchange, symbol, dt, policy, message_key: key } = recognised;
    lines.push(
      `  dialect ${dialect}, table ${table}, ${exchange ?? 'exchanges by column'} ` +
        `${symbol ?? 'symbols by column'}${dt === null ? '' : `, day ${dt}`}`,
      `  policy ${policy}, messages by ${key}`,
    );
  }
  lines.push(
    `  ${formatCount(facts.rows)} rows in ${formatCount(facts.row_groups.length)} row groups` +
      `${rowGroupSizes(facts)}, ${formatBytes(facts.bytes)}, written by ` +
      `${facts.created_by ?? 'an unnamed program'}`,
    `  read by ${facts.read_path.reader}: ${facts.read_path.reason}`,
  );
  if (time !== null) {
    const { column, from, to } = time;
    lines.push(`  ${column} from ${formatInstantNs(from)} to ${formatInstantNs(to)}`);
  }
  const blocks = [
    lines.map(oneLine).join('\n'),
    renderColumns(facts, width),
    renderRowGroups(facts, width),
  ];
  const keyValue = Object.entries(facts.key_value).filter(([, value]) => value.length <= 200);
  if (keyValue.length > 0) {
    blocks.push(keyValue.map(([key, value]) => oneLine(`${key} = ${value}`)).join('\n'));
  }
  return blocks.join('\n\n');
}

function rowGroupSizes({ row_group_rows: sizes, row_groups: groups }: FileFacts): string {
  if (sizes === null || groups.length < 2) return '';
  const { min, median, max } = sizes;
  return ` of ${formatCount(min)} to ${formatCount(max)} (median ${formatCount(median)})`;
}

const COLUMN_TABLE: readonly TableColumn[] = [
  { header: 'column', align: 'left' },
  { header: 'declared', align: 'left' },
  { header: 'nulls', align: 'right' },
  { header: 'codec', align: 'left' },
  { header: 'encodings', align: 'left' },
  { header: 'B/row', align: 'right' },
  { header: 'min', align: 'right' },
  { header: 'max', align: 'right' },
];

function renderColumns(facts: FileFacts, width: number | null): string {
  const rows = facts.columns.map((column) => [
    column.name,
    column.type === 'other' ? `${column.declared} (not read)` : column.declared,
    column.nullable ? (column.nulls === null ? '?' : formatCount(column.nulls)) : 'REQUIRED',
    column.codecs.join(' '),
    column.encodings.join(' '),
    facts.rows > 0 ? (column.bytes / facts.rows).toFixed(2) : '-',
    column.min?.toString() ?? '-',
    column.max?.toString() ?? '-',
  ]);
  return renderTable(COLUMN_TABLE, rows, width);
}

const ROW_GROUP_TABLE: readonly TableColumn[] = [
  { header: 'row group', align: 'right' },
  { header: 'rows', align: 'right' },
  { header: 'bytes', align: 'right' },
];

function renderRowGroups(facts: FileFacts, width: number | null): string {
  const rows = facts.row_groups
    .slice(0, ROW_GROUPS_SHOWN_MAX)
    .map(({ rows, bytes }, index) => [String(index), formatCount(rows), formatCount(bytes)]);
  const more = facts.row_groups.length - rows.length;
  const table = renderTable(ROW_GROUP_TABLE, rows, width);
  return more > 0 ? `${table}\n… and ${formatCount(more)} more; --json has them all` : table;
}
