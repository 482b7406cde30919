// The sign-in page and the short message pages: one self-contained file each, in the look of the site, readable before the
// first release exists.

const style = `
:root{color-scheme:light dark;--bg:#fbfbf9;--panel:#fff;--ink:#191c1f;--soft:#5d646d;--line:#e7e6e1;--accent:#0f766e;--on:#fff;--warn:#b4530a;--focus:#2563eb}
@media (prefers-color-scheme:dark){:root{--bg:#0f1113;--panel:#15181b;--ink:#e9e8e4;--soft:#a3a9b1;--line:#262a2e;--accent:#2bb6a3;--on:#0f1113;--warn:#f0a35a;--focus:#7aa7ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:min(24rem,calc(100vw - 2rem));padding:2rem 0}
h1{margin:0 0 .25rem;font-size:21px;font-weight:620;letter-spacing:-.015em}
p{margin:0 0 1.25rem;color:var(--soft)}
label{display:block;font-size:13px;color:var(--soft);margin-bottom:.3rem}
input{width:100%;padding:.55rem .7rem;font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px}
button{margin-top:.9rem;padding:.5rem 1.1rem;font:inherit;font-weight:550;color:var(--on);background:var(--accent);border:0;border-radius:6px;cursor:pointer}
button:disabled{opacity:.6}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
[role=alert]{min-height:1.5em;margin:.8rem 0 0;color:var(--warn)}
a{color:inherit;text-underline-offset:3px}`;

// After signing in, only an address of this site is followed, as the browser itself reads it.
const script = `
const form = document.querySelector('form'), message = document.querySelector('[role=alert]'), button = form.querySelector('button');
const next = new URLSearchParams(location.search).get('next') ?? '';
const isOurs = next.startsWith('/') && URL.canParse(next, location.origin) && new URL(next, location.origin).origin === location.origin;
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  message.textContent = '';
  try {
    const response = await fetch('/v1/session', {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({key: form.elements.key.value.trim()})});
    const answer = await response.json();
    if (response.ok) return location.replace(isOurs ? next : answer.home);
    message.textContent = answer.title + '. ' + answer.detail;
  } catch {
    message.textContent = 'The server does not answer. Try again in a moment.';
  }
  button.disabled = false;
  form.elements.key.focus();
});`;

/** The sign-in page; it exchanges a key for a cookie and goes to `?next=` or the home of the role. */
export function loginPage(): string {
  return page(
    'Sign in',
    `<h1>Partner revenue</h1>
<p>Sign in with the key you were given. It decides what you see.</p>
<form><label for="key">Key</label><input id="key" name="key" type="password" autocomplete="current-password" required autofocus spellcheck="false">
<button>Sign in</button><div role="alert"></div></form><script type="module">${script}</script>`,
  );
}

/** A short page that says what happened and where to go. */
export function messagePage(title: string, detail: string): string {
  return page(
    title,
    `<h1>${escaped(title)}</h1><p>${escaped(detail)}</p><a href="/">To my first page</a> · <a href="/login">Sign in as someone else</a>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)} · Sourced</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main>${body}</main></body></html>
`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
