/** The header of a text frame of a server (RFC 6455): final, not masked. */
function header(bytes: number): Buffer {
  if (bytes < 126) return Buffer.from([0x81, bytes]);
  const long = bytes >= 65_536;
  const made = Buffer.alloc(long ? 10 : 4);
  made[0] = 0x81;
  made[1] = long ? 127 : 126;
  if (long) made.writeUIntBE(bytes, 4, 6);
  else made.writeUInt16BE(bytes, 2);
  return made;
}

/** Frames with room for an operation's id. */
interface Template {
  bytes: Buffer;
  /** where the id goes, in each frame */
  places: number[];
}

const before = Buffer.from('{"id":');
const between = Buffer.from(',"type":"next","payload":');
const behind = Buffer.from('}');

/**
 * The same results for many operations, as the bytes of graphql-transport-ws messages. Operations differ only in their
 * ids: whatever is the same for all is put together once for each length of an id, and ids that are equal share the bytes.
 */
export class Frames {
  private readonly payloads: readonly Buffer[];
  private readonly templates = new Map<number, Template>();
  private readonly made = new Map<string, Buffer>();

  constructor(payloads: readonly string[]) {
    this.payloads = payloads.map((text) => Buffer.from(text));
  }

  /** The frames for an operation, whose id is given as JSON. */
  of(id: string): Buffer {
    const known = this.made.get(id);
    if (known) return known;
    const own = Buffer.from(id);
    const { bytes, places } = this.template(own.length);
    const made = Buffer.from(bytes);
    for (const place of places) own.copy(made, place);
    this.made.set(id, made);
    return made;
  }

  private template(idLength: number): Template {
    const known = this.templates.get(idLength);
    if (known) return known;
    const parts: Buffer[] = [];
    const places: number[] = [];
    let length = 0;
    const add = (part: Buffer): void => {
      parts.push(part);
      length += part.length;
    };
    for (const payload of this.payloads) {
      add(header(before.length + idLength + between.length + payload.length + behind.length));
      add(before);
      places.push(length);
      add(Buffer.alloc(idLength));
      add(between);
      add(payload);
      add(behind);
    }
    const made = { bytes: Buffer.concat(parts, length), places };
    this.templates.set(idLength, made);
    return made;
  }
}
