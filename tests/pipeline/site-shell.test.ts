// The shell of the pages that is kept between builds says nothing of any release: it holds marks where a release's words come.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMPANY, frameMark } from '../../dashboards/marks.ts';
import { pages } from '../../dashboards/pages.ts';
import { siteShell } from '../../pipeline/site-shell.ts';

test('the shell has every page with its marks, and no answer', async () => {
  const shell = await siteShell();
  for (const { path } of pages) {
    const html = readFileSync(join(shell, `${path}.html`), 'utf8');
    expect(html).toContain(frameMark(path));
    expect(html).toContain(`| ${COMPANY}</title>`);
    expect(html).not.toContain('id="context"');
  }
  const files = readdirSync(shell, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => file.endsWith('.json'))).toEqual([]);
});

test('the same code has one shell', async () => {
  expect(await siteShell()).toBe(await siteShell());
});
