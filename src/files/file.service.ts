import { restoreRecord } from '../write/restore.js';
import { command, type Change } from '../write/command.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import type { EntityClass } from '../model/model.js';
import { demand } from '../core/rights.js';
import { Activity } from '../activities/activity.entity.js';
import { Case } from '../cases/case.entity.js';
import { Contract } from '../contracts/contract.entity.js';
import { File } from './file.entity.js';
import type { FileAttachInput } from './file.inputs.js';
import { fileActions as can } from './file.policy.js';
import './file.events.js';

/** What is known of an uploaded content. */
export interface Uploaded {
  id: string;
  name: string;
  mediaType: string;
  bytes: number;
  sha256: string;
}

/** Under which key a file's content is kept. */
export const keyOf = (ctx: Context, id: string): string => `${ctx.tenant.id}/${id}`;

type Host = 'activity' | 'case' | 'contract';
const hosts: Record<Host, EntityClass> = { activity: Activity, case: Case, contract: Contract };

/** Records a content that is already kept, attached where the caller said. Refuses UNKNOWN_REFERENCE, and INVALID for more than one record. */
type Add = (ctx: Context, uploaded: Uploaded, to: FileAttachInput) => Promise<string>;

/** Refuses FORBIDDEN, before a content is received, whoever may not add files; returns what records it. */
export function adding({ rights }: Context): Add {
  demand(rights, 'write');
  return (ctx, uploaded, to) =>
    command(ctx, 'file.upload', async (change) =>
      change.insert(File, { ...uploaded, ...(hostsIn(to).length > 0 && (await hostOf(change, to))) } as never),
    );
}

/** Attaches a file. Refuses NOT_FOUND, REQUIRED, UNKNOWN_REFERENCE, and ALREADY_LINKED if it is attached to another record. */
export function attach(ctx: Context, id: string, to: FileAttachInput, version?: number | null): Promise<string> {
  can.attach.demand(ctx.rights);
  return command(ctx, 'file.attach', async (change) => {
    const file = await change.get(File, id, { version });
    const [host, record] = Object.entries(await hostOf(change, to))[0]!;
    const present = hostsIn(file as FileAttachInput)[0];
    if (present && (present !== host || file[present] !== record)) throw refuse('ALREADY_LINKED', [host]);
    change.update(File, file, { [host]: record }, { event: 'attached', data: { [host]: record } });
    return file.id;
  });
}

/** Detaches a file from whatever it is attached to; it stays with whoever uploaded it. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function detach(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.detach.demand(ctx.rights);
  return command(ctx, 'file.detach', async (change) => {
    const file = await change.get(File, id, { version });
    change.update(File, file, { activity: null, case: null, contract: null }, { event: 'detached' });
    return file.id;
  });
}

/** Hides a file. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'file.delete', async (change) => {
    const file = await change.get(File, id, { version });
    change.hide(File, file);
    return file.id;
  });
}

/** Brings a deleted file back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

const hostsIn = (record: FileAttachInput): Host[] =>
  (Object.keys(hosts) as Host[]).filter((host) => record[host] !== undefined && record[host] !== null);

/** The one record that an input names, resolved. */
async function hostOf(change: Change, to: FileAttachInput): Promise<Partial<Record<Host, string>>> {
  const [host, ...more] = hostsIn(to);
  if (!host) throw refuse('REQUIRED', ['activity']);
  if (more.length > 0) throw refuse('INVALID', [more[0]!]);
  return { [host]: (await change.reference(hosts[host], to[host], [host]))! };
}
