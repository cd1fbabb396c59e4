/**
 * Fields of one line of delimited text, quotes taken away: for headers and messages, no hot path.
 * @returns null where a quote is not closed, or something stands behind a closing quote
 */
export function splitLine(line: string, delimiter: string): string[] | null {
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at);
      fields.push(end < 0 ? line.slice(at) : line.slice(at, end));
      if (end < 0) return fields;
      at = end + 1;
      continue;
    }
    let field = '';
    for (at++; ; ) {
      const quote = line.indexOf('"', at);
      if (quote < 0) return null;
      field += line.slice(at, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
      at++;
    }
    fields.push(field);
    if (at === line.length) return fields;
    if (line[at] !== delimiter) return null;
    at++;
  }
}
