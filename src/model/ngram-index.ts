import { ManyToOne, PrimaryKey } from '@mikro-orm/decorators/legacy';
import type { Statement } from '../core/database.js';
import { entityRegistry } from './entity.js';
import type { EntityModel } from './model.js';
import { plain } from './texts.js';

/**
 * A row of an n-gram table: a short part of a text by which a record can be found. "Contains" on a column cannot use
 * an index under row level security, since the operators that could are not leakproof; comparing n-grams can. The
 * table is written by the statement that writes the record, and only yields candidates: they are still compared with
 * the columns.
 */
export abstract class NgramRow {
  @ManyToOne({
    entity: () => entityRegistry.tenant as never,
    primary: true,
    joinColumn: 'tenant_id',
    createForeignKeyConstraint: false,
  })
  tenant!: object;

  @PrimaryKey({ type: 'text', collation: 'C' })
  gram!: string;

  @PrimaryKey({ type: 'uuid' })
  id!: string;
}

const ngramTable = ({ table }: EntityModel): string => `"${table}_gram"`;

/** The searchable text of a row: its searched columns, and phones also without separators, as masks show them. */
function searchedText(model: EntityModel, row: string): string {
  const parts = model.searched.flatMap(({ column, spec }) => {
    const plain = `${row}."${column}"`;
    return spec?.mask === 'phone' ? [plain, `nullif(phone_digits(${plain}), ${plain})`] : [plain];
  });
  return `concat_ws(E'\\n', ${parts.join(', ')})`;
}

const selectNgrams = (model: EntityModel, row: string): string =>
  `select ${row}.tenant_id, gram collate "C" as gram, ${row}.id from ${row}, grams(${searchedText(model, row)}) gram`;
/** Many rows go into an index faster in its order. */
const indexOrder = 'order by 2, 3';
const columnsOf = (model: EntityModel): string =>
  ['tenant_id', 'id', ...model.searched.map(({ column }) => `"${column}"`)].join(', ');

/**
 * Parts of a statement that inserts a record, or `many` of them (`insert`, still without `returning`), together with
 * the n-grams.
 */
export const insertWithNgrams = (
  model: EntityModel,
  insert: string,
  many: boolean,
): Array<[name: string, sql: string]> => [
  ['added§', `${insert} returning ${columnsOf(model)}`],
  [
    'noted§',
    `insert into ${ngramTable(model)} (tenant_id, gram, id) ${selectNgrams(model, 'added§')}${many ? ` ${indexOrder}` : ''} returning id`,
  ],
];

/** A statement that writes the n-grams of records which are stored without any. */
export const insertNgramsOf = (model: EntityModel, tenantId: string, ids: readonly unknown[]): Statement => ({
  text: `insert into ${ngramTable(model)} (tenant_id, gram, id) select t.tenant_id, gram collate "C", t.id from "${model.table}" t, grams(${searchedText(model, 't')}) gram where t.tenant_id = $1 and t.id = any($2::uuid[])`,
  values: [tenantId, ids],
});

/** Plain statements that write the n-grams of a record anew. */
export const renewedNgrams = (model: EntityModel, tenantId: string, id: string): Statement[] => [
  { text: `delete from ${ngramTable(model)} where tenant_id = $1 and id = $2`, values: [tenantId, id] },
  insertNgramsOf(model, tenantId, [id]),
];

/**
 * A statement that changes the record `$2` of the tenant `$1` (`update`, without `returning`) and updates its n-grams.
 */
export function updateWithNgrams(model: EntityModel, update: string): string {
  const [old, present] = [selectNgrams(model, 'before'), selectNgrams(model, 'changed')];
  return `with before as (select ${columnsOf(model)} from "${model.table}" where tenant_id = $1 and id = $2),
    changed as (${update} returning ${columnsOf(model)}),
    gone as (delete from ${ngramTable(model)} g using (${old} except ${present}) o where g.tenant_id = $1 and o.tenant_id = $1 and g.gram = o.gram and g.id = o.id returning g.id),
    noted as (insert into ${ngramTable(model)} (tenant_id, gram, id) ${present} except ${old} returning id)
    select id from changed`;
}

