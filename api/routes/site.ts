// The pages of the current release, and who may have which file. A file outside the known folders is not served at all.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { audienceRoles, homeOf, isAudience, type Role, roles } from '../access.ts';
import type { ApiServices } from '../answers.ts';
import { ApiProblem } from '../errors.ts';

/** Folders of code and style that every page shares; they hold no figure. */
const sharedFolders = new Set(['_observablehq', '_npm', '_node', '_import', '_jsr']);

export async function siteRoutes(app: FastifyInstance, { store }: ApiServices): Promise<void> {
  await app.register(fastifyStatic, { root: process.cwd(), serve: false, preCompressed: true, cacheControl: false });
  const config = { access: roles };
  const schema = { hide: true };

  app.get('/', { config: { access: 'open' }, schema }, (request, reply) =>
    reply.redirect(request.principal ? homeOf(request.principal.role) : '/login', 303),
  );
  for (const folder of [...Object.keys(audienceRoles), ...sharedFolders, '_file'])
    app.get(`/${folder}/*`, { config, schema }, async (request, reply) => {
      const path = filePath(request);
      requireReader(path, request.principal!.role);
      const { release, end } = await store.lease();
      end(); // the files of a release stay where they are; only its tables have to be held open
      return sendFile(reply, { path, root: join(release.directory, 'site'), release_id: release.manifest.release_id });
    });
  for (const audience of Object.keys(audienceRoles))
    app.get(`/${audience}`, { config, schema }, (_request, reply) => reply.redirect(`/${audience}/`, 301));
}

/** The decoded path below the site's root. Anything that could step out of its folder is refused. */
function filePath({ url }: FastifyRequest): string {
  const path = decodeURIComponent(url.split('?')[0] ?? '').slice(1);
  const segments = path.split('/');
  const isPlain = segments.every((segment, index) =>
    segment === '' ? index === segments.length - 1 : !segment.startsWith('.') && !/[\\\0]/.test(segment),
  );
  if (!isPlain) throw new ApiProblem('not_found', 'There is no such page.');
  return path;
}

/** A page belongs to the audience of its folder; a data file to that of its folder below `data/`. */
function requireReader(path: string, role: Role): void {
  const readers = readersOf(path.split('/'));
  if (readers === undefined) throw new ApiProblem('not_found', 'There is no such page.');
  if (!readers.includes(role))
    throw new ApiProblem(
      'role_not_allowed',
      `This is for ${readers.join(', ')}. Your own pages begin at ${homeOf(role)}.`,
    );
}

function readersOf(segments: readonly string[]): readonly Role[] | undefined {
  const [folder = '', ...rest] = segments;
  if (isAudience(folder)) return audienceRoles[folder];
  if (sharedFolders.has(folder)) return roles;
  const data = rest.indexOf('data');
  const audience = data < 0 ? '' : (rest[data + 1] ?? '');
  return folder === '_file' && isAudience(audience) ? audienceRoles[audience] : undefined;
}

interface SiteFile {
  readonly path: string;
  readonly root: string;
  readonly release_id: string;
}

function sendFile(reply: FastifyReply, { path, root, release_id }: SiteFile): FastifyReply {
  const name = [path, `${path}.html`, join(path, 'index.html')].find((candidate) => isFile(join(root, candidate)));
  if (name === undefined) throw new ApiProblem('not_found', 'There is no such page in the current release.');
  const isCode = sharedFolders.has(path.split('/')[0] ?? '') && /\.[0-9a-f]{8,}\./.test(path);
  reply.header('x-release-id', release_id);
  reply.header('cache-control', isCode ? 'private, max-age=31536000, immutable' : 'private, no-cache');
  return reply.sendFile(name, root);
}

function isFile(path: string): boolean {
  return !path.endsWith('/') && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
