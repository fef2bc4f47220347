import { Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import type { ListSpec } from '../read/list.js';
import { Id, Version } from './arguments.js';
import { answer, payload } from './payload.js';
import { uncapitalized } from '../core/names.js';

type Restore = (ctx: Context, id: string, version?: number | null) => Promise<string>;

/** Makes the mutation `<record>Restore` of a list whose deleted rows can be brought back; `codes` are those that it fails with beside the usual ones. */
export function restoration({ entity }: ListSpec, restore: Restore, codes: readonly string[] = []): new () => object {
  const { name } = entity;
  const record = uncapitalized(name);
  const Payload = payload(`${name}RestorePayload`, {
    [record]: [() => entity, 'The record after the change; null if it was not brought back.'],
  });
  const failures = ['FORBIDDEN', 'NOT_FOUND', 'VERSION_CONFLICT', 'UNKNOWN_REFERENCE', ...codes];

  @Resolver()
  class Root {}
  const mutation = `${record}Restore`;
  const descriptor: PropertyDescriptor = {
    value: (ctx: Context, id: string, version?: number | null) =>
      answer(ctx, async () => ({ [record]: await restore(ctx, id, version) })),
    configurable: true,
    writable: true,
  };
  Object.defineProperty(Root.prototype, mutation, descriptor);
  Mutation(() => Payload, {
    nullable: true,
    description: `Brings back a deleted record of the kind ${name}; only for those who administer the tenant. Fails with ${failures.join(', ')}.`,
  })(Root.prototype, mutation, descriptor);
  Ctx()(Root.prototype, mutation, 0);
  Id()(Root.prototype, mutation, 1);
  Version()(Root.prototype, mutation, 2);
  return Root;
}