/** A statement that fills the n-grams of records of the tenant `$1` that were stored without them. */
export const fillNgramsOfTenant = (model: EntityModel): string =>
  `with stored as (select ${columnsOf(model)} from "${model.table}" where tenant_id = $1) insert into ${ngramTable(model)} (tenant_id, gram, id) ${selectNgrams(model, 'stored')} ${indexOrder}`;

/**
 * Whether n-grams are not selective for a text: a few ASCII characters occur everywhere, and the mask character is not
 * part of any record.
 */
export const isTooCommon = (text: string): boolean => /^[\0-\x7f]{0,3}$|\*/.test(plain(text));
/** The same of a word that is an SQL expression. */
const tooCommon = (word: string): string => `fold(${word}) ~ '^[\x01-\x7f]{0,3}$|[*]'`;

/**
 * SQL for an array of candidates: every record that contains one of the texts is among them. Found by the rarest n-gram of
 * each text; `tenant` is the tenant's id. Only for texts for which n-grams are selective.
 */
export function candidates(model: EntityModel, tenant: string, ...texts: string[]): string {
  const rarest = (text: string): string =>
    `select distinct on (share) gram, beyond from ${searchNgrams(text)} s order by share, ${occurrences(model, tenant)}`;
  return `array(${texts.map((text) => selectCandidates(model, tenant, rarest(text))).join(' union all ')})`;
}

/**
 * As `candidates`, for all words of an array, and the phone digits in them: found by the word that is rarest. All records
 * are candidates where n-grams are selective for none of the words.
 */
export function candidatesOfWords(model: EntityModel, tenant: string, words: string): string {
  const forms = `unnest(${words}) with ordinality w(word, no) cross join lateral (values (0, w.word), (1, nullif(dialled(w.word), w.word))) f(form, part) cross join lateral ${searchNgrams('f.part')} s`;
  const parts = `select w.no, f.form, s.share, s.gram, s.beyond, ${occurrences(model, tenant)} as n from ${forms} where not ${tooCommon('w.word')}`;
  const rarestOfEach = `select *, sum(n) over (partition by no) as total from (select distinct on (no, form, share) * from (${parts}) g order by no, form, share, n) one`;
  const rarest = `select gram, beyond from (select *, rank() over (order by total, no) as place from (${rarestOfEach}) each) ranked where place = 1`;
  const isSelective = `exists (select 1 from unnest(${words}) w(word) where not ${tooCommon('w.word')})`;
  return `array(${selectCandidates(model, tenant, rarest)} union all select r.id from "${model.table}" r where r.tenant_id = ${tenant} and not ${isSelective})`;
}

const searchNgrams = (text: string): string => `search_grams(left(fold(${text}), ${soughtLength}))`;

/** By how much of a text candidates are found: what contains the whole contains its beginning, and each n-gram is counted. */
const soughtLength = 32;

const ngrams = (model: EntityModel, tenant: string, bounds: string): string =>
  `from ${ngramTable(model)} g where g.tenant_id = ${tenant} and g.gram >= ${bounds}.gram and g.gram < ${bounds}.beyond`;

/** How often the gram `s` occurs, as far as that is counted. */
const occurrences = (model: EntityModel, tenant: string): string =>
  `(select count(*) from (select 1 ${ngrams(model, tenant, 's')} limit ${ngramCountLimit}) n)`;

const selectCandidates = (model: EntityModel, tenant: string, rarest: string): string =>
  `select f.id from (${rarest}) best cross join lateral (select g.id ${ngrams(model, tenant, 'best')}) f`;

/** Up to how many occurrences of an n-gram are counted to find the rarest. */
const ngramCountLimit = 500;
