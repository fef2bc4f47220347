import type { Answers } from './asking.js';
import { grantedTo, hiddenFrom, type Caller, type Granted } from './callers.js';
import type { Cell } from './reads.js';
import { canariesIn, type Worlds } from './worlds.js';

/** What of the answers to a caller shows something that is hidden from them. */
export function findings({ rows, gone }: Worlds, caller: Caller, answers: Answers): string[] {
  const hidden = hiddenFrom(caller);
  const granted = grantedTo(caller);
  const hiddenIds = new Set(
    rows.filter(({ place, model }) => hidden.plain.includes(place) && model.name !== 'User').map(({ id }) => id),
  );
  const found = new Set<string>();
  for (const [cell, text] of answers) {
    const add = (what: string): unknown => found.add(`${caller.name}: ${cell.name}: ${what}`);
    for (const { kind, place, value } of canariesIn(text))
      if (hidden[kind].includes(place) && !cell.name.includes(value)) add(`${kind} of ${place}: ${value}`);
    if (cell.of && text.includes(gone)) add(`the id of a contact whose only customer is deleted: ${gone}`);
    for (const [id] of text.matchAll(/[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g))
      if (hiddenIds.has(id) && !JSON.stringify(cell).includes(id)) add(`the id of a hidden record: ${id}`);
    if (!granted.administer && cell.name === 'events' && text.includes('"crm.roleReach.'))
      add('how far a role reaches was decided');
    if (hidden.amount.includes('mine') && /\bcontract\.overdue\b/.test(text) && !cell.name.includes('overdue'))
      add('that something is not paid');
  }
  return [...found];
}

/** The right without which a cell is refused, whatever there is to be read; most of them take none. */
function takes(cell: Cell): keyof Granted | undefined {
  if (/^tenants\b/.test(cell.name)) return 'platform';
  if (
    /^(apiKeys?|endpointUses?|holdingLimits|webhooks?|tokenRevocations?|linkedCustomer\w*)\b| deleted$/.test(cell.name)
  )
    return 'administer';
  if ('path' in cell && cell.dialect === 'platform') return 'administer';
  if (/^auditEntries\b|\/audit-logs/.test(cell.name)) return 'audit';
  return 'path' in cell && /export/.test(cell.path) ? 'export' : undefined;
}

/** Which cells are answered although the caller lacks the right to them. */
export function notRefused(caller: Caller, answers: Answers): string[] {
  const granted = grantedTo(caller);
  return [...answers].flatMap(([cell, text]) => {
    const right = takes(cell);
    const isRefused = 'graph' in cell ? text.startsWith('[null,[[') : /^4\d\d /.test(text);
    return right && !granted[right] && !isRefused ? [`${caller.name}: ${cell.name}: answered without ${right}`] : [];
  });
}

/** Where two texts part, with what is around it. */
function parting(one: string, other: string): string {
  let at = 0;
  while (one[at] === other[at]) at += 1;
  return `${one.slice(Math.max(0, at - 120), at)}[${one.slice(at, at + 30)} | ${other.slice(at, at + 30)}]`;
}

/** Which answers are others after what is hidden has changed, and where. */
export const differences = (caller: Caller, before: Answers, after: Answers): Map<string, string> =>
  new Map(
    [...before].flatMap(([cell, text]) => {
      const now = after.get(cell)!;
      return now === text ? [] : [[`${caller.name}: ${cell.name} changed`, parting(text, now)] as const];
    }),
  );
