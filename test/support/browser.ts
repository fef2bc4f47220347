import type { Locator } from 'playwright-core';

/** Clicks until something is shown: a page that has not read yet what was written into it does nothing. */
export async function clickUntil(button: Locator, shown: Locator): Promise<void> {
  let isShown = false;
  while (!isShown) {
    await button.click();
    isShown = await shown.waitFor({ timeout: 5_000 }).then(
      () => true,
      () => false,
    );
  }
}
