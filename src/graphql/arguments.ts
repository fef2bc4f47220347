import { Arg, ID, Int } from 'type-graphql';
import { SumCurrency } from '../model/money.js';
import type { ListSpec } from '../read/list.js';
import type { ArgumentSpec } from './fields.js';

/** The argument `id` of whatever concerns one record. */
export const Id = (): ReturnType<typeof Arg> => Arg('id', () => ID, { description: 'Opaque id or integer number.' });

/** The argument `version` of updates. */
export const Version = (): ReturnType<typeof Arg> =>
  Arg('version', () => Int, {
    nullable: true,
    description:
      'The version the change was made from; refused with VERSION_CONFLICT if it is no longer the present one, and the payload then shows the record as it is.',
  });

/** The argument `input`: the change itself. */
export const Input = (
  type: () => unknown,
  description = 'The change.',
  defaultValue?: object,
): ReturnType<typeof Arg> =>
  Arg('input', type as () => typeof String, { description, ...(defaultValue && { defaultValue }) });

/** The argument `sumsIn` of fields with sums over the records of a customer. */
export const sumsIn: Record<string, ArgumentSpec> = {
  sumsIn: [
    () => SumCurrency,
    'In which currency sums are; what is in others is named beside them.',
    { default: 'CUSTOMER' },
  ],
};

/** The argument of a report that says which records of a list it is of, as that list's own filter does. */
export const filterOf = ({ filter }: ListSpec, records: string, below = ''): ArgumentSpec => [
  () => filter,
  `Only ${records} that meet all of these conditions${below && `, in ${below} as well`}.`,
  'optional',
];

/** An optional text argument. */
export const Reason = (): ReturnType<typeof Arg> =>
  Arg('reason', () => String, {
    nullable: true,
    description: "Why, at most 500 characters; kept with the record's history.",
  });
