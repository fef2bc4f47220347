import { Extensions, Field, ObjectType, Resolver, Subscription } from 'type-graphql';
import type { ReadSpec } from '../model/fields.js';
import { DateTime } from '../model/scalars.js';
import { addField, rootField, type ArgumentSpec } from './fields.js';

/** Its other fields are the reports, each added where it is declared (see `liveReport`). */
@ObjectType({
  description:
    'Reports and groups as they are at one moment, each as the query of the same name gives it to the subscriber.',
})
export class ReportSet {
  @Field(() => String, {
    description:
      'Place in the feed of changes: all changes up to there are in these reports. `changes(after:)` goes on behind it.',
  })
  cursor!: string;

  @Field(() => DateTime, { description: 'When they were worked out.' })
  at!: string;
}

/** What `ReportSet` says of itself; everything else in it is a query. */
export const ofReportSet: ReadonlySet<string> = new Set(['cursor', 'at', '__typename']);

/** A root field that is a report, which `reportsChanged` sends as well. */
export const liveReport = (
  name: string,
  type: () => unknown,
  options: { description: string },
  spec: ReadSpec & { kind: 'report' },
  args: Record<string, ArgumentSpec> = {},
): Array<new () => object> => [
  rootField(name, type, options, spec, args),
  addField(ReportSet, name, type, { ...options, nullable: true }, spec, args),
];

@Resolver()
class ReportsChanged {
  @Subscription(() => ReportSet, {
    subscribe: (): never => {
      throw new Error('Subscriptions are served by live/.');
    },
    description:
      'Reports and groups, for a dashboard: as they are at the start, and again when they have become others because of a change in the tenant, through whatever channel; at most once a second, and less often where they take long to work out. What is sent last is how they are. All reports of one subscription are read by one statement, with the rights that the subscriber has at that moment. What only the passing of time changes is sent with the next change. At most 10 on one connection.',
  })
  @Extensions({ reports: true })
  reportsChanged(): void {}
}

export const liveReportResolvers = [ReportsChanged];
