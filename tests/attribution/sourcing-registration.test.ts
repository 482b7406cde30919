// The rule deal_registration, sentence by sentence (domain.md §4, fine-print 8 to 10).
import { accounts, deal, only, registration, table } from './sourcing-cases.ts';

table(
  'deal_registration',
  [
    ['for the account', { registrations: [registration] }, 'deal_registration P R'],
    [
      'for the deal itself, whatever account it names',
      { registrations: [{ ...registration, deal: 'D', account: 'C' }] },
      'deal_registration P R',
    ],
    [
      'a registration that names another deal is that deal’s alone',
      { registrations: [{ ...registration, deal: 'E' }], deals: [deal, { ...deal, id: 'E' }] },
      'none',
    ],
    ['of another account', { registrations: [{ ...registration, account: 'C' }] }, 'none'],
    ['pending', { registrations: [{ ...registration, status: 'pending' }] }, 'none'],
    ['rejected', { registrations: [{ ...registration, status: 'rejected', decided_at: '2026-03-02' }] }, 'none'],
    ['expired without a decision', { registrations: [{ ...registration, status: 'expired' }] }, 'none'],
    [
      'expired after a decision counts as approved',
      { registrations: [{ ...registration, status: 'expired', decided_at: '2026-03-05T00:00:00Z' }] },
      'deal_registration P R',
    ],
    [
      'submitted exactly at creation + grace',
      { registrations: [{ ...registration, submitted_at: '2026-03-12T12:00:00Z' }] },
      'deal_registration P R',
    ],
    [
      'submitted a microsecond after creation + grace',
      { registrations: [{ ...registration, submitted_at: '2026-03-12T12:00:00.000001Z' }] },
      'none',
    ],
    [
      'a creation date is its whole local day: submitted in its last second + grace',
      {
        deals: [{ ...deal, created_at: '2026-03-10' }],
        registrations: [{ ...registration, submitted_at: '2026-03-13T03:59:59Z' }],
      },
      'deal_registration P R',
    ],
    [
      'a submission date counts from its start',
      { registrations: [{ ...registration, submitted_at: '2026-03-12' }] },
      'deal_registration P R',
    ],
    [
      'decided exactly at the close',
      { registrations: [{ ...registration, decided_at: '2026-04-10T12:00:00Z' }] },
      'deal_registration P R',
    ],
    ['decided after the close', { registrations: [{ ...registration, decided_at: '2026-04-10T12:00:01Z' }] }, 'none'],
    [
      'decided on the date of the close, which is its whole day',
      {
        deals: [{ ...deal, closed_at: '2026-04-10' }],
        registrations: [{ ...registration, decided_at: '2026-04-11T03:00:00Z' }],
      },
      'deal_registration P R',
    ],
    [
      'decided after as_of is still pending',
      {
        deals: [{ id: 'D', account: 'A', created_at: deal.created_at! }],
        registrations: [{ ...registration, decided_at: '2026-07-02' }],
      },
      'none',
    ],
    [
      'submitted after as_of has no effect yet',
      {
        deals: [{ id: 'D', account: 'A', created_at: '2026-07-01T11:00:00Z' }],
        registrations: [{ ...registration, submitted_at: '2026-07-01T13:00:00Z' }],
      },
      'none',
    ],
    [
      'created exactly at the end of protection that the record names',
      { registrations: [{ ...registration, protection_ends_at: '2026-03-10T12:00:00Z' }] },
      'deal_registration P R',
    ],
    [
      'created after the end of protection that the record names, though inside protection_days',
      { registrations: [{ ...registration, protection_ends_at: '2026-03-10T11:59:59Z' }] },
      'none',
    ],
    [
      'a protection end given as a date is its last microsecond',
      { registrations: [{ ...registration, protection_ends_at: '2026-03-10' }] },
      'deal_registration P R',
    ],
    [
      'created exactly protection_days × 24 h after the decision',
      {
        registrations: [{ ...registration, submitted_at: '2025-12-01T00:00:00Z', decided_at: '2025-12-10T12:00:00Z' }],
      },
      'deal_registration P R',
    ],
    [
      'created later than protection_days after the decision',
      {
        registrations: [{ ...registration, submitted_at: '2025-12-01T00:00:00Z', decided_at: '2025-12-10T11:59:59Z' }],
      },
      'none',
    ],
    [
      'without a decision date it was decided at submission',
      { registrations: [{ ...registration, submitted_at: '2025-12-10T11:59:59Z' }] },
      'none',
    ],
    [
      'a decision date protects from its last microsecond',
      { registrations: [{ ...registration, submitted_at: '2025-12-01T00:00:00Z', decided_at: '2025-12-10' }] },
      'deal_registration P R',
    ],
    [
      'not net new: an older deal of the account was open at submission',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-02-01' }] },
      'none',
    ],
    [
      'not net new: the older deal was closed later',
      {
        registrations: [registration],
        deals: [
          deal,
          { id: 'OLD', account: 'A', created_at: '2026-02-01', closed_at: '2026-03-01T00:00:01Z', is_won: false },
        ],
      },
      'none',
    ],
    [
      'net new: the older deal was closed at that very moment',
      {
        registrations: [registration],
        deals: [
          deal,
          { id: 'OLD', account: 'A', created_at: '2026-02-01', closed_at: '2026-03-01T00:00:00Z', is_won: false },
        ],
      },
      'deal_registration P R',
    ],
    [
      'not net new: the older deal was created at the moment of submission',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-03-01T00:00:00Z' }] },
      'none',
    ],
    [
      'net new: the other deal was created after submission',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-03-01T00:00:01Z' }] },
      'deal_registration P R',
    ],
    [
      'net new: the other deal was created after this one (the grace days)',
      {
        registrations: [{ ...registration, submitted_at: '2026-03-12T00:00:00Z' }],
        deals: [deal, { id: 'NEW', account: 'A', created_at: '2026-03-11T00:00:00Z' }],
      },
      'deal_registration P R',
    ],
    [
      'net new: a deal of another account was open',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'C', created_at: '2026-02-01' }] },
      'deal_registration P R',
    ],
    [
      'net new looks at the named deal’s account',
      {
        registrations: [{ ...registration, deal: 'D', account: 'C' }],
        deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-02-01' }],
      },
      'none',
    ],
    [
      'the earliest submission wins, not the earliest decision',
      {
        registrations: [
          {
            ...registration,
            id: 'R1',
            partner: 'Q',
            submitted_at: '2026-03-02T00:00:00Z',
            decided_at: '2026-03-02T01:00:00Z',
          },
          { ...registration, id: 'R2', decided_at: '2026-03-09T00:00:00Z' },
        ],
      },
      'deal_registration P R2',
    ],
    [
      'a tie goes to the lower evidence id',
      {
        registrations: [
          { ...registration, id: 'R2', partner: 'Q' },
          { ...registration, id: 'R10' },
        ],
      },
      'deal_registration P R10',
    ],
    [
      'self-referral: skipped, and the next is tried',
      {
        registrations: [
          { ...registration, id: 'R1', partner: 'BUYER', submitted_at: '2026-02-20T00:00:00Z' },
          { ...registration, id: 'R2' },
        ],
      },
      'deal_registration P R2',
    ],
    [
      'the domain of an account that was merged into the buyer is the buyer’s',
      {
        deals: [{ ...deal, account: 'C' }],
        accounts: [...accounts, { id: 'MERGED', domain: 'partner.example', merged_into: 'C' }],
        registrations: [{ ...registration, account: 'C' }],
      },
      'none',
    ],
    [
      'a shared free-mail domain is no self-referral',
      { deals: [{ ...deal, account: 'B' }], registrations: [{ ...registration, account: 'B', partner: 'MAIL' }] },
      'deal_registration MAIL R',
    ],
    ['submitted after the partner ended', { registrations: [{ ...registration, partner: 'ENDED' }] }, 'none'],
    [
      'submitted on the partner’s last day',
      { registrations: [{ ...registration, partner: 'ENDED', submitted_at: '2026-02-02T04:00:00Z' }] },
      'deal_registration ENDED R',
    ],
    ['a deal of unknown date', { deals: [{ id: 'D', account: 'A' }], registrations: [registration] }, 'none'],
  ],
  only('deal_registration'),
);
