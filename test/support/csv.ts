/** Reads CSV as strictly as RFC 4180 writes it: CRLF behind every record, quotes only where they belong, as many fields everywhere. Throws where it is otherwise. */
export function readCsv(text: string): string[][] {
  const records: string[][] = [[]];
  let at = 0;
  const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
  while (at < text.length) {
    field.lastIndex = at;
    const [whole, quoted, plain] = field.exec(text)!;
    records.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (text.startsWith('\r\n', at)) {
      at += 2;
      records.push([]);
    } else if (text[at] === ',') at += 1;
    else throw new Error(`Neither a comma nor a line's end at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
  }
  if (records.pop()!.length > 0) throw new Error('The last record has no end.');
  for (const record of records)
    if (record.length !== records[0]!.length)
      throw new Error(`${record.length} fields instead of ${records[0]!.length}: ${JSON.stringify(record)}`);
  return records;
}
