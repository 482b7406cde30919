// The shape of the dbt project, read from its files: money is BIGINT and no mart rounds it, staging joins nothing, release tables
// have an enforced contract and a tested key, every model has its .yml beside it, and no statement joins more than four others.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const models = join(import.meta.dirname, '..', '..', 'models');
const folders = ['staging', 'core', 'journeys', 'marts', 'audits'];

type Column = { name: string; data_type?: string };
type Model = {
  name: string;
  columns?: Column[];
  config?: { contract?: { enforced?: boolean } };
  data_tests?: (string | Record<string, unknown>)[];
};

const files = folders.flatMap((folder) =>
  readdirSync(join(models, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
);
const sqlFiles = files.filter((file) => file.endsWith('.sql'));
const described = new Map<string, Model>(
  files
    .filter((file) => file.endsWith('.yml'))
    .flatMap((file) => (parse(readFileSync(join(models, file), 'utf8')).models ?? []) as Model[])
    .map((model) => [model.name, model]),
);
const sqlOf = (file: string) => readFileSync(join(models, file), 'utf8');
const isInlined = (file: string) => sqlOf(file).includes("materialized='ephemeral'");
const codeOf = (file: string) =>
  sqlOf(file)
    .replace(/--.*$/gm, '')
    .replace(/\{#[\s\S]*?#\}/g, '');
const nameOf = (file: string) => basename(file, '.sql');

describe('every model', () => {
  test('has its .yml beside it', () => {
    const missing = sqlFiles.filter(
      (file) => !files.includes(file.replace(/\.sql$/, '.yml')) || !described.has(nameOf(file)),
    );
    expect(missing).toEqual([]);
  });

  test('holds money as BIGINT', () => {
    const wrong = [...described.values()].flatMap(({ name, columns = [] }) =>
      columns
        .filter((column) => column.name.endsWith('_minor') && column.data_type?.toLowerCase() !== 'bigint')
        .map((column) => `${name}.${column.name} is ${column.data_type}`),
    );
    expect(wrong).toEqual([]);
  });

  test('of staging joins nothing', () => {
    const staging = sqlFiles.filter((file) => file.startsWith('staging'));
    expect(staging.length).toBeGreaterThan(0);
    expect(staging.filter((file) => /\b(?<!semi )(?<!anti )join\b/i.test(codeOf(file)))).toEqual([]);
  });

  test('of the marts neither rounds nor averages, nor computes in floats', () => {
    const marts = sqlFiles.filter((file) => file.startsWith('marts'));
    expect(marts.filter((file) => /\b(double|float|real)\b|\b(round|avg)\s*\(/i.test(codeOf(file)))).toEqual([]);
  });
});

/** The columns of the weights follow the configured methods, so that no contract can list them. */
const withoutContract = ['fct_attribution_weight', 'fct_touch_weight'];
/** Views of many rows, whose keys are tested on the sandbox company (tests/sandbox/truth.test.ts) and not in every run. */
const keyTestedOnce = ['fct_touchpoint', 'fct_line_movement', 'lineage_edge', 'lineage_record'];
const releaseFiles = sqlFiles.filter((file) => file.startsWith('marts') && !isInlined(file));

describe('every release table', () => {
  test.each(releaseFiles.map(nameOf))('%s has an enforced contract and a tested key', (name) => {
    const model = described.get(name);
    expect(model?.config?.contract?.enforced === true || withoutContract.includes(name)).toBe(true);
    const tests = (model?.data_tests ?? []).map((entry) => (typeof entry === 'string' ? entry : Object.keys(entry)[0]));
    expect(tests.includes('unique_key') || keyTestedOnce.includes(name)).toBe(true);
  });

  test.each(releaseFiles)('%s joins at most four others in a statement', (file) => {
    const statements = codeOf(file).split(/\n\),|\nunion all|\n {4}union all/);
    const joins = statements.map((statement) => (statement.match(/\bjoin\b/gi) ?? []).length);
    expect(Math.max(...joins)).toBeLessThanOrEqual(4);
  });
});
