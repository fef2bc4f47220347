import { Streamed, type Write } from './streamed.js';

const byteOrderMark = '\uFEFF';

/** Texts that a spreadsheet would take for a formula; those for East Asia take the wide signs as well. */
const formula = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/**
 * A field of CSV as RFC 4180 writes it; a text that begins like a formula is led by an apostrophe, so that it stays text.
 * Signs that some spreadsheets part fields at are quoted too, or what stands behind one would begin a field.
 */
export function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' && formula.test(value) ? `'${value}` : String(value);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const line = (fields: readonly unknown[]): string => `${fields.map(csvField).join(',')}\r\n`;

/** Writes rows as a CSV file with a byte order mark; `columns` are headings with the fields they show. */
export function csv(
  filename: string,
  columns: ReadonlyArray<readonly [heading: string, field: string]>,
  contentType = 'text/csv; charset=utf-8',
): Write {
  const headings = byteOrderMark + line(columns.map(([heading]) => heading));
  const lineOf = (row: unknown): string => line(columns.map(([, field]) => (row as Record<string, unknown>)[field]));
  return (portions) =>
    new Streamed(
      { 'Content-Type': contentType, 'Content-Disposition': `attachment; filename=${filename}` },
      (async function* () {
        yield headings;
        for await (const rows of portions) if (rows.length > 0) yield rows.map(lineOf).join('');
      })(),
    );
}
