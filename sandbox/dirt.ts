// A handful of records that must be refused, each for a reason of its own. They are extra: refusing them changes no number.

import type { StreamName } from '../core/streams.ts';
import { at, toInstant } from './calendar.ts';
import type { RefusedTruth } from './truth-files.ts';
import type { World } from './world.ts';
import type { Row } from './writers.ts';

/** Writes the bad records and a few exact repeats of good ones; returns what must be refused. */
export function writeDirt(world: World): RefusedTruth[] {
  const { setting, sheets, partners } = world;
  const refused: RefusedTruth[] = [];
  const moment = toInstant(at(setting.lastDay - 40, 12 * 3600));
  const refuse = (stream: StreamName, recordId: string, row: Row) => {
    sheets.write(stream, row);
    refused.push({ stream, recordId });
  };
  const partner_id = partners.all[0]!.id;
  const account_id = world.nextId('A');
  sheets.write('accounts', {
    account_id,
    name: 'Larch Hollow Clinics',
    country: 'US',
    segment: 'smb',
    created_at: moment,
  });
  const payment = { paid_at: moment, currency: 'USD', status: 'succeeded' };
  refuse('payments', 'PY-X1', { payment_id: 'PY-X1', invoice_id: 'INV-1001', ...payment, amount: '1,250.00' });
  refuse('payments', 'PY-X2', { payment_id: 'PY-X2', invoice_id: 'INV-X404', ...payment, amount: '480.00' });
  refuse('invoices', 'INV-X1', {
    invoice_id: 'INV-X1',
    customer_id: 'CU-X404',
    issued_at: moment,
    status: 'open',
    currency: 'USD',
  });
  refuse('invoice_lines', 'LI-X1', { line_id: 'LI-X1', invoice_id: 'INV-X1', product: 'platform', amount: '640.00' });
  refuse('invoices', 'INV-X2', {
    invoice_id: 'INV-X2',
    customer_id: 'CU-1001',
    issued_at: moment,
    status: 'open',
    currency: 'US$',
  });
  refuse('invoice_lines', 'LI-X2', { line_id: 'LI-X2', invoice_id: 'INV-1001', product: 'platform', amount: '12.345' });
  refuse('payment_adjustments', 'ADJ-X1', {
    adjustment_id: 'ADJ-X1',
    kind: 'refund',
    payment_id: 'PY-1001',
    occurred_at: moment,
    amount: '9999999.00',
    currency: 'USD',
  });
  const deal = { account_id, created_at: moment, amount: '9600.00', currency: 'USD', product: 'platform' };
  refuse('deals', 'D-X1', { deal_id: 'D-X1', ...deal, name: 'Won but still open', is_closed: 'false', is_won: 'true' });
  refuse('deals', 'D-X2', {
    deal_id: 'D-X2',
    ...deal,
    name: 'Closed on no day',
    closed_at: '0000-00-00',
    is_closed: 'true',
    is_won: 'false',
  });
  const touch = { occurred_at: moment, account_id, channel: 'email', kind: 'email_click' };
  refuse('touchpoints', 'T-X1', { touchpoint_id: 'T-X1', ...touch, account_id: 'A-X404' });
  refuse('touchpoints', 'T-X2', { touchpoint_id: 'T-X2', ...touch, partner_id: 'P-X404', channel: 'partner' });
  refuse('touchpoints', 'T-X3', { touchpoint_id: 'T-X3', ...touch, occurred_at: '2026-02-30T10:00:00Z' });
  refuse('touchpoints', 'T-X4', { touchpoint_id: 'T-X4', ...touch });
  refuse('touchpoints', 'T-X4', { touchpoint_id: 'T-X4', ...touch, channel: 'webinar', kind: 'webinar_attended' });
  refuse('leads', 'L-X1', { lead_id: 'L-X1', partner_id: 'P-X404', account_id, submitted_at: moment, status: 'new' });
  refuse('deal_registrations', 'R-X1', {
    registration_id: 'R-X1',
    partner_id,
    account_id,
    submitted_at: 'last Tuesday',
    status: 'approved',
  });
  for (let repeat = 0; repeat < 3; repeat++) sheets.write('touchpoints', { touchpoint_id: 'T-R1', ...touch });
  return refused;
}
