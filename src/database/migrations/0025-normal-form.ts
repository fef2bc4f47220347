import { Migration } from '@mikro-orm/migrations';

/**
 * One form in which texts are compared, whoever wrote them: width, Unicode form, case and invisible characters do not
 * count; of phones the digits count, without the country. Names come in the order of a dictionary: Chinese by pinyin,
 * letters without regard to case.
 */
export class NormalForm extends Migration {
  override up(): void {
    this.addSql(functions);
    this.addSql(`create collation "name_order" (provider = icu, locale = 'zh')`);
    for (const statement of collated('"name_order"')) this.addSql(statement);
    for (const one of uniques) for (const statement of keyed(one)) this.addSql(statement);
    this.addSql('drop index "contact_by_name"');
    for (const table of named)
      this.addSql(`create index "${table}_by_name_number" on "${table}" ("tenant_id", "name", "number")`);
    for (const [table, text] of Object.entries(searched)) this.addSql(refill(table, text));
  }

  override down(): void {
    for (const table of named) this.addSql(`drop index "${table}_by_name_number"`);
    this.addSql('create index "contact_by_name" on "contact" ("tenant_id", "name")');
    for (const { table, column, index, former } of uniques) {
      this.addSql(`drop index "${index}"`);
      this.addSql(`alter table "${table}" drop column "${column}_key", drop column "${column}_kept"`);
      this.addSql(former);
    }
    for (const statement of collated('"default"')) this.addSql(statement);
    this.addSql('drop collation "name_order"');
    this.addSql('drop function dialled(text), phone_key(text), phone_digits(text), text_key(text)');
    this.addSql(formerFold);
  }
}

/** Columns that people order lists by. */
const inOrder = {
  customer: ['name', 'industry', 'region'],
  customer_tag: ['name'],
  contact: ['name'],
  opportunity: ['name'],
  contract: ['name'],
  campaign: ['name'],
  lead: ['name', 'company'],
  activity: ['subject'],
  service_case: ['subject'],
  file: ['name'],
};

const collated = (collation: string): string[] =>
  Object.entries(inOrder).map(
    ([table, columns]) =>
      `alter table "${table}" ${columns.map((column) => `alter column "${column}" type text collate ${collation}`).join(', ')}`,
  );

/** Records that are listed by name. */
const named = ['customer', 'contact', 'opportunity', 'contract', 'campaign', 'lead', 'file'];

/** Texts that cannot be twice, in whatever writing. */
const uniques = [
  {
    table: 'customer',
    column: 'name',
    within: [] as string[],
    where: 'deleted_at is null',
    index: 'customer_living_name_key',
    drop: 'drop index "customer_living_name"',
    former: 'create unique index "customer_living_name" on "customer" ("tenant_id", "name") where deleted_at is null',
  },
  {
    table: 'contract',
    column: 'code',
    within: [],
    where: 'deleted_at is null',
    index: 'contract_living_code_key',
    drop: 'drop index "contract_living_code"',
    former: 'create unique index "contract_living_code" on "contract" ("tenant_id", "code") where deleted_at is null',
  },
  {
    table: 'customer_tag',
    column: 'name',
    within: ['customer_id'],
    where: 'true',
    index: 'customer_tag_customer_name_key',
    drop: 'alter table "customer_tag" drop constraint "customer_tag_customer_name"',
    former:
      'alter table "customer_tag" add constraint "customer_tag_customer_name" unique ("tenant_id", "customer_id", "name")',
  },
];

/**
 * A text gets its form in a column of its own. Of texts that were different until now and are the same in this form, one
 * gets it; the others stay as they are: their form is the text itself, until it is changed.
 */
function keyed({ table, column, within, where, index, drop }: (typeof uniques)[number]): string[] {
  const scope = [...within, `text_key(${column})`].join(', ');
  return [
    `alter table "${table}" add column "${column}_kept" text null`,
    `do $$ declare one uuid; begin
      for one in select id from tenant loop
        perform set_config('app.tenant_id', one::text, true);
        update "${table}" t set "${column}_kept" = t."${column}" from (
          select id, row_number() over (partition by ${scope} order by "${column}" = text_key("${column}") desc, number) place
            from "${table}" where tenant_id = one and ${where}) ranked
          where t.tenant_id = one and t.id = ranked.id and ranked.place > 1;
      end loop;
      perform set_config('app.tenant_id', '', true);
    end $$`,
    `alter table "${table}" add column "${column}_key" text collate "C" generated always as (case when "${column}" = "${column}_kept" then "${column}" else text_key("${column}") end) stored`,
    drop,
    `create unique index "${index}" on "${table}" (${['"tenant_id"', ...within.map((name) => `"${name}"`), `"${column}_key"`].join(', ')})${where === 'true' ? '' : ` where ${where}`}`,
  ];
}

