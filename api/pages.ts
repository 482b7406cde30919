// The sign-in page and the short message pages: self-contained, in the look of the site, there before the first release.
import { readFileSync } from 'node:fs';

const frame = part('frame');
const signIn = part('sign-in');

/** The sign-in page; it exchanges a key for a cookie and goes to `?next=` or the home of the role. */
export function loginPage(): string {
  return page('Sign in', signIn);
}

/** A short page that says what happened and where to go. */
export function messagePage(title: string, detail: string): string {
  const links = '<a href="/">To my first page</a> · <a href="/login">Sign in as someone else</a>';
  return page(title, `<h1>${escaped(title)}</h1><p>${escaped(detail)}</p>${links}`);
}

function page(title: string, body: string): string {
  return frame.replace('<!--title-->', () => escaped(title)).replace('<!--body-->', () => body);
}

function part(name: string): string {
  return readFileSync(new URL(`./pages/${name}.html`, import.meta.url), 'utf8');
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
