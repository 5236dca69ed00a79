/**
 * Keeps what the page has loaded, so that it opens without a network, and isolates the page on plain hosts.
 *
 * Files that are named by what is in them never change and come out of the cache; everything else is asked for
 * anew, and comes out of the cache where nobody answers. Isolation (the two headers) is what threads need.
 */
const CACHE = "painters-1";
const LASTING = /-[0-9a-f]{12}\.pack$/;
const LIST = /\/files\/painters\.json$/;

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => {
  event.waitUntil(clients.claim());
});

addEventListener("message", (event) => {
  if (event.data === "purge") event.waitUntil(caches.delete(CACHE).then(() => event.ports[0]?.postMessage("purged")));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  event.respondWith(answer(event).then(isolated));
});

async function answer(event) {
  const cache = await caches.open(CACHE);
  const address = new URL(event.request.url);
  address.hash = address.search = "";
  const kept = () => cache.match(address.href);
  if (LASTING.test(address.pathname)) return (await kept()) ?? fresh(event, cache, address);
  try {
    return await fresh(event, cache, address);
  } catch {
    return (await kept()) ?? Response.error();
  }
}

/** The host's answer, of which the cache keeps a copy once it has come in whole. */
async function fresh(event, cache, address) {
  const found = await fetch(event.request);
  if (found.status === 200) {
    const copy = found.clone();
    const keep = cache.put(address.href, copy).then(() => LIST.test(address.pathname) && tidy(cache, address));
    event.waitUntil(keep.catch(() => {})); // no room, or broken off: nothing is kept
  }
  return found;
}

/** Remove the files of earlier versions of the page, which a new list does not name. */
async function tidy(cache, address) {
  const { files } = await (await cache.match(address.href)).json();
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (LASTING.test(path) && !(path.split("/").at(-1) in files)) await cache.delete(request);
  }
}

function isolated(found) {
  if (found.type === "error" || found.status === 0) return found;
  const headers = new Headers(found.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}
