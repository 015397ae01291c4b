// Keeps what has been fetched: a second visit starts from here, and works without a network.
// Every build has its own version, hence its own cache, whose files fit each other.

const CACHE = "glassnet-{{version}}";
const FIRST = {{first_files}};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FIRST)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("glassnet-") && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  // Every page of the app is the same file.
  const kept = await cache.match(request.mode === "navigate" ? "./" : request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && response.status === 200) await keep(cache, request, response.clone());
  return response;
}

/** Keep a response; a full disk is no reason not to show it. */
async function keep(cache, request, response) {
  cache.put(request, response).catch(() => {});
}

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) {
    event.respondWith(answer(event.request));
  }
});
