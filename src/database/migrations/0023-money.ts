import { Migration } from '@mikro-orm/migrations';

/**
 * Gives tenants a currency, in which reports give their sums; contracts the number of their term, and renewals the days
 * by which terms were to be paid; payments a kind: refunds are payments the other way. How sure a tag is becomes percent,
 * as all rates are, and how likely a customer is to leave is worked out from the score. The word for the kind of an
 * activity gets a name that says what it is.
 */
export class Money extends Migration {
  override up(): void {
    this.addSql(`alter table "tenant" add column "currency" text not null default 'CNY'`);
    this.addSql('alter table "contract" add column "term" int not null default 1');
    this.addSql('alter table "contract_renewal" add column "from_due_on" date, add column "to_due_on" date');
    this.addSql(`alter table "payment" add column "kind" text not null default 'PAYMENT'`);
    this.addSql(countTerms);
    this.addSql(
      'alter table "customer_tag" alter column "confidence" type numeric(5,2) using round(confidence * 100, 2)',
    );
    this.addSql('alter table "health_score" drop column "churn_probability"');
    this.addSql('alter table "activity" rename column "kind_word" to "kind_label"');
  }

  override down(): void {
    this.addSql('alter table "activity" rename column "kind_label" to "kind_word"');
    this.addSql(
      'alter table "health_score" add column "churn_probability" numeric(4,3) not null generated always as ((100 - overall) / 100) stored',
    );
    this.addSql('alter table "health_score" alter column "churn_probability" drop expression');
    this.addSql(
      'alter table "customer_tag" alter column "confidence" type numeric(5,4) using round(confidence / 100, 4)',
    );
    this.addSql('alter table "payment" drop column "kind"');
    this.addSql('alter table "contract_renewal" drop column "from_due_on", drop column "to_due_on"');
    this.addSql('alter table "contract" drop column "term"');
    this.addSql('alter table "tenant" drop column "currency"');
  }
}

/** Contracts that were renewed already, tenant by tenant: row level security holds for whoever migrates as well. */
const countTerms = `
do $$ declare one uuid; begin
  for one in select id from tenant loop
    perform set_config('app.tenant_id', one::text, true);
    update "contract" c set term = 1 + r.renewals from (select contract_id, count(*) renewals from "contract_renewal" where tenant_id = one group by 1) r
      where c.tenant_id = one and c.id = r.contract_id;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$`;
