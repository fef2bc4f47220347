import { Migration } from '@mikro-orm/migrations';

/** What a change of stage has ended: how long an opportunity stayed, and whether it comes back; the next migration fills them. */
export class Stays extends Migration {
  override up(): void {
    this.addSql('alter table "stage_change" add "stayed" numeric(15,3) null, add "returned" boolean null');
  }

  override down(): void {
    this.addSql('alter table "stage_change" drop column "stayed", drop column "returned"');
  }
}
