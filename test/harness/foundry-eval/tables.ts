import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { CatalogReference, CatalogTable } from '../../../src/domain/foundry/catalog.ts';
import { salesTables } from './sales.ts';
import { shopTables } from './shop.ts';

export type EvalRow = Record<string, unknown>;

export interface EvalTable {
  name: string;
  columns: Record<string, string>;
  key?: string;
  references?: CatalogReference[];
  rows: EvalRow[];
}

export const EVAL_NAMESPACE = 'ivory_tenant_eval';
const MOST_ROWS = 3_000;
const MOST_SAMPLES = 20;

/** Real data sets of npm vega-datasets, cut to `MOST_ROWS` rows, and four tables of a sales team made up by rule. */
export function evalTables(): EvalTable[] {
  return [...published(), ...salesTables(), ...shopTables()];
}

/** The tables as a store's catalog tells them: samples of columns with few values. */
export function catalogTable(table: EvalTable): CatalogTable {
  return {
    name: `${EVAL_NAMESPACE}.${table.name}`,
    kind: 'table',
    description: null,
    rowCount: table.rows.length,
    columns: Object.entries(table.columns).map(([name, type]) => ({
      name,
      type,
      nullable: name !== table.key,
      description: null,
      samples: type === 'text' ? samplesOf(table.rows, name) : [],
    })),
    keys: table.key ? [[table.key]] : [],
    references: (table.references ?? []).map((reference) => ({
      ...reference,
      table: `${EVAL_NAMESPACE}.${reference.table}`,
    })),
    tenantColumn: null,
    timeColumn: null,
  };
}

function samplesOf(rows: readonly EvalRow[], column: string): string[] {
  const values = new Set(rows.map((row) => row[column]).filter((value) => typeof value === 'string'));
  return values.size <= MOST_SAMPLES ? [...values].map(String).sort() : [];
}

function published(): EvalTable[] {
  const airport = (column: string): CatalogReference => ({
    columns: [column],
    table: 'airports',
    to: ['iata'],
  });
  return [
    table('birdstrikes', 'birdstrikes.csv', {
      'Airport Name': 'text',
      'Aircraft Make Model': 'text',
      'Effect Amount of damage': 'text',
      'Flight Date': 'date',
      'Aircraft Airline Operator': 'text',
      'Origin State': 'text',
      'Phase of flight': 'text',
      'Wildlife Size': 'text',
      'Wildlife Species': 'text',
      'Time of day': 'text',
      'Cost Other': 'integer',
      'Cost Repair': 'integer',
      'Cost Total $': 'integer',
      'Speed IAS in knots': 'integer',
    }),
    {
      ...table(
        'airports',
        'airports.csv',
        {
          iata: 'text',
          name: 'text',
          city: 'text',
          state: 'text',
          country: 'text',
          latitude: 'double precision',
          longitude: 'double precision',
        },
        Number.MAX_SAFE_INTEGER,
      ),
      key: 'iata',
    },
    {
      ...table('flights', 'flights-5k.json', {
        date: 'timestamp without time zone',
        delay: 'integer',
        distance: 'integer',
        origin: 'text',
        destination: 'text',
      }),
      references: [airport('origin'), airport('destination')],
    },
    table('zipcodes', 'zipcodes.csv', {
      zip_code: 'text',
      latitude: 'double precision',
      longitude: 'double precision',
      city: 'text',
      state: 'text',
      county: 'text',
    }),
    table('movies', 'movies.json', {
      Title: 'text',
      'US Gross': 'bigint',
      'Worldwide Gross': 'bigint',
      'US DVD Sales': 'bigint',
      'Production Budget': 'bigint',
      'Release Date': 'date',
      'MPAA Rating': 'text',
      'Running Time min': 'integer',
      Distributor: 'text',
      Source: 'text',
      'Major Genre': 'text',
      'Creative Type': 'text',
      Director: 'text',
      'Rotten Tomatoes Rating': 'integer',
      'IMDB Rating': 'double precision',
      'IMDB Votes': 'integer',
    }),
    table('gapminder', 'gapminder.json', {
      year: 'integer',
      country: 'text',
      cluster: 'integer',
      pop: 'bigint',
      life_expect: 'double precision',
      fertility: 'double precision',
    }),
    table('cars', 'cars.json', {
      Name: 'text',
      Miles_per_Gallon: 'double precision',
      Cylinders: 'integer',
      Displacement: 'double precision',
      Horsepower: 'integer',
      Weight_in_lbs: 'integer',
      Acceleration: 'double precision',
      Year: 'date',
      Origin: 'text',
    }),
    table('seattle_weather', 'seattle-weather.csv', {
      date: 'date',
      precipitation: 'double precision',
      temp_max: 'double precision',
      temp_min: 'double precision',
      wind: 'double precision',
      weather: 'text',
    }),
    table('stocks', 'stocks.csv', { symbol: 'text', date: 'date', price: 'double precision' }),
  ];
}

function table(name: string, file: string, columns: Record<string, string>, most = MOST_ROWS): EvalTable {
  const path = new URL(`../../../node_modules/vega-datasets/data/${file}`, import.meta.url);
  const text = readFileSync(path, 'utf8');
  const read: EvalRow[] = file.endsWith('.json') ? JSON.parse(text) : parse(text, { columns: true });
  const rows = read.slice(0, most).map((row) => {
    const own = Object.keys(columns).map((column): [string, unknown] => {
      const value = row[column];
      return [
        column,
        value === '' || value === undefined
          ? null
          : typeof value === 'number' && columns[column] === 'text'
            ? String(value)
            : value,
      ];
    });
    return Object.fromEntries(own);
  });
  return { name, columns, rows };
}
