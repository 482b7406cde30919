// /v1/releases: the history, and what changed between two releases and why.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, documentRoute } from '../answers.ts';
import { diffReleases } from '../diff.ts';
import { auditCounts } from '../manifest.ts';
import { findRelease, releaseBefore, releaseHistory } from '../release-history.ts';
import { ReleaseDiff, ReleaseHistory } from '../schemas.ts';

const RELEASES_MAX = 50;

const releaseId = z
  .string()
  .regex(/^(current|[0-9a-f]{1,64})$/, 'a release is named by the digits of its id, or by `current`')
  .describe('A release id or its beginning, or `current`');

const limit = z
  .string()
  .regex(/^([1-9]\d?|[1-4]\d\d|500)$/, 'limit is a number from 1 to 500')
  .transform(Number)
  .default(20)
  .describe('How many deals, links and entries are told in full');

export function releasesRoutes(app: FastifyInstance, services: ApiServices): void {
  const shared = { roles: staff, tag: 'Trust' };
  documentRoute(app, services, {
    ...shared,
    url: '/v1/releases',
    summary: 'Releases, the newest first',
    description: `At most ${RELEASES_MAX}.`,
    schema: ReleaseHistory,
    async answer({ release }) {
      const history = releaseHistory(release);
      return {
        total: history.length,
        releases: history.slice(0, RELEASES_MAX).map(({ manifest, directory }) => ({
          release_id: manifest.release_id,
          as_of: manifest.as_of,
          created_at: manifest.created_at,
          is_current: directory === release.directory,
          previous_release_id: manifest.previous_release_id,
          code_digest: manifest.code_digest,
          config_digest: manifest.config_digest,
          audits: auditCounts(manifest),
        })),
      };
    },
  });
  documentRoute(app, services, {
    ...shared,
    url: '/v1/releases/:release_id/diff',
    summary: 'What changed between two releases, and why',
    description: 'Totals, deals with the records behind the change, links, ledger entries.',
    schema: ReleaseDiff,
    params: { release_id: releaseId },
    query: {
      from: releaseId.optional().describe('The release before; default: the one that was current before'),
      limit,
    },
    async answer({ release, params, query }) {
      const history = releaseHistory(release);
      const after = findRelease(release, history, params.release_id);
      const before = query.from ? findRelease(release, history, query.from) : releaseBefore(history, after);
      return diffReleases({ before, after, limit: query.limit });
    },
  });
}
