// The rules of the house: who may import whom, which packages live in one file only, what pure code may not touch,
// and that nothing in the repository names a registry host or a path of somebody's machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folder → the folders it may import beside itself. `tests` and `benchmarks` may import all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ingest: ['core'],
  attribution: ['core'],
  pipeline: ['core', 'ingest', 'attribution', 'api', 'dashboards', 'sandbox'],
  api: ['core'],
  dashboards: ['api'],
  sandbox: ['core'],
};

/** The packages that core may use: schemas, YAML and the kept list of currencies. */
const corePackages = ['zod', 'yaml', 'currency-codes'];

type Source = { file: string; folder: string; text: string; imports: string[] };

const sources: Source[] = Object.keys(mayImport).flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name) && !/node_modules|\.cache/.test(entry.parentPath),
    )
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'utf8');
      const imports = [...text.matchAll(/(?:from|import\(|import)\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!);
      return { file: relative(root, path), folder, text, imports };
    }),
);

function violations(find: (source: Source) => readonly string[]): string[] {
  return sources.flatMap((source) => find(source).map((problem) => `${source.file}: ${problem}`));
}

describe('who may import whom', () => {
  test('folders import only what the table allows', () => {
    const found = violations(({ file, folder, imports }) =>
      imports
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(root, resolve(root, dirname(file), target)).split(/[/\\]/)[0]!)
        .filter((target) => target in mayImport && target !== folder && !mayImport[folder]!.includes(target))
        .map((target) => `${folder}/ may not import ${target}/`),
    );
    expect(found).toEqual([]);
  });

  test('core is pure: no Node modules, only its few packages', () => {
    const found = violations(({ folder, imports }) =>
      folder !== 'core' ? [] : imports.filter((target) => !target.startsWith('.') && !corePackages.includes(target)),
    );
    expect(found).toEqual([]);
  });

  test.each([
    [
      '@duckdb/node-api',
      ['pipeline/warehouse.ts', 'pipeline/warehouse-in.ts', 'pipeline/warehouse-out.ts', 'api/release-store.ts'],
    ],
    ['./warehouse-in.ts', ['pipeline/warehouse.ts']],
    ['./warehouse-out.ts', ['pipeline/warehouse.ts', 'pipeline/warehouse-in.ts']],
    ['node:sqlite', ['pipeline/books.ts']],
    ['node:https', ['ingest/exchange.ts']],
  ])('%s is imported in its own file only', (name, allowed) => {
    const found = violations(({ file, imports }) =>
      imports.includes(name) && !allowed.includes(file.replaceAll('\\', '/')) ? [name] : [],
    );
    expect(found).toEqual([]);
  });

  test('fetch is called by pages only', () => {
    const found = violations(({ folder, text }) =>
      folder !== 'dashboards' && /(?<![.\w])fetch\(/.test(code(text)) ? ['fetch('] : [],
    );
    expect(found).toEqual([]);
  });
});

describe('the same input gives the same numbers', () => {
  test.each([/\bDate\.now\(/, /new Date\(\)/, /Math\.random\(/, /process\.env/, /Temporal\.Now/])(
    'core and attribution never read %s',
    (pattern) => {
      const found = violations(({ folder, text }) =>
        ['core', 'attribution'].includes(folder) && pattern.test(code(text)) ? [String(pattern)] : [],
      );
      expect(found).toEqual([]);
    },
  );

  test('neither api nor dashboards names a raw or staging table', () => {
    const found = violations(({ folder, text }) =>
      ['api', 'dashboards'].includes(folder) && /\braw\.\w|\bstg_\w/.test(code(text))
        ? ['names a raw or staging table']
        : [],
    );
    expect(found).toEqual([]);
  });
});

describe('what the repository may not hold', () => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

  test('no registry host and no path of a machine', () => {
    const hosts = [
      'registry' + '.npmjs',
      'pypi' + '.org',
      'python' + 'hosted',
      'deb.' + 'debian.org',
      '/work' + '/',
      '.lib' + 'rary/',
    ];
    const found = tracked
      .filter((file) => existsSync(join(root, file)) && !/\.(png|woff2|parquet)$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), 'utf8');
        return hosts.filter((host) => text.includes(host)).map((host) => `${file}: ${host}`);
      });
    expect(found).toEqual([]);
  });

  test('no lockfile line names a download address, no skipped test stays', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/);
    const skipped = tracked
      .filter((file) => file.startsWith('tests/') && file.endsWith('.test.ts'))
      .filter((file) => /\b(it|test|describe)\.(todo|only|skip)\b/.test(readFileSync(join(root, file), 'utf8')));
    expect(skipped).toEqual([]);
  });
});

/** Source without comments, so that a rule named in a comment is not a breach of it. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');
}
