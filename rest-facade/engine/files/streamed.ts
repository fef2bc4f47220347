/** A body that is made while it is sent. */
export class Streamed {
  constructor(
    readonly headers: Record<string, string>,
    readonly chunks: AsyncIterable<string | Uint8Array>,
    /** gives back what the body is made from; must be called however the sending ended, and if it never began */
    readonly close: () => Promise<unknown> = () => Promise.resolve(),
  ) {}
}

/** Makes a body of rows, which come in portions. */
export type Write = (portions: AsyncIterable<unknown[]>) => Streamed;
