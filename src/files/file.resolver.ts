import { Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { childList, rootField, rootFields } from '../graphql/fields.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Activity } from '../activities/activity.entity.js';
import { Case } from '../cases/case.entity.js';
import { Contract } from '../contracts/contract.entity.js';
import { File } from './file.entity.js';
import { FileAttachInput, files as fileList } from './file.inputs.js';
import * as files from './file.service.js';
import { fileActions } from './file.policy.js';

const Queries = rootFields(
  fileList,
  { one: 'file', many: 'files' },
  {
    one: 'One file; null if there is none with this id that the caller may see.',
    many: 'Files that the caller may see.',
  },
);
const OfActivity = childList(Activity, 'attachments', fileList, 'Files attached to the activity.', 'activity');
const OfCase = childList(Case, 'attachments', fileList, 'Files attached to the case.', 'case');
const OfContract = childList(Contract, 'attachments', fileList, 'Files attached to the contract.', 'contract');

const record: Record<string, [() => unknown, string]> = { file: [() => File, 'The file after the change.'] };
const FileAttachPayload = payload('FileAttachPayload', record);
const FileDetachPayload = payload('FileDetachPayload', record);
const FileDeletePayload = deletePayload(File);

@ObjectType({ description: 'An address that works without a token for a while.' })
class SignedLink {
  @Field(() => String, {
    nullable: true,
    description: 'Path on this server with its signature, for whoever has it; null where the caller has no token.',
  })
  url?: string | null;
}

const ExportLink = rootField(
  'exportLink',
  () => SignedLink,
  {
    description:
      'A link to an export, as `<a href>` needs it: for five to ten minutes it gives the file that the caller would get, with their rights at that time. Only `/export/…` takes such links.',
  },
  {
    kind: 'report',
    of: (tenant, args) => ({
      present: () => 'true',
      fields: () => ({ url: tenant.signed(args('path').bind('text')) }),
    }),
  },
  { path: [() => String, 'Path of the export with its filter and order, e.g. `/export/customers.xlsx?filter=…`.'] },
);

@Resolver()
class Mutations {
  @Mutation(() => FileAttachPayload, {
    nullable: true,
    description:
      'Attaches an uploaded file to one record. Files are uploaded as `multipart/form-data` to `/api/v1/files`. Fails with NOT_FOUND, REQUIRED, INVALID, UNKNOWN_REFERENCE, ALREADY_LINKED, VERSION_CONFLICT.',
  })
  fileAttach(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => FileAttachInput, 'What it is attached to.') input: FileAttachInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ file: await files.attach(ctx, id, input, version) }));
  }

  @Mutation(() => FileDetachPayload, {
    nullable: true,
    description: 'Detaches a file from whatever it is attached to. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  fileDetach(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ file: await files.detach(ctx, id, version) }));
  }

  @Mutation(() => FileDeletePayload, {
    nullable: true,
    description: 'Hides a file. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  fileDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await files.remove(ctx, id, version) }));
  }
}

const FileRestoration = restoration(fileList, files.restore);

export const fileResolvers = [
  Queries,
  OfActivity,
  OfCase,
  OfContract,
  ExportLink,
  Mutations,
  FileRestoration,
  ...permissionFields(fileActions),
];
