// Reads the audits that dbt computed and decides whether a release may be published. What they check is models/audits.
import { AuditError } from '../core/errors.ts';
import type { Warehouse } from './warehouse.ts';

export type Audit = { name: string; level: 'block' | 'warn'; status: 'pass' | 'fail'; detail: string | null };
export type AuditSummary = { total: number; passed: number; warned: number; failed: number };

/** Every audit, the failed ones first. */
export async function readAudits(warehouse: Warehouse): Promise<Audit[]> {
  return warehouse.rows<Audit>(
    `SELECT name, level, status, detail FROM marts.audit_check ORDER BY status = 'pass', level, name`,
  );
}

/** How many there are, and how they ended, by level. */
export function summarise(audits: readonly Audit[]): AuditSummary {
  const failed = audits.filter((audit) => audit.status === 'fail');
  return {
    total: audits.length,
    passed: audits.length - failed.length,
    warned: failed.filter((audit) => audit.level === 'warn').length,
    failed: failed.filter((audit) => audit.level === 'block').length,
  };
}

/** What failed without standing in the way of publishing, by name. */
export function warningsOf(audits: readonly Audit[]): string {
  return audits
    .filter(({ level, status }) => level === 'warn' && status === 'fail')
    .map(({ name }) => name)
    .join(', ');
}

const mendRecords = 'correct the records that the lines name, then run again';
const tooManyRefused =
  'correct them in their system or file and run again; `sourced quarantine waive` leaves one out for good, `publish.max_quarantine_share` in sourced.yaml says how many are few';

/** Throws AuditError where an audit of level `block` did not hold: nothing may be published then. */
export function assertPublishable(audits: readonly Audit[]): void {
  const broken = audits.filter((audit) => audit.level === 'block' && audit.status === 'fail');
  if (!broken.length) return;
  throw new AuditError(
    `${broken.length} of ${audits.length} audits do not hold; nothing was published, the last release stays\n` +
      broken.map(({ name, detail }) => `  ${name}: ${detail ?? 'no detail'}`).join('\n'),
    broken.some(({ name }) => name.startsWith('quarantine_share')) ? tooManyRefused : mendRecords,
  );
}
