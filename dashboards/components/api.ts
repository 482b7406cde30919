// The API as the pages see it: published answers for the values a page opens with, live ones for all others.

import { fillPath } from './format.js';
import { problemNotice } from './notice.js';
import type { Query } from './query.js';
import { context, release } from './release.js';

/** An answer that is not one: `code` is the stable code of the API's problem document. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, title: string) {
    super(title);
    this.status = status;
    this.code = code;
  }
}

/** What the pages need of Framework's FileAttachment. */
interface PublishedFile {
  json(): Promise<unknown>;
}

/** Asks the API. A session that ended leads to the sign-in page and back. */
export async function ask<Answer>(path: string, options: RequestInit = {}): Promise<Answer> {
  const headers = { accept: 'application/json', ...options.headers };
  const response = await fetch(path, { ...options, headers }).catch(() => {
    throw new ApiProblem(0, 'unreachable', 'The server does not answer. Check the connection, then reload this page.');
  });
  if (response.status === 401)
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!response.ok) throw await problem(response);
  noticeRelease(response.headers.get('x-release-id'));
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/**
 * One of the page's answers for the filters in the URL: the published file where they are the defaults, else the API.
 * `name` is the answer's name in pages.ts.
 */
export async function answer<Answer>(name: string, query: Query, file: PublishedFile): Promise<Answer> {
  const { answers, defaults } = context();
  const template = answers[name];
  if (!template) throw new Error(`pages.ts lists no answer ${name} for this page`);
  const path = fillPath(template, query);
  const isPublished = path === fillPath(template, defaults);
  return orNotice(isPublished ? file.json().catch(() => ask(path)) : ask(path)) as Promise<Answer>;
}

/** What a page cannot be drawn without: where it does not come, the page says so once, in place of its figures. */
export async function orNotice<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem) problemNotice(error.message, error.code);
    throw error;
  }
}

/** All pages of a list, up to `limit` rows. */
export async function askAll<Row>(path: string, limit: number): Promise<{ items: Row[]; next_cursor: string | null }> {
  const items: Row[] = [];
  let cursor: string | null = null;
  do {
    const url: string = cursor ? `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : path;
    const page: { items: Row[]; next_cursor: string | null } = await ask(url);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < limit);
  return { items, next_cursor: cursor };
}

async function problem(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as { code?: string; title?: string; detail?: string };
  const title = body.detail ?? body.title ?? response.statusText;
  return new ApiProblem(response.status, body.code ?? 'unknown', title);
}

/** A newer release was published while this page was open: figures of two releases must not stand side by side unnoticed. */
function noticeRelease(release_id: string | null): void {
  if (!release_id || release_id === release().release_id) return;
  const stamp = document.querySelector<HTMLElement>('[data-newer]');
  if (stamp) stamp.hidden = false;
}
