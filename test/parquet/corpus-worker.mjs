// Reads files that may be damaged in any way, on a thread of its own: whatever happens here, the
// test that started it goes on. Plain JavaScript, because worker threads load no TypeScript.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { chunkOf } from '#src/parquet/footer-chunks.js';
import { openWasmRowGroupReader } from '#src/parquet/wasm-reader.js';

const { module, files, damages } = workerData;

/** Rows that a column has, or the code of the error; what is no PipelineError is told in full. */
async function outcomeOf(reader, rowGroupIndexes, column) {
  let rows = 0;
  try {
    await reader.readRowGroups(rowGroupIndexes, [column], (_columns, rowCount) => {
      rows += rowCount;
    });
    return rows;
  } catch (error) {
    return codeOf(error);
  }
}

const codeOf = (error) =>
  error instanceof PipelineError ? error.code : `escaped: ${error?.stack ?? error}`;

/** Changes a few bytes of one chunk, half of them near its start, where the page header is. */
function damaged(bytes, { offset, byteLength }, changes) {
  const copy = bytes.slice();
  for (const { nearStart, place, value } of changes) {
    const range = nearStart ? Math.min(64, byteLength) : byteLength;
    copy[offset + Math.floor(place * range)] = value;
  }
  return copy;
}

async function damagedOutcomes(path, bytes, footer) {
  const outcomes = [];
  const flat = footer.columns.flatMap(({ type }, index) => (type === 'other' ? [] : [index]));
  if (flat.length === 0 || footer.rowCount === 0) return outcomes;
  for (const { pick, changes } of damages) {
    const rowGroup = Math.floor(pick * footer.rowGroupRows.length);
    const columnIndex = flat[Math.floor(pick * 7919) % flat.length];
    const rowCount = footer.rowGroupRows[rowGroup];
    if (rowCount === 0) continue;
    const copy = damaged(bytes, chunkOf(footer, rowGroup, columnIndex), changes);
    const reader = await openWasmRowGroupReader(memorySource(path, copy), { module, footer });
    const found = await outcomeOf(reader, [rowGroup], footer.columns[columnIndex].name);
    outcomes.push({ expected: rowCount, found });
  }
  return outcomes;
}

for (const path of files) {
  parentPort.postMessage({ path, begin: true });
  const bytes = new Uint8Array(readFileSync(path));
  try {
    const footer = await readFooter(memorySource(path, bytes));
    const reader = await openWasmRowGroupReader(memorySource(path, bytes), { module, footer });
    const all = [...footer.rowGroupRows.keys()];
    const columns = [];
    for (const { name, type } of footer.columns) {
      if (type === 'other') continue;
      columns.push({ name, outcome: await outcomeOf(reader, all, name) });
    }
    const damagedReads = await damagedOutcomes(path, bytes, footer);
    parentPort.postMessage({ path, rowCount: footer.rowCount, columns, damagedReads });
  } catch (error) {
    parentPort.postMessage({ path, footerError: codeOf(error) });
  }
}
parentPort.close();
