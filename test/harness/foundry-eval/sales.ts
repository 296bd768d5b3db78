import type { EvalTable } from './tables.ts';

const COMPANIES = [
  'Globex',
  'Initech',
  'Umbrella',
  'Hooli',
  'Stark Industries',
  'Wayne Enterprises',
  'Acme',
  'Soylent',
];
const INDUSTRIES = ['Energy', 'Software', 'Health', 'Retail'];
const OWNERS = ['Ada Byron', 'Max Weber', 'Lena Fox'];
const STAGES = ['Open', 'Won', 'Lost', 'Proposal'];
const COUNTRIES = ['Germany', 'France', 'Brazil'];
const DEALS = 120;
const ACTIVITIES = 300;

/** Companies, owners, their deals and what was done for them, made by rule: the same rows every time, dates up to November 2026. */
export function salesTables(): EvalTable[] {
  return [
    {
      name: 'companies',
      key: 'id',
      columns: { id: 'integer', name: 'text', industry: 'text', country: 'text', founded_year: 'integer' },
      rows: COMPANIES.map((name, at) => ({
        id: at + 1,
        name,
        industry: INDUSTRIES[at % 4],
        country: COUNTRIES[at % 3],
        founded_year: 1950 + at * 7,
      })),
    },
    {
      name: 'owners',
      key: 'id',
      columns: { id: 'integer', name: 'text', region: 'text' },
      rows: OWNERS.map((name, at) => ({ id: at + 1, name, region: ['North', 'South', 'North'][at] })),
    },
    {
      name: 'deals',
      key: 'id',
      columns: {
        id: 'integer',
        title: 'text',
        company_id: 'integer',
        owner_id: 'integer',
        stage: 'text',
        amount: 'double precision',
        created_at: 'timestamp with time zone',
        close_date: 'date',
      },
      references: [
        { columns: ['company_id'], table: 'companies', to: ['id'] },
        { columns: ['owner_id'], table: 'owners', to: ['id'] },
      ],
      rows: Array.from({ length: DEALS }, (_, at) => ({
        id: at + 1,
        title: `Deal ${at + 1}`,
        company_id: ((at * 5 + (at % 7)) % COMPANIES.length) + 1,
        owner_id: ((at * at) % OWNERS.length) + 1,
        stage: STAGES[(at * 7 + (at % 3)) % 4],
        amount: 1_000 + ((at * 7919) % 97_000),
        created_at: new Date(Date.UTC(2026, 10, 20) - at * 6 * 86_400_000).toISOString(),
        close_date:
          at % 5 === 0
            ? null
            : new Date(Date.UTC(2026, 10, 20) - at * 5 * 86_400_000).toISOString().slice(0, 10),
      })),
    },
    {
      name: 'activities',
      key: 'id',
      columns: {
        id: 'integer',
        deal_id: 'integer',
        kind: 'text',
        happened_at: 'timestamp with time zone',
        minutes: 'integer',
      },
      references: [{ columns: ['deal_id'], table: 'deals', to: ['id'] }],
      rows: Array.from({ length: ACTIVITIES }, (_, at) => ({
        id: at + 1,
        deal_id: ((at * 11) % DEALS) + 1,
        kind: ['call', 'email', 'meeting'][(at * 5 + (at % 2)) % 3],
        happened_at: new Date(Date.UTC(2026, 10, 20) - at * 43_200_000).toISOString(),
        minutes: 5 + ((at * 13) % 55),
      })),
    },
  ];
}
