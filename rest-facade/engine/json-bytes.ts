/** JSON that goes out as it is, in the bytes that are sent: they are digested, counted and written as they are. */
export class Json {
  constructor(readonly bytes: Buffer) {}
}

/** A body as JSON. */
export const jsonOf = (body: unknown): Json =>
  body instanceof Json ? body : new Json(Buffer.from(JSON.stringify(body)));

/** The JSON of a body that is, or has as one of its fields, a value whose JSON is known: that is not made again. */
export function jsonAround(body: unknown, value: unknown, known: Json): Json {
  if (body === value) return known;
  if (!isPlainObject(body)) return jsonOf(body);
  const parts: Buffer[] = [];
  let text = '{';
  let comma = '';
  for (const [name, field] of Object.entries(body)) {
    const isKnown = field === value;
    const own = isKnown ? '' : (JSON.stringify(field) as string | undefined);
    if (own === undefined) continue;
    text += `${comma}${JSON.stringify(name)}:${own}`;
    comma = ',';
    if (!isKnown) continue;
    parts.push(Buffer.from(text), known.bytes);
    text = '';
  }
  return new Json(Buffer.concat([...parts, Buffer.from(`${text}}`)]));
}

const isPlainObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
