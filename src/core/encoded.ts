import { nextMoment } from './turns.js';

/** How many characters are encoded at once: a fraction of a millisecond. */
const pieceLength = 65_536;

/** Characters that need the next one to mean something: a pair of them is not taken apart. */
const isHighSurrogate = (code: number): boolean => (code & 0xfc00) === 0xd800;

/** Whether a text is encoded in several pieces. */
export const isLong = (text: string): boolean => text.length > pieceLength;

/**
 * A text in UTF-8. One that is long is encoded piece by piece, between which everything else that is due gets on; then it
 * is a promise.
 */
export function encoded(text: string): Buffer | Promise<Buffer> {
  return isLong(text) ? pieceByPiece(text) : Buffer.from(text);
}

async function pieceByPiece(text: string): Promise<Buffer> {
  const pieces: string[] = [];
  let size = 0;
  for (let from = 0; from < text.length;) {
    let to = from + pieceLength;
    if (isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    const piece = text.slice(from, to);
    pieces.push(piece);
    size += Buffer.byteLength(piece);
    from = to;
  }
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const piece of pieces) {
    at += bytes.write(piece, at);
    await nextMoment();
  }
  return bytes;
}
