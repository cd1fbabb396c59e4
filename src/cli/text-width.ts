/**
 * Columns that a text takes. Stands in for `string-width` in the command (assembly/finish-build.mjs):
 * yargs lays out the help of every command that it runs, and asks for the width of every word of it;
 * with all of Unicode's rules that takes 70 ms. Our help is plain ASCII, which a test says.
 */
function textWidth(text: string): number {
  return text.length;
}

// The name by which a package's one export is taken.
export { textWidth as default };
