import { shownIn } from '../times.js';
import { Streamed, type Write } from './streamed.js';
import type { Column } from './xlsx.js';

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

/** A column of a CSV file. */
export type CsvColumn = Pick<Column, 'heading' | 'field' | 'type'>;

/** Writes rows as a CSV file with a byte order mark. Instants are written as the tenant's clocks show them, with their offset from UTC. */
export function csv(filename: string, columns: readonly CsvColumn[], contentType = 'text/csv; charset=utf-8'): Write {
  const headings = byteOrderMark + line(columns.map(({ heading }) => heading));
  return (portions, { ctx }) => {
    const { timeZone } = ctx.tenant;
    const cellOf = ({ field, type }: CsvColumn, row: Record<string, unknown>): unknown =>
      type === 'instant' && row[field] ? shownIn(timeZone, row[field]) : row[field];
    const lineOf = (row: unknown): string =>
      line(columns.map((column) => cellOf(column, row as Record<string, unknown>)));
    return new Streamed(
      { 'Content-Type': contentType, 'Content-Disposition': `attachment; filename=${filename}` },
      (async function* () {
        yield headings;
        for await (const rows of portions) if (rows.length > 0) yield rows.map(lineOf).join('');
      })(),
    );
  };
}
