import type { EvalTable } from './tables.ts';

const CITIES = [
  'Berlin',
  'Paris',
  'Madrid',
  'Rome',
  'Vienna',
  'Oslo',
  'Lisbon',
  'Prague',
  'Dublin',
  'Athens',
  'Riga',
  'Bern',
  'Turin',
  'Lyon',
  'Porto',
  'Graz',
  'Brno',
  'Cork',
  'Bari',
  'Nice',
  'Kiel',
  'Gent',
  'Linz',
];
const NAMES = [
  'Anna Berg',
  'Ben Cole',
  'Cleo Diaz',
  'Dan Evans',
  'Eva Frank',
  'Finn Gray',
  'Gina Hart',
  'Hugo Ito',
  'Ida Jung',
  'Jan Kern',
  'Kim Lund',
  'Leo Mora',
  'Mia Nold',
  'Noah Otto',
  'Olga Pohl',
  'Paul Quist',
  'Rosa Stein',
  'Sam Tully',
  'Tom Ulm',
  'Uma Vogt',
  'Vera Wolf',
  'Will Xu',
  'Xena York',
  'Yann Zorn',
];
const PRODUCTS = [
  'Desk Lamp',
  'Office Chair',
  'Standing Desk',
  'Monitor Arm',
  'Keyboard',
  'Mouse Pad',
  'Headset',
  'Webcam',
  'Notebook',
  'Fountain Pen',
  'Stapler',
  'Paper Tray',
];
const DEPARTMENTS = ['Engineering', 'Marketing', 'Sales', 'Finance'];
const STATUSES = ['shipped', 'pending', 'cancelled', 'returned'];
const DAY = 86_400_000;
const LAST = Date.UTC(2026, 10, 20);

/** A shop with its staff, made by rule: the same rows every time. */
export function shopTables(): EvalTable[] {
  return [...staff(), ...sales(), trades()];
}

function staff(): EvalTable[] {
  return [
    {
      name: 'departments',
      key: 'department_id',
      columns: { department_id: 'integer', name: 'text', budget: 'numeric', location: 'text' },
      rows: DEPARTMENTS.map((name, at) => ({
        department_id: at + 1,
        name,
        budget: 100_000 * (at + 2),
        location: CITIES[at],
      })),
    },
    {
      name: 'employees',
      key: 'employee_id',
      columns: {
        employee_id: 'integer',
        full_name: 'text',
        department_id: 'integer',
        job_title: 'text',
        salary: 'numeric',
        age: 'integer',
        hire_date: 'date',
        is_active: 'boolean',
      },
      references: [{ columns: ['department_id'], table: 'departments', to: ['department_id'] }],
      rows: NAMES.map((name, at) => ({
        employee_id: at + 1,
        full_name: name,
        department_id: ((at * 3 + (at % 4)) % 4) + 1,
        job_title: ['Analyst', 'Manager', 'Engineer', 'Assistant'][(at * 5) % 4],
        salary: 30_000 + ((at * 7_919) % 60_000),
        age: 22 + ((at * 11) % 40),
        hire_date: day(at * 97),
        is_active: at % 4 !== 0,
      })),
    },
  ];
}

function sales(): EvalTable[] {
  return [
    {
      name: 'customers',
      key: 'customer_id',
      columns: {
        customer_id: 'integer',
        customer_name: 'text',
        email: 'text',
        country: 'text',
        segment: 'text',
        signup_date: 'date',
      },
      rows: NAMES.map((name, at) => ({
        customer_id: at + 1,
        customer_name: name,
        email: at % 6 === 0 ? null : `${name.split(' ')[0]?.toLowerCase()}@example.com`,
        country: ['Germany', 'France', 'Spain', 'Italy'][(at * 7) % 4],
        segment: ['Consumer', 'Corporate', 'Home Office'][(at * 5) % 3],
        signup_date: day(at * 40),
      })),
    },
    {
      name: 'products',
      key: 'product_id',
      columns: {
        product_id: 'integer',
        product_name: 'text',
        category: 'text',
        list_price: 'numeric',
        stock_qty: 'integer',
      },
      rows: PRODUCTS.map((name, at) => ({
        product_id: at + 1,
        product_name: name,
        category: ['Furniture', 'Technology', 'Stationery'][at % 3],
        list_price: 5 + ((at * 37) % 400),
        stock_qty: (at * 17) % 90,
      })),
    },
    {
      name: 'orders',
      key: 'order_id',
      columns: {
        order_id: 'integer',
        customer_id: 'integer',
        order_date: 'date',
        status: 'text',
        total_amount: 'numeric',
        ship_city: 'text',
      },
      references: [{ columns: ['customer_id'], table: 'customers', to: ['customer_id'] }],
      rows: Array.from({ length: 400 }, (_, at) => ({
        order_id: at + 1,
        customer_id: ((at * 7 + (at % 5)) % 20) + 1,
        order_date: day(at * 2),
        status: STATUSES[(at * 3 + (at % 7)) % 4],
        total_amount: 20 + ((at * 7_919) % 1_900),
        ship_city: CITIES[(at * 5) % CITIES.length],
      })),
    },
    {
      name: 'order_items',
      columns: { order_id: 'integer', product_id: 'integer', quantity: 'integer', unit_price: 'numeric' },
      references: [
        { columns: ['order_id'], table: 'orders', to: ['order_id'] },
        { columns: ['product_id'], table: 'products', to: ['product_id'] },
      ],
      rows: Array.from({ length: 900 }, (_, at) => ({
        order_id: ((at * 11) % 400) + 1,
        product_id: ((at * 5 + (at % 3)) % 12) + 1,
        quantity: 1 + ((at * 13) % 9),
        unit_price: 5 + ((at * 37) % 400),
      })),
    },
  ];
}

function trades(): EvalTable {
  return {
    name: 'trades',
    columns: {
      ts: 'timestamp without time zone',
      sym: 'text',
      side: 'text',
      px: 'double precision',
      qty: 'bigint',
    },
    rows: Array.from({ length: 800 }, (_, at) => ({
      ts: new Date(LAST - at * 3_700_000).toISOString().slice(0, 19),
      sym: ['BTC-USD', 'ETH-USD', 'SOL-USD'][(at * 5 + (at % 2)) % 3],
      side: (at * 7 + (at % 3)) % 2 === 0 ? 'buy' : 'sell',
      px: 100 + ((at * 7_919) % 900) / 10,
      qty: 1 + ((at * 31) % 50),
    })),
  };
}

function day(ago: number): string {
  return new Date(LAST - ago * DAY).toISOString().slice(0, 10);
}
