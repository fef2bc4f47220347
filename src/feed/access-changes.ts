type Handler = () => void;

const handlers = new Set<Handler>();
let notifyOthers: Handler | undefined;

/** Connects the process to the others, once, at start. */
export function connectAccessChanges(notify: Handler): void {
  notifyOthers = notify;
}

/** Says that a key, a token or a user has lost its access, to this process and the others. To be called after the commit. */
export function accessChanged(): void {
  recheckAccess();
  notifyOthers?.();
}

/** Has whatever is remembered of who may do what looked up again in this process. */
export function recheckAccess(): void {
  for (const handler of handlers) handler();
}

/**
 * Registers a handler that is called when somebody may have lost access, whichever process took it; a hint that can be
 * lost, so that what is remembered has to grow old as well. The returned function unregisters it.
 */
export function onAccessChange(handler: Handler): () => void {
  handlers.add(handler);
  return () => void handlers.delete(handler);
}
