import type { Context } from '../../../src/core/context.js';

/** A body that is made while it is sent. */
export class Streamed {
  constructor(
    readonly headers: Record<string, string>,
    readonly chunks: AsyncIterable<string | Uint8Array>,
    /** gives back what the body is made from; must be called however the sending ended, and if it never began */
    readonly close: () => Promise<unknown> = () => Promise.resolve(),
  ) {}
}

/** Makes a body of rows, which come in portions, for somebody in a tenant: times are shown in its time zone. */
export type Write = (portions: AsyncIterable<unknown[]>, caller: { ctx: Context }) => Streamed;
