// The site of a release: the shell of the pages, with the frame and the answers of this release put in. The shell holds no
// figure, and nothing else is kept between builds, so no page can show a figure of an earlier release.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Audience, audienceRoles, type Role } from '../api/access.ts';
import { fillPath } from '../dashboards/components/format.ts';
import { escaped, header, type Site } from '../dashboards/frame.ts';
import { COMPANY, frameMark } from '../dashboards/marks.ts';
import { type Page, pages } from '../dashboards/pages.ts';
import type { Asker } from './ask.ts';
import { sha256 } from './digests.ts';
import { answerFile, compressTexts, isOfRelease, siteShell } from './site-shell.ts';

type SiteOptions = {
  /** Asks one answer as a role. */
  readonly ask: Asker['ask'];
  /** Becomes `<release>/site`; must not exist. */
  readonly target: string;
};

/** Builds the site over the answers of `ask` into `target`. */
export async function writeSite({ ask, target }: SiteOptions): Promise<{ pages: number; answers: number }> {
  await mkdir(dirname(target), { recursive: true });
  await cp(await siteShell(), target, { recursive: true, errorOnExist: true, force: false });
  const site = await siteOf(ask);
  const answers = await writeAnswers(ask, site, target);
  for (const page of pages) await fillPage(join(target, `${page.path}.html`), page, site, answers);
  await compressTexts(target, isOfRelease);
  return { pages: pages.length, answers: answers.size };
}

type ReleaseAnswer = Omit<Site['release'], 'oldest_load_at'> & {
  readonly last_complete_month: string | null;
  readonly freshness: { readonly oldest_load_at: string | null };
};

/** What the frame knows of the release, and the values that filters have when a URL names none. */
async function siteOf(ask: Asker['ask']): Promise<Site> {
  const answer = JSON.parse(await ask('leadership', '/v1/release')) as ReleaseAnswer;
  const { freshness, last_complete_month, ...release } = answer;
  const last = release.months.at(-1) ?? release.as_of.slice(0, 7);
  const complete = last_complete_month ?? last;
  const [month = last] = [complete, last].sort();
  const basis = release.bases.includes('paid') ? 'paid' : (release.bases[0] ?? 'paid');
  const method = release.methods.includes('linear') ? 'linear' : (release.methods[0] ?? 'linear');
  return {
    release: { ...release, oldest_load_at: freshness.oldest_load_at },
    last_complete_month: complete,
    defaults: { month, basis, method, motion: '', currency: '' },
    audienceRoles,
  };
}

/**
 * Writes each page's answers where the shell expects them, under a name that tells the content: browsers keep these files.
 * Gives the new name of every file.
 */
async function writeAnswers(ask: Asker['ask'], { defaults }: Site, target: string): Promise<Map<string, string>> {
  const wanted = new Map(pages.flatMap((page) => answersOf(page, defaults).map((answer) => [answer.file, answer])));
  const names = new Map<string, string>();
  for (const { file, audience, path } of wanted.values()) {
    const text = await ask(readerOf(audience), path);
    const name = file.replace('.json', `.${sha256(text).slice(0, 8)}.json`);
    await mkdir(dirname(join(target, '_file', name)), { recursive: true });
    await writeFile(join(target, '_file', name), text);
    names.set(file, name);
  }
  return names;
}

function answersOf({ audience, answers = {} }: Page, defaults: Site['defaults']) {
  return Object.entries(answers).map(([name, template]) => ({
    audience,
    file: answerFile(audience, name),
    path: fillPath(template, defaults),
  }));
}

/** The role as which a page's answers are asked: of those that may read the page, the one that it was made for. */
function readerOf(audience: Audience): Role {
  const readers: readonly Role[] = audienceRoles[audience];
  const reader = readers.find((role) => role === audience) ?? readers[0];
  if (!reader) throw new Error(`nobody may read the pages of ${audience}`);
  return reader;
}

/** Puts the frame, the company and the names of the answers into a page of the shell. */
async function fillPage(file: string, page: Page, site: Site, answers: ReadonlyMap<string, string>): Promise<void> {
  const html = await readFile(file, 'utf8');
  const frame = header(page, site);
  const filled = replaced(html, frameMark(page.path), frame)
    .replaceAll(COMPANY, escaped(site.release.company))
    .replace(/_file\/(data\/[^".]+)\.[0-9a-f]+\.json/g, (_, name: string) => `_file/${answers.get(`${name}.json`)}`);
  await writeFile(file, finishPage(filled));
}

function replaced(html: string, mark: string, text: string): string {
  if (!html.includes(mark)) throw new Error(`the page of the shell has no ${mark}`);
  return html.replace(mark, () => text);
}

/** Names the language, and lets readers zoom. */
function finishPage(html: string): string {
  const finished = html.replace('<html>', '<html lang="en">').replace(', maximum-scale=1', '');
  if (!finished.includes('<html lang="en">') || finished.includes('maximum-scale'))
    throw new Error('Framework writes its pages differently: see finishPage in pipeline/site.ts');
  return finished;
}
