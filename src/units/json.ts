/** Turns int64 (bigint) into decimal strings, as JSON of depthmill has them; maps into objects. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (typeof item === 'bigint') return item.toString();
      if (item instanceof Map) return Object.fromEntries(item);
      return item;
    },
    indent,
  );
}
