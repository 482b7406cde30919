// A served site for browser tests: a real release, the real build, the real server, and readers that sign in on its page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Role } from '../../api/access.ts';
import { type Server, serve } from '../../api/server.ts';
import { askRelease } from '../../pipeline/ask.ts';
import { type Books, openBooks } from '../../pipeline/books.ts';
import { writeSite } from '../../pipeline/site.ts';
import { FIRST, keyStore, publish, type ReleaseRequest, secrets, writeRelease } from '../api/fixture.ts';

export interface ServedSite {
  readonly address: string;
  readonly releasesDirectory: string;
  readonly directory: string;
  readonly decisions: Books['decisions'];
  close(): Promise<void>;
}

/** Writes a release with these tables, builds its site, publishes and serves it on a free port. */
export async function serveSite(replaced: NonNullable<ReleaseRequest['replaced']>): Promise<ServedSite> {
  const releasesDirectory = mkdtempSync(join(tmpdir(), 'sourced-browser-'));
  const directory = await buildRelease(releasesDirectory, FIRST, replaced);
  const books = openBooks(join(releasesDirectory, 'books.sqlite'));
  const { decisions } = books;
  const server: Server = await serve({ releasesDirectory, keys: keyStore(), decisions, port: 0 });
  return {
    address: server.address,
    releasesDirectory,
    directory,
    decisions,
    close: async () => {
      await server.close();
      books.close();
      rmSync(releasesDirectory, { recursive: true, force: true });
    },
  };
}

/** Writes, builds and publishes one release. */
export async function buildRelease(
  releasesDirectory: string,
  release_id: string,
  replaced: NonNullable<ReleaseRequest['replaced']>,
): Promise<string> {
  const directory = await writeRelease({ releasesDirectory, release_id, replaced });
  rmSync(join(directory, 'site'), { recursive: true, force: true });
  const { ask, close } = askRelease(directory);
  await writeSite({ ask, target: join(directory, 'site') });
  await close();
  publish(releasesDirectory, release_id);
  return directory;
}

/** A reader that has signed in with the key of a role, on the sign-in page, as people do. */
export async function signIn(browser: Browser, address: string, role: Role): Promise<BrowserContext> {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${address}/login`);
  await page.fill('input[name=key]', secrets[role]);
  await page.click('button');
  await page.waitForURL(`**/${role}/`);
  await settled(page);
  await page.close();
  return context;
}

/** Waits until nothing on the page is loading and every chart is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const stages = [...document.querySelectorAll('.stage')];
    return (
      document.querySelector('main') !== null &&
      document.querySelector('observablehq-loading') === null &&
      document.querySelector('main')!.textContent!.trim() !== '' &&
      stages.every((stage) => stage.querySelector('svg') !== null)
    );
  });
}
