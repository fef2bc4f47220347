import { strFromU8, unzipSync } from 'fflate';
import readWorkbook from 'read-excel-file/node';

/** A sheet of a workbook. */
export interface Sheet {
  name: string;
  /** values of the cells by row: texts, numbers, truths, dates, null where a cell is empty */
  rows: unknown[][];
  /** width of each column in characters */
  widths: number[];
  /** how the cells of the row below the headings are to be shown; null where nothing is said */
  formats: Array<string | null>;
}

/** The sheets of a workbook, read by another library than the one that the server writes them with. */
export async function sheetsOf(answer: Response): Promise<Sheet[]> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  const sheets = await readWorkbook(bytes, { trim: false });
  const parts = unzipSync(bytes);
  const styles = formatsOf(strFromU8(parts['xl/styles.xml']!));
  return sheets.map(({ sheet, data }, index) => {
    const xml = strFromU8(parts[`xl/worksheets/sheet${index + 1}.xml`]!);
    const [, second = ''] = /<row r="2"[^>]*>(.*?)<\/row>/s.exec(xml) ?? [];
    const cells = [...second.matchAll(/<c [^>]*>/g)].map(([cell]) => cell);
    return {
      name: sheet,
      rows: data,
      widths: [...xml.matchAll(/<col [^>]*\bwidth="([\d.]+)"/g)].map(([, width]) => Number(width)),
      formats: (data[0] ?? []).map((_, column) => {
        const style = cells
          .map((cell) => /r="([A-Z]+)2".*?(?:\bs="(\d+)")?\/?>/.exec(cell)!)
          .find(([, at]) => at === letters(column))?.[2];
        return style === undefined ? null : (styles[Number(style)] ?? null);
      }),
    };
  });
}

const letters = (column: number): string =>
  (column < 26 ? '' : letters(Math.floor(column / 26) - 1)) + String.fromCharCode(65 + (column % 26));

/** The number format of each style of cells. */
function formatsOf(xml: string): Array<string | undefined> {
  const known = new Map(
    [...xml.matchAll(/<numFmt [^>]*\bnumFmtId="(\d+)"[^>]*\bformatCode="([^"]*)"/g)].map(([, id, code]) => [id, code]),
  );
  const [, cells = ''] = /<cellXfs[^>]*>(.*?)<\/cellXfs>/s.exec(xml) ?? [];
  return [...cells.matchAll(/<xf [^>]*\bnumFmtId="(\d+)"/g)].map(([, id]) => known.get(id));
}
