import type { Granted } from './callers.js';

export type Need = 'read' | 'write' | 'writeAll' | 'administer';

/** What a mutation takes, by its name: written down once more, so that a policy that becomes weaker is noticed. */
export function needOf(mutation: string): Need {
  if (
    /^webhook|^apiKey|^pool|^holdingLimit|^customerTenant|^tenant|^department|^directory|^user[A-Z]|^roleReach|Restore$/.test(
      mutation,
    )
  )
    return 'administer';
  if (mutation === 'savedViewSetRoleDefault') return 'administer';
  if (/Reveal$|^savedView/.test(mutation)) return 'read';
  return /^campaign|^healthRun|^(customers|leads)(MovePool|Protect)$/.test(mutation) ? 'writeAll' : 'write';
}

export const meets = ({ see, write, administer }: Granted, need: Need): boolean =>
  need === 'read'
    ? see !== 'none'
    : need === 'administer'
      ? administer
      : need === 'writeAll'
        ? write === 'all'
        : write !== 'none';
