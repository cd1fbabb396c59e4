/** The words of JSON Schema that docs/*.schema.json use; any other one is an error. */
interface Schema {
  readonly [word: string]: unknown;
}

type Check = (limit: never, value: unknown, schema: Schema) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const CHECKS: Readonly<Record<string, Check>> = {
  type: (name: string, value) => TYPES[name]!(value),
  const: (wanted: unknown, value) => value === wanted,
  enum: (wanted: readonly unknown[], value) => wanted.includes(value),
  pattern: (text: string, value) => new RegExp(text).test(value as string),
  minimum: (least: number, value) => (value as number) >= least,
  maximum: (most: number, value) => (value as number) <= most,
  required: (names: readonly string[], value) =>
    !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
};

const SILENT = new Set(['$schema', '$defs', 'title', 'description', 'properties', 'items', '$ref']);

/** Where `value` differs from the schema, as `/path: word`; empty when it is valid. */
export function schemaErrors(root: Schema, value: unknown): string[] {
  const visit = (schema: Schema, found: unknown, path: string): string[] => {
    if (typeof schema.$ref === 'string') {
      const definitions = root.$defs as Record<string, Schema>;
      return visit(definitions[schema.$ref.replace('#/$defs/', '')]!, found, path);
    }
    const errors: string[] = [];
    for (const [word, limit] of Object.entries(schema)) {
      if (SILENT.has(word)) continue;
      if (word === 'anyOf') {
        const ways = (limit as Schema[]).map((each) => visit(each, found, path));
        if (!ways.some((each) => each.length === 0)) errors.push(...ways[0]!);
      } else if (word === 'additionalProperties') {
        errors.push(...others(schema, limit as Schema | false, found, path));
      } else {
        const check = CHECKS[word];
        if (check === undefined) throw new Error(`the schema uses ${word}, which is not checked`);
        if (!check(limit as never, found, schema)) errors.push(`${path}: ${word}`);
      }
    }
    if (errors.length > 0) return errors;
    for (const [name, each] of Object.entries(
      (schema.properties ?? {}) as Record<string, Schema>,
    )) {
      errors.push(...visit(each, (found as Record<string, unknown>)[name], `${path}/${name}`));
    }
    if (Array.isArray(found) && schema.items !== undefined) {
      for (const [i, each] of found.entries()) {
        errors.push(...visit(schema.items as Schema, each, `${path}/${i}`));
      }
    }
    return errors;
  };
  const others = (schema: Schema, rule: Schema | false, found: unknown, path: string): string[] => {
    const known = Object.keys((schema.properties ?? {}) as object);
    const names = isObject(found) ? Object.keys(found).filter((name) => !known.includes(name)) : [];
    return names.flatMap((name) =>
      rule === false
        ? [`${path}/${name}: not in the schema`]
        : visit(rule, (found as Record<string, unknown>)[name], `${path}/${name}`),
    );
  };
  return visit(root, value, '');
}
