// /v1/activation, /v1/overlaps: how partners come alive, and where both sides know the same accounts.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, listRoute } from '../answers.ts';
import { conditions, partnerId } from '../filters.ts';
import { Activation, Overlap } from '../schemas.ts';

export function programmeRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    url: '/v1/activation',
    roles: staff,
    tag: 'Partners',
    summary: 'First and latest commercial event of each partner',
    row: Activation,
    table: 'fct_partner_activation',
    query: { is_active: z.enum(['true', 'false']).optional() },
    ask({ query }) {
      const { where, parameters } = conditions([
        'is_active = CAST($is_active AS BOOLEAN)',
        { is_active: query.is_active },
      ]);
      return {
        sql: `SELECT activation.*, dim_partner.name AS partner_name
          FROM (FROM fct_partner_activation SELECT * REPLACE (coalesce(is_active, false) AS is_active)) AS activation
          LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'partner_id' }],
      };
    },
  });
  listRoute(app, services, {
    url: '/v1/overlaps',
    roles: staff,
    tag: 'Partners',
    summary: 'Accounts that both sides know, by population',
    description: 'A signal, never influence.',
    row: Overlap,
    table: 'fct_account_overlap',
    query: { partner_id: partnerId.optional() },
    ask({ query }) {
      const { where, parameters } = conditions(['overlap.partner_id = $partner_id', { partner_id: query.partner_id }]);
      return {
        sql: `SELECT overlap.*, dim_partner.name AS partner_name
          FROM fct_account_overlap AS overlap LEFT JOIN dim_partner USING (partner_id) ${where}`,
        parameters,
        order: [{ name: 'partner_id' }, { name: 'our_population' }, { name: 'partner_population' }],
      };
    },
  });
}
