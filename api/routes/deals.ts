// /v1/deals: deals, one deal with its credit, its journey; /v1/conflicts: the claims that lost.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, documentRoute, listRoute } from '../answers.ts';
import { Month } from '../columns.ts';
import { dealDetail, dealJourney, touchRows } from '../deal-detail.ts';
import { conflicts, dealGaps, deals } from '../deal-lists.ts';
import { basis, id, partnerId } from '../filters.ts';
import { paging } from '../lists.ts';
import { Conflict, Deal, DealDetail, Journey } from '../schemas.ts';

export function dealRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    url: '/v1/deals',
    roles: staff,
    tag: 'Deals',
    summary: 'Deals with who sourced them',
    description: 'Largest paid revenue first. With a month or basis: only deals with money there, largest first.',
    row: Deal,
    query: {
      partner_id: partnerId.optional(),
      role: z.enum(['sourced', 'influenced', 'any']).default('any').describe('What partner_id is to the deal'),
      state: z.enum(['open', 'won', 'lost']).optional(),
      search: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Part of the name of the deal or its account, or of its id'),
      account_id: id.optional(),
      month: Month.optional(),
      basis: basis.optional(),
      gap: z
        .enum(dealGaps)
        .optional()
        .describe('Only deals of this gap that are not lost, most at stake (open or booked) first'),
    },
    ask: ({ query }) => deals(query),
  });
  documentRoute(app, services, {
    url: '/v1/deals/:deal_id',
    roles: staff,
    tag: 'Deals',
    summary: 'A deal with its money, weights and credit',
    schema: DealDetail,
    params: { deal_id: id },
    answer: ({ release, params }) => dealDetail(release, params.deal_id),
  });
  documentRoute(app, services, {
    url: '/v1/deals/:deal_id/journey',
    roles: staff,
    tag: 'Deals',
    summary: "A deal's touches, and why others do not count",
    schema: Journey,
    params: { deal_id: id },
    query: paging,
    answer: ({ release, params, query, question }) => dealJourney(release, params.deal_id, query, question),
    rows: ({ release, params, query, question }) => touchRows(release, params.deal_id, query, question),
  });
  listRoute(app, services, {
    url: '/v1/conflicts',
    roles: staff,
    tag: 'Deals',
    summary: 'Claims that lost, with who won and why, most money at stake first',
    row: Conflict,
    query: { partner_id: partnerId.optional().describe('The loser'), deal_id: id.optional() },
    ask: ({ query }) => conflicts(query),
  });
}
