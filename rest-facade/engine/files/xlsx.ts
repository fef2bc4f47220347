import { PassThrough } from 'node:stream';
import type ExcelJS from 'exceljs';
import { Streamed, type Write } from './streamed.js';

/** A column of a sheet. */
export interface Column {
  heading: string;
  /** the row's member that it shows */
  field: string;
  /** in characters */
  width: number;
  /** text unless told; days and instants become Excel's own dates, instants as UTC */
  type?: 'number' | 'amount' | 'day' | 'instant';
}

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const numberFormats = { number: 'General', amount: '#,##0.00', day: 'yyyy-mm-dd', instant: 'yyyy-mm-dd hh:mm:ss' };

/** Most rows that Excel opens, without the row of headings. */
const maxRows = 1_048_575;

/** How much of the file may be made ahead of its reader, in bytes. */
const ahead = 1 << 20;

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
  sheetName: string,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array> {
  const out = new PassThrough({ highWaterMark: ahead });
  // it is large, and most processes never write a workbook
  const { default: excel } = await import('exceljs');
  const writer = new excel.stream.xlsx.WorkbookWriter({ stream: out, useStyles: true, useSharedStrings: false });
  try {
    let sheet = sheetOf(writer, sheetName, columns);
    let count = 0;
    for await (const rows of portions) {
      for (const row of rows) {
        if (count > 0 && count % maxRows === 0) {
          sheet.commit();
          sheet = sheetOf(writer, `${sheetName} ${count / maxRows + 1}`, columns);
        }
        sheet.addRow(columns.map((column) => cellOf(column, row as Record<string, unknown>))).commit();
        count += 1;
      }
      yield* made(out);
    }
    sheet.commit();
    const finished = writer.commit();
    // a failure is told below, when everything that was made has been taken
    finished.catch((error: unknown) => out.destroy(error as Error));
    for await (const chunk of out) yield chunk as Uint8Array;
    await finished;
  } finally {
    out.destroy();
  }
}

function sheetOf(
  writer: ExcelJS.stream.xlsx.WorkbookWriter,
  name: string,
  columns: readonly Column[],
): ExcelJS.Worksheet {
  const sheet = writer.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(({ heading, width, type }) => ({
    header: heading,
    width,
    ...(type && { style: { numFmt: numberFormats[type] } }),
  }));
  return sheet;
}

/** What of the file has been made by now. */
function* made(out: PassThrough): Generator<Uint8Array> {
  for (let chunk = out.read() as Uint8Array | null; chunk !== null; chunk = out.read() as Uint8Array | null)
    yield chunk;
}

function cellOf({ field, type }: Column, row: Record<string, unknown>): ExcelJS.CellValue {
  const value = row[field];
  if (value === null || value === undefined) return null;
  return type === 'day' || type === 'instant' ? new Date(value as string) : (value as ExcelJS.CellValue);
}
