/**
 * File patterns as shells have them: `*` and `?` within one name, `**` over folders, `[a-z]`,
 * `[!a-z]` and `{a,b}`. A name that starts with a dot is matched by no pattern (file-discover.ts
 * never offers one).
 */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/**
 * The folder in which the search for a pattern starts (all parts before the first special one, as
 * `/` separated text, `` for the working folder), and the parts that follow.
 */
export function splitGlob(pattern: string): { base: string; rest: string } {
  const parts = pattern.split('/');
  const first = parts.findIndex(isGlob);
  const baseParts = parts.slice(0, first);
  const base = baseParts.length === 1 && baseParts[0] === '' ? '/' : baseParts.join('/');
  return { base, rest: parts.slice(first).join('/') };
}

/** A regular expression that matches the whole of a `/` separated path as the pattern says. */
export function globToRegExp(pattern: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (pattern.startsWith('**/', at)) {
      source += '(?:[^/]+/)*';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      source += '.*';
      at += 1;
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[' && pattern.indexOf(']', at + 2) > 0) {
      const end = pattern.indexOf(']', at + 2);
      source += characterSet(pattern.slice(at + 1, end));
      at = end;
    } else if (char === '{' && pattern.indexOf('}', at) > 0) {
      source += '(?:';
      braces++;
    } else if (char === '}' && braces > 0) {
      source += ')';
      braces--;
    } else if (char === ',' && braces > 0) source += '|';
    else source += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'u');
}

function characterSet(inside: string): string {
  const negated = inside.startsWith('!') || inside.startsWith('^');
  const members = (negated ? inside.slice(1) : inside).replace(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}
