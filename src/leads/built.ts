import type { Locale } from '../core/errors.js';
import { recordLabel } from '../core/labels.js';
import { allModels, type EntityClass, type EntityModel, type FieldModel } from '../model/model.js';
import type { Change } from '../write/command.js';

/** A record that a conversion made, and how the lead refers to it. */
export interface Made {
  entity: EntityClass;
  field: 'customer' | 'contact' | 'opportunity';
  record: { id: string };
}

/** Records of one kind that refer to another one. */
export interface Built {
  kind: string;
  count: number;
}

/** Rows that refer to a record without anybody having worked on it: histories, and what the server adds by itself. As SQL conditions. */
const withoutWork: Readonly<Record<string, string>> = {
  StageChange: 't.from_stage is null',
  StatusChange: 'true',
  OwnerChange: 'true',
  LeadOwnerChange: 'true',
  HealthScore: 'true',
  SuccessTask: 't.auto_generated',
};

/** What refers to a record that a conversion made, apart from rows with these ids: the lead, and what else the conversion made. */
export async function builtOn(change: Change, one: Made, known: readonly string[]): Promise<Built[]> {
  const parts = allModels()
    .filter(({ table }) => table !== '')
    .flatMap((model) =>
      [...model.fields.values()]
        .filter(({ refersTo }) => refersTo === one.entity)
        .map((field) => counting(model, field)),
    );
  const rows = await change.query(
    `select kind, sum(n) from (${parts.join(' union all ')}) c where n > 0 group by kind order by kind`,
    [change.ctx.tenant.id, one.record.id, known],
  );
  return rows.map(([kind, count]) => ({ kind: kind!, count: Number(count) }));
}

function counting({ name, table, soft }: EntityModel, { column }: FieldModel): string {
  const conditions = ['t.tenant_id = $1', `t."${column}" = $2`, 't.id <> all($3::uuid[])'];
  if (soft) conditions.push('t.deleted_at is null');
  if (withoutWork[name]) conditions.push(`(${withoutWork[name]}) is not true`);
  return `select '${name}' as kind, count(*) as n from "${table}" t where ${conditions.join(' and ')}`;
}

/** What was found in the language of the caller, e.g. `Contract (1), Activity (2)`. */
export const inWords = (found: readonly Built[], locale: Locale): string =>
  found
    .map(({ kind, count }) => {
      const label = recordLabel(kind)?.[locale] ?? kind;
      return locale === 'zh' ? `${label}（${count}）` : `${label} (${count})`;
    })
    .join(locale === 'zh' ? '、' : ', ');
