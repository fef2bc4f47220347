import { Field, ID, InputType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';

export const TransferredRecord = enumeration(
  'TransferredRecord',
  'What goes along with customers that are handed to somebody else, beside their contacts.',
  {
    OPPORTUNITIES: 'Open opportunities that the former owner works on.',
    TASKS: 'Planned activities and open tasks of customer success that the former owner is to do.',
  },
);
export type TransferredRecord = keyof typeof TransferredRecord;

@InputType({ description: 'To whom records are assigned: either to one user or evenly among several.' })
export class AssignTo {
  @Field(() => ID, { nullable: true, description: 'To this user, by opaque id, number or login.' })
  owner?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Evenly among these users, by opaque id, number or login: each record goes to the one who has got the fewest of them and may look after more, the first named of those.',
  })
  evenlyAmong?: string[] | null;
}
