import type { Condition } from '../read/filter.js';

/** With the tenant that the text names: its opaque id, integer number or code. */
export const withTenant: Condition = (link, value) => {
  const named = value.bind('text');
  return `${link.col('linkedTenant')} in (select x.id from tenant x where ${named} in (x.id::text, x.number::text, x.code))`;
};
