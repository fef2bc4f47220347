/** A record as it is stored: references are ids, numbers and flags are themselves, all else text. */
export type Stored<E> = {
  [K in keyof E as E[K] extends (...args: never[]) => unknown ? never : K]: E[K] extends object | null | undefined
    ? string | null
    : E[K];
};
