import { strFromU8, unzipSync } from 'fflate';
import { address } from '../support/http.js';
import type { Actor } from '../support/tenant.js';
import type { Cell } from './reads.js';

/** What was answered to a cell, as a text that is the same for the same answer. */
export type Answers = Map<Cell, string>;

/** How many cells of the graph are asked for in one operation, and how many requests are under way at once. */
const together = 8;
const atOnce = 8;

const isGraph = (cell: Cell): cell is Cell & { graph: string } => 'graph' in cell;

/** An answer without what is of its request alone, its cursors in the open beside it. */
function comparable(text: string): string {
  const cursors = [...text.matchAll(/"(?:cursor|startCursor|endCursor)":"([^"]+)"/g)].map(([, cursor]) =>
    Buffer.from(cursor!, 'base64url').toString('utf8'),
  );
  // a change of the pipeline ends with the request, unless it is given an end
  return [text.replace(/"(timestamp|trace_id|requestId)":"[^"]*"|(?<="until":\{)"at":"[^"]*"/g, ''), ...cursors].join(
    '\n',
  );
}

async function request(
  by: Actor,
  server: string,
  path: string,
  headers: Record<string, string>,
  query?: string,
  tries = 5,
): Promise<{ head: string; text: string }> {
  const response = await fetch(server + path, {
    method: query === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${by.token}`,
      'accept-language': 'en',
      'content-type': 'application/json',
      ...headers,
    },
    redirect: 'manual',
    ...(query !== undefined && { body: JSON.stringify({ query }) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isWorkbook = (response.headers.get('content-type') ?? '').includes('spreadsheet');
  const text = isWorkbook
    ? Object.entries(unzipSync(bytes))
        .filter(([name]) => !name.startsWith('docProps'))
        .map(([name, part]) => `${name}\n${strFromU8(part)}`)
        .join('\n')
    : new TextDecoder().decode(bytes);
  // what passes by waiting, on a machine that is busy
  if (tries > 0 && (response.status === 503 || text.includes('"status":503')))
    return request(by, server, path, headers, query, tries - 1);
  return { head: `${response.status} ${response.headers.get('etag') ?? ''}`, text };
}

async function graph(
  by: Actor,
  server: string,
  cells: ReadonlyArray<Cell & { graph: string }>,
  headers: Record<string, string>,
  answers: Answers,
): Promise<void> {
  // a name of its own for each root field, behind which its arguments and its selection follow
  const query = `{ ${cells.map(({ graph: selection }, index) => `c${index}: ${selection}`).join(' ')} }`;
  const { text } = await request(by, server, '/graphql', headers, query);
  const { data, errors = [] } = JSON.parse(text) as {
    data?: Record<string, unknown> | null;
    errors?: Array<{ message: string; extensions?: object; path?: Array<string | number> }>;
  };
  // an error says by its path which of them it is about; without data it is about the operation as a whole
  if ((!data || errors.some(({ path }) => !path)) && cells.length > 1) {
    const half = Math.ceil(cells.length / 2);
    await graph(by, server, cells.slice(0, half), headers, answers);
    await graph(by, server, cells.slice(half), headers, answers);
    return;
  }
  for (const [index, cell] of cells.entries()) {
    const name = `c${index}`;
    const own = errors.filter(({ path }) => !path || path[0] === name);
    answers.set(
      cell,
      comparable(JSON.stringify([data?.[name], own.map(({ message, extensions }) => [message, extensions])])),
    );
  }
}

/** Asks for all cells. `server` is the address of another one than the run's; `headers` go with every request. */
export async function askAll(
  by: Actor,
  cells: readonly Cell[],
  { server = address(), headers = {} }: { server?: string; headers?: Record<string, string> } = {},
): Promise<Answers> {
  const answers: Answers = new Map();
  const jobs: Array<() => Promise<void>> = [];
  const selections = cells.filter(isGraph);
  for (let from = 0; from < selections.length; from += together)
    jobs.push(() => graph(by, server, selections.slice(from, from + together), headers, answers));
  for (const cell of cells)
    if (!isGraph(cell))
      jobs.push(async () => {
        const { head, text } = await request(by, server, cell.path, {
          ...headers,
          ...(cell.dialect && { 'x-api-dialect': cell.dialect }),
          ...(cell.dialect === 'cell' && { 'x-tenant-id': by.tenant }),
        });
        answers.set(cell, comparable(`${head} ${text}`));
      });
  const queue = jobs.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const job of queue) await job();
    }),
  );
  return answers;
}
