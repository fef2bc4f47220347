import type { CellValue } from 'hucre/xlsx';
import { sheetTime, shownIn } from '../times.js';
import { Streamed, type Write } from './streamed.js';

/** A column of a sheet. */
export interface Column {
  heading: string;
  /** the row's field that it shows */
  field: string;
  /** in characters */
  width: number;
  /** text by default; days and instants become Excel's own dates, instants as the tenant's clocks show them */
  type?: 'number' | 'amount' | 'day' | 'instant';
}

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const numberFormats = { number: 'General', amount: '#,##0.00', day: 'yyyy-mm-dd', instant: 'yyyy-mm-dd hh:mm:ss' };

/** Writes rows as an Excel workbook, while they are read; headings of instants name the tenant's time zone. What does not fit on one sheet goes on with the next. */
export function xlsx(filename: string, sheetName: string, columns: readonly Column[]): Write {
  return (portions, { ctx }) =>
    new Streamed(
      { 'Content-Type': xlsxType, 'Content-Disposition': `attachment; filename=${filename}` },
      workbook(portions, sheetName, columns, ctx.tenant.timeZone),
    );
}

async function* workbook(
  portions: AsyncIterable<unknown[]>,
  name: string,
  columns: readonly Column[],
  timeZone: string,
): AsyncGenerator<Uint8Array> {
  // most processes never write a workbook
  const { writeXlsxStream } = await import('hucre/xlsx');
  yield* writeXlsxStream(rowsOf(portions, columns, timeZone), {
    name,
    columns: columns.map(({ heading, width, type }) => ({
      // sheets know no time zones: the headings say it
      header: type === 'instant' ? `${heading} (${timeZone})` : heading,
      width,
      ...(type && { numFmt: numberFormats[type] }),
    })),
    freezePane: { rows: 1 },
  });
}

async function* rowsOf(
  portions: AsyncIterable<unknown[]>,
  columns: readonly Column[],
  timeZone: string,
): AsyncGenerator<CellValue[]> {
  for await (const rows of portions)
    for (const row of rows) yield columns.map((column) => cellOf(column, row as Record<string, unknown>, timeZone));
}

/** Before this day Excel has another calendar, which knows a 29 February 1900, or none: what is earlier is written as text. */
const firstDate = Date.parse('1900-03-01T00:00:00Z');

function cellOf({ field, type }: Column, row: Record<string, unknown>, timeZone: string): CellValue {
  const value = row[field];
  if (value === null || value === undefined) return null;
  if (type === 'day' || type === 'instant') {
    const date = type === 'day' ? new Date(value as string) : sheetTime(timeZone, value as string);
    return date.getTime() >= firstDate ? date : String(type === 'day' ? value : shownIn(timeZone, value));
  }
  return typeof value === 'string' ? writable(value) : (value as CellValue);
}

/** Characters that XML cannot hold, and half characters. */
const unwritable = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu;

/** A text as a workbook can hold it; `_x0041_` would be read as the character with that number. */
const writable = (text: string): string => text.replace(unwritable, '').replace(/_(?=x[\da-f]{4}_)/gi, '_x005F_');
