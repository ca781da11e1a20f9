// What the server wrote into the page: the facts that are needed before the first answer of the API.
// A page without them (a test, a file opened by hand) gets harmless defaults.

export interface Boot {
  version: string;
  // The path that everything lives below; begins and ends with a slash.
  prefix: string;
  // ISO 8601, when this page was made. The event stream's hello is the better clock; this one is the first.
  server_time: string | null;
  // Shown in the top bar, so that nobody mistakes production for staging.
  environment: string | null;
}

function read(): Boot {
  const fallback: Boot = { version: "dev", prefix: "/", server_time: null, environment: null };
  const text = document.getElementById("boot")?.textContent ?? "";
  try {
    return { ...fallback, prefix: new URL(document.baseURI).pathname, ...JSON.parse(text) };
  } catch {
    return fallback;
  }
}

export const boot = read();

// The nonce of this page's style policy. The attribute is hidden from scripts, the property is not.
export const styleNonce = document.querySelector<HTMLStyleElement>("style[nonce]")?.nonce ?? "";