/** Invisible characters, as a set of a regular expression: what Unicode calls ignorable, and control characters but white space. */
const invisible = String.raw`[\0001-\0008\000E-\001F\007F-\009F\00AD\034F\061C\115F\1160\17B4\17B5\180B-\180F\200B-\200F\202A-\202E\2060-\206F\3164\FE00-\FE0F\FEFF\FFA0\FFF0-\FFFB\+01BCA0-\+01BCA3\+01D173-\+01D17A\+0E0000-\+0E0FFF]`;

/** Codes of countries for calls from abroad. They are told apart by how they begin. */
const country =
  '(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-689][0-9]|3[578][0-9]|42[0-9]|50[0-9]|59[0-9]|67[0-9]|68[0-9]|69[0-9]|80[0-9]|85[0-9]|87[0-9]|88[0-9]|96[0-9]|97[0-9]|99[0-9])';

/**
 * fold: the form in which texts are searched: small letters, full-width characters as half-width ones, composed, no
 * invisible characters.
 * text_key: the form in which texts are the same: also without white space around it, and one blank for any white space.
 * phone_digits: the digits of a phone. phone_key: the same without the country (after + or 00, or 86 before a mobile
 * phone) and without what is dialled before a number inside the country (0).
 * dialled: what is looked for in the digits of phones where a text may be (a part of) one; null for any other text.
 */
const functions = `
create or replace function fold(value text) returns text language sql immutable parallel safe
  return lower(case when octet_length(value) = char_length(value) then value else normalize(regexp_replace(value, U&'${invisible}', '', 'g'), NFKC) end);

create function text_key(value text) returns text language sql immutable parallel safe
  return btrim(regexp_replace(fold(value), '\\s+', ' ', 'g'));

create function phone_digits(value text) returns text language sql immutable parallel safe
  return regexp_replace(normalize(value, NFKC), '[^0-9]', '', 'g');

create function phone_key(value text) returns text language sql immutable parallel safe
  return replace(regexp_replace(regexp_replace(normalize(value, NFKC), '[^0-9+]', '', 'g'), '^(?:(?:[+]|00)${country})?0*|^86(?=1[0-9]{10}$)', ''), '+', '');

create function dialled(value text) returns text language sql immutable parallel safe
  return case when fold(value) ~ '^[0-9\\s+()./–—-]+$'
    then case when length(phone_key(value)) >= 7 then phone_key(value) when length(phone_digits(value)) >= 4 then phone_digits(value) end end;
`;

const formerFold = `
create or replace function fold(value text) returns text language sql immutable parallel safe
  return lower(case when octet_length(value) = char_length(value) then value else normalize(value, NFKC) end)`;

const digits = (column: string): string => `nullif(phone_digits(${column}), ${column})`;

const searched = {
  customer: `concat_ws(E'\\n', account_no, code, name, contact_person, phone, ${digits('phone')}, email, tax_no, license_no)`,
  contact: `concat_ws(E'\\n', name, department, phone, ${digits('phone')}, mobile, ${digits('mobile')}, email)`,
  opportunity: `concat_ws(E'\\n', code, name)`,
};

/** What records are found by, where the new form makes it different. */
const refill = (table: string, text: string): string => `
do $$ declare one uuid; begin
  for one in select id from tenant loop
    perform set_config('app.tenant_id', one::text, true);
    create temporary table changed on commit drop as select id from "${table}" r where tenant_id = one and octet_length(${text}) > char_length(${text})
      and (${text} ~ U&'${invisible}'${table === 'opportunity' ? '' : ` or octet_length(phone) > char_length(phone)`}${table === 'contact' ? ' or octet_length(mobile) > char_length(mobile)' : ''});
    delete from "${table}_gram" g using changed c where g.tenant_id = one and g.id = c.id;
    insert into "${table}_gram" (tenant_id, gram, id) select r.tenant_id, g, r.id from "${table}" r join changed c on c.id = r.id, grams(${text}) g where r.tenant_id = one order by 2, 3;
    drop table changed;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$`;
