// HubSpot's owners and the deal pipeline.
import type { Portal } from './hubspot-objects.ts';
import type { Answer, SandboxRequest } from './server.ts';

export function listOwners(portal: Portal, request: SandboxRequest): Answer {
  const limit = Number(request.query.get('limit') ?? 100);
  const after = Number(request.query.get('after') ?? 0);
  const owners = request.query.get('archived') === 'true' ? [] : [...portal.owners];
  const page = owners.slice(after, after + limit);
  const next = after + page.length;
  const at = '2024-01-08T09:00:00.000Z';
  return {
    body: {
      results: page.map(([name, id]) => {
        const [firstName = '', ...rest] = name.split(' ');
        const email = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@corvane.example`;
        return {
          id,
          email,
          type: 'PERSON',
          firstName,
          lastName: rest.join(' '),
          userId: Number(id) - 60_000_000,
          createdAt: at,
          updatedAt: at,
          archived: false,
        };
      }),
      ...(next < owners.length ? { paging: { next: { after: String(next) } } } : {}),
    },
  };
}

export function pipeline(portal: Portal): unknown {
  const at = '2024-01-08T09:00:00.000Z';
  const base = { createdAt: at, updatedAt: at, archived: false };
  const stages = [...portal.stages].map(([label, id], displayOrder) => {
    const isClosed = label === 'won' || label === 'lost';
    const probability = label === 'won' ? '1.0' : label === 'lost' ? '0.0' : '0.5';
    return { id, label, displayOrder, metadata: { isClosed: String(isClosed), probability }, ...base };
  });
  return { id: 'default', label: 'Sales pipeline', displayOrder: 0, stages, ...base };
}
