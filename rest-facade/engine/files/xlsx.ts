import type { CellValue } from 'hucre/xlsx';
import { Streamed, type Write } from './streamed.js';

/** A column of a sheet. */
export interface Column {
  heading: string;
  /** the row's field that it shows */
  field: string;
  /** in characters */
  width: number;
  /** text by default; days and instants become Excel's own dates, instants as UTC */
  type?: 'number' | 'amount' | 'day' | 'instant';
}

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const numberFormats = { number: 'General', amount: '#,##0.00', day: 'yyyy-mm-dd', instant: 'yyyy-mm-dd hh:mm:ss' };

/** Writes rows as an Excel workbook, while they are read; what does not fit on one sheet goes on with the next. */
export function xlsx(filename: string, sheetName: string, columns: readonly Column[]): Write {
  return (portions) =>
    new Streamed(
      { 'Content-Type': xlsxType, 'Content-Disposition': `attachment; filename=${filename}` },
      workbook(portions, sheetName, columns),
    );
}

async function* workbook(
  portions: AsyncIterable<unknown[]>,
  name: string,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array> {
  // most processes never write a workbook
  const { writeXlsxStream } = await import('hucre/xlsx');
  yield* writeXlsxStream(rowsOf(portions, columns), {
    name,
    columns: columns.map(({ heading, width, type }) => ({
      header: heading,
      width,
      ...(type && { numFmt: numberFormats[type] }),
    })),
    freezePane: { rows: 1 },
  });
}

async function* rowsOf(portions: AsyncIterable<unknown[]>, columns: readonly Column[]): AsyncGenerator<CellValue[]> {
  for await (const rows of portions)
    for (const row of rows) yield columns.map((column) => cellOf(column, row as Record<string, unknown>));
}

function cellOf({ field, type }: Column, row: Record<string, unknown>): CellValue {
  const value = row[field];
  if (value === null || value === undefined) return null;
  if (type === 'day' || type === 'instant') return new Date(value as string);
  return typeof value === 'string' ? writable(value) : (value as CellValue);
}

/** Characters that XML cannot hold, and half characters. */
const unwritable = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu;

/** A text as a workbook can hold it; `_x0041_` would be read as the character with that number. */
const writable = (text: string): string => text.replace(unwritable, '').replace(/_(?=x[\da-f]{4}_)/gi, '_x005F_');
