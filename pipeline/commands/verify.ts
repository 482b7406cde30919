// `sourced verify`: recomputes the hash chains of the books and the digests of every release.
import type { Command } from 'commander';
import { AuditError } from '../../core/errors.ts';
import { openBooks } from '../books.ts';
import type { ChainFault } from '../books-verify.ts';
import { readManifest, releaseDirectories, verifyRelease } from '../release.ts';
import { openContext } from './context.ts';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('recompute hash chain, balances and release digests')
    .action(async (_: unknown, command: Command) => {
      const { workspace, json } = openContext(command);
      const releases = releaseDirectories(workspace);
      const noted = releases.flatMap((directory) => {
        const manifest = readManifest(directory);
        return manifest?.ledger_head
          ? [{ sequence: BigInt(Number(manifest.ledger_sequence)), hash: manifest.ledger_head }]
          : [];
      });
      const books = openBooks(workspace.books);
      const verification = books.verify(noted);
      books.close();
      const problems = (await Promise.all(releases.map(verifyRelease))).flat();
      if (!verification.is_intact) problems.unshift(describeFault(verification.fault));
      if (problems.length)
        throw new AuditError(
          `what is stored is not what was published\n${problems.map((line) => `  ${line}`).join('\n')}`,
          'restore the books and releases from a backup',
        );
      const counts = {
        ledger_entries: verification.is_intact ? Number(verification.entries) : 0,
        releases: releases.length,
      };
      process.stdout.write(
        json
          ? `${JSON.stringify({ status: 'intact', ...counts })}\n`
          : `intact: ${counts.ledger_entries} ledger entries, ${counts.releases} releases\n`,
      );
    });
}

function describeFault({ table, row, id, problem }: ChainFault): string {
  const words = { altered: 'was altered', missing: 'is missing', inserted: 'was put in from outside' }[problem];
  return `books: ${table} ${row}${id ? ` (${id})` : ''} ${words}`;
}
