/** What is kept on this device: the service worker, isolation by its help, and the way to be rid of it all. */

const RELOADED = "reloaded for isolation";
const PATIENCE = 5000; // milliseconds for the service worker to take over; without it the page works, too

/**
 * Let the service worker take over, and reload once where only it can isolate the page.
 *
 * Resolves when the page may go on; never where it is about to be loaded again.
 */
export async function keep() {
  if (!navigator.serviceWorker) return; // not in a secure context
  const taken = new Promise((resolve) => {
    if (navigator.serviceWorker.controller) resolve();
    else navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
  });
  try {
    await navigator.serviceWorker.register("service_worker.js");
    await Promise.race([taken, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  } catch {
    return; // forbidden here: nothing is kept
  }
  if (!navigator.serviceWorker.controller) return;
  if (crossOriginIsolated || sessionStorage.getItem(RELOADED)) {
    keepWhatCameBefore();
    return;
  }
  sessionStorage.setItem(RELOADED, "yes");
  location.reload();
  await new Promise(() => {});
}

/** Let the service worker see, and keep, what was loaded before it was there; a second visit needs it. */
async function keepWhatCameBefore() {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = [location.href, ...loaded].map((name) => name.split("#")[0]).filter((name) => name.startsWith(location.origin));
  for (const address of new Set(own)) {
    // The network may be gone already.
    if (!(await caches.match(address, { ignoreSearch: true }))) await fetch(address).catch(() => {});
  }
  document.documentElement.dataset.kept = "yes";
}

/** Remove everything that the page has kept on this device. */
export async function purge() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("course-")) localStorage.removeItem(name);
  if (!globalThis.caches) return; // not in a secure context, where nothing else is kept
  for (const name of await caches.keys()) await caches.delete(name);
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.unregister();
}
