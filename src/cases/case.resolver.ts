import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { changesOf } from '../graphql/changes.js';
import { childList, rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Case, CaseComment, CaseStatus } from './case.entity.js';
import {
  caseComments,
  CaseCloseInput,
  CaseCommentInput,
  CaseInput,
  CaseRatingInput,
  cases as caseList,
} from './case.inputs.js';
import * as cases from './case.service.js';
import './case.timeline.js';
import { caseActions } from './case.policy.js';

const Queries = rootFields(
  caseList,
  { one: 'case', many: 'cases' },
  {
    one: 'One case; null if there is none with this id that the caller may see.',
    many: 'Cases that the caller may see.',
  },
);
const CommentQueries = rootFields(
  caseComments,
  { one: 'caseComment', many: 'caseComments' },
  {
    one: 'One remark on a case; null if there is none that the caller may see.',
    many: 'Remarks on the cases that the caller may see, oldest first.',
  },
);

const OfCustomer = childList(Customer, 'cases', caseList, 'Cases of the customer.', 'customer');
const OfContact = childList(Contact, 'cases', caseList, 'Cases that the person reported.', 'contact');
const CommentsOfCase = childList(Case, 'comments', caseComments, 'Remarks on the case, oldest first.', 'case');

const record: Record<string, [() => unknown, string]> = { case: [() => Case, 'The case after the change.'] };
const CaseCreatePayload = payload('CaseCreatePayload', record);
const CaseUpdatePayload = payload('CaseUpdatePayload', record);
const CaseChangeStatusPayload = payload('CaseChangeStatusPayload', record);
const CaseClosePayload = payload('CaseClosePayload', record);
const CaseReopenPayload = payload('CaseReopenPayload', record);
const CaseRatePayload = payload('CaseRatePayload', record);
const CaseCommentCreatePayload = payload('CaseCommentCreatePayload', {
  caseComment: [() => CaseComment, 'The new remark.'],
  ...record,
});
const CaseDeletePayload = deletePayload(Case);

@Resolver()
class Mutations {
  @Mutation(() => CaseCreatePayload, {
    nullable: true,
    description: 'Opens a case. Fails with REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  caseCreate(@Ctx() ctx: Context, @Input(() => CaseInput, 'What to store.') input: CaseInput): Promise<object> {
    return answer(ctx, async () => ({ case: await cases.create(ctx, input) }));
  }

  @Mutation(() => CaseUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a case. Fails with NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  caseUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CaseInput) input: CaseInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ case: await cases.update(ctx, id, input, version) }));
  }

  @Mutation(() => CaseChangeStatusPayload, {
    nullable: true,
    description:
      'Moves a case to another state; leaving NEW counts as the response. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  caseChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => CaseStatus, { description: 'The new state.' }) status: CaseStatus,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ case: await cases.changeStatus(ctx, id, status, reason, version) }));
  }

  @Mutation(() => CaseClosePayload, {
    nullable: true,
    description:
      'Closes a case; an unresolved one is resolved by that. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, OUT_OF_RANGE, TOO_LONG.',
  })
  caseClose(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CaseCloseInput, 'With what it is closed.') input: CaseCloseInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ case: await cases.close(ctx, id, input, version) }));
  }

  @Mutation(() => CaseReopenPayload, {
    nullable: true,
    description:
      'Takes a resolved or closed case up again. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  caseReopen(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ case: await cases.reopen(ctx, id, reason, version) }));
  }

  @Mutation(() => CaseRatePayload, {
    nullable: true,
    description:
      'Stores what the customer says of a case that is resolved or closed. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, OUT_OF_RANGE.',
  })
  caseRate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CaseRatingInput, 'The judgement.') input: CaseRatingInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ case: await cases.rate(ctx, id, input, version) }));
  }

  @Mutation(() => CaseCommentCreatePayload, {
    nullable: true,
    description: 'Adds a remark to a case. Fails with UNKNOWN_REFERENCE, REQUIRED, TOO_LONG.',
  })
  caseCommentCreate(
    @Ctx() ctx: Context,
    @Input(() => CaseCommentInput, 'What to store.') input: CaseCommentInput,
  ): Promise<object> {
    return answer(ctx, () => cases.comment(ctx, input));
  }

  @Mutation(() => CaseDeletePayload, {
    nullable: true,
    description: 'Hides a case with its remarks. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  caseDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await cases.remove(ctx, id, version) }));
  }
}

const CaseRestoration = restoration(caseList, cases.restore, ['INVALID']);

export const caseResolvers = [
  changesOf(caseList),
  Queries,
  ...groupsOf(caseList, 'cases'),
  CommentQueries,
  OfCustomer,
  OfContact,
  CommentsOfCase,
  Mutations,
  CaseRestoration,
  ...permissionFields(caseActions),
];
