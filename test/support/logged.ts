import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

// What no log may hold. A server prints tokens for its developer outside production; those lines are no log lines.

const patterns = [
  /eyJ[\w-]+\.[\w-]+\.[\w-]+/,
  /bearer\s+(?!\*\*\*)[^\s"\\]+/i,
  /whsec_[\w+/=-]{8,}/,
  /crm_\w{60,}/,
  // the mobile numbers of the tests, and others that stand alone
  /13800138000|(?<=["\s:=(+])(?:86)?1[3-9]\d{9}(?=["\s,.;)])/,
];

/** The first of a file's log lines that hold a credential, a whole phone number, or one of these texts; and how many lines there are. */
export async function secretsIn(
  path: string,
  texts: readonly string[] = [],
): Promise<{ lines: number; found: string[] }> {
  const found: string[] = [];
  let lines = 0;
  if (!existsSync(path)) return { lines, found };
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.startsWith('{')) continue;
    lines += 1;
    if (
      found.length < 5 &&
      (patterns.some((pattern) => pattern.test(line)) || texts.some((text) => line.includes(text)))
    )
      found.push(line.slice(0, 2_000));
  }
  return { lines, found };
}
