const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3446d6"/><g stroke="#fff" stroke-width="2"><path d="M10 10 22 12 16 23Z" fill="none"/><g fill="#fff"><circle cx="10" cy="10" r="2.5"/><circle cx="22" cy="12" r="2.5"/><circle cx="16" cy="23" r="2.5"/></g></g></svg>';

/** The icon inside the page itself: a browser would otherwise ask for /favicon.ico, which is not ours to answer. */
export const icon = `<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(drawing)}">`;
