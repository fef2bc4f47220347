import { Migration } from '@mikro-orm/migrations';

/** The overall scores of a customer and day that later ones have replaced, and since when each was the latest. */
export class EarlierScores extends Migration {
  override up(): void {
    this.addSql(
      `alter table "health_score" add "earlier_from" timestamptz[] not null default '{}', add "earlier_overall" numeric[] not null default '{}'`,
    );
  }

  override down(): void {
    this.addSql('alter table "health_score" drop column "earlier_from", drop column "earlier_overall"');
  }
}
