import { Streamed, type Write } from './streamed.js';

/** Writes rows as a JSON array, one on each line. */
export const jsonFile =
  (filename: string): Write =>
  (portions) =>
    new Streamed(
      { 'Content-Type': 'application/json; charset=utf-8', 'Content-Disposition': `attachment; filename=${filename}` },
      (async function* () {
        let before = '[\n';
        for await (const rows of portions) {
          if (rows.length === 0) continue;
          yield before + rows.map((row) => JSON.stringify(row)).join(',\n');
          before = ',\n';
        }
        yield before === '[\n' ? '[]\n' : '\n]\n';
      })(),
    );
