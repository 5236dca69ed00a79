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
  if (crossOriginIsolated || !navigator.serviceWorker.controller || sessionStorage.getItem(RELOADED)) return;
  sessionStorage.setItem(RELOADED, "yes");
  location.reload();
  await new Promise(() => {});
}

/** Remove everything that the page has kept on this device. */
export async function purge() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("course-")) localStorage.removeItem(name);
  if (!globalThis.caches) return; // not in a secure context, where nothing else is kept
  for (const name of await caches.keys()) await caches.delete(name);
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.unregister();
}
