/** JSON that goes out as it is. */
export class Text {
  constructor(readonly json: string) {}
}

/** A body as JSON. */
export const jsonOf = (body: unknown): string => (body instanceof Text ? body.json : JSON.stringify(body));

/** The JSON of a body that is, or has as one of its members, a value whose JSON is known: that is not made again. */
export function jsonAround(body: unknown, value: unknown, json: string): string {
  if (body === value) return json;
  if (!isPlainObject(body)) return JSON.stringify(body);
  const members: string[] = [];
  for (const [name, member] of Object.entries(body)) {
    const text = member === value ? json : (JSON.stringify(member) as string | undefined);
    if (text !== undefined) members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

const isPlainObject = (value: unknown): value is object => value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
