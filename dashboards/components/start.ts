// Runs on every page: filters follow the URL, navigation follows the role, the session can be ended.
import { ask } from './api.js';
import { bindFilters } from './query.js';

interface Session {
  readonly role: string;
}

const filters = document.querySelector<HTMLFormElement>('[data-filters-form]');
if (filters) {
  bindFilters(filters);
  document.querySelector('[data-leave]')?.addEventListener('click', leave);
  document.querySelector('[data-newer]')?.addEventListener('click', () => location.reload());
  showRole().catch((error: unknown) => console.error(error));
}

/** Navigation shows only what the role may open. The server decides anyway; this spares the reader a refusal. */
async function showRole(): Promise<void> {
  show(sessionStorage.getItem('role'));
  const { role } = await ask<Session>('/v1/session');
  sessionStorage.setItem('role', role);
  show(role);
}

/** On a phone the navigation is one line that scrolls: it starts where the reader is. */
function showCurrent(): void {
  const [nav, link] = [document.querySelector('nav'), document.querySelector<HTMLElement>('nav [aria-current]')];
  if (nav && link) nav.scrollLeft = link.offsetLeft - (nav.clientWidth - link.offsetWidth) / 2;
}

/** Until the server answers, the role of the page before stands in, so that nothing jumps. */
function show(role: string | null): void {
  if (!role) return;
  for (const section of document.querySelectorAll<HTMLElement>('[data-roles]')) {
    section.hidden = !section.dataset.roles?.split(' ').includes(role);
  }
  showCurrent();
}

async function leave(): Promise<void> {
  await ask('/v1/session', { method: 'DELETE' });
  sessionStorage.removeItem('role');
  location.assign('/login');
}
