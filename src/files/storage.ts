import type { Readable } from 'node:stream';

/** Where contents of files are kept. A key is `tenant/file`, both UUIDs; a content never changes. */
export interface Storage {
  /** Takes over a finished file on the local disk: whole or, if it throws, not at all. The file itself may be gone afterwards. */
  keep(key: string, file: { path: string; bytes: number; mediaType: string }): Promise<void>;
  /** The content, or its bytes from `start` to `end` (both included). Throws if there is none. */
  read(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** Forgets a content; none is no error. */
  remove(key: string): Promise<void>;
}

/** An S3-compatible service. */
export interface S3Place {
  bucket: string;
  region: string;
  /** address of the service, where it is not Amazon's */
  endpoint?: string | undefined;
  /** without these, the library looks where Amazon's tools do */
  accessKey?: string | undefined;
  secretKey?: string | undefined;
}
