/** The table the demo maps the records into. */
export const TARGET_TABLE = 'bird_strikes';

export const TARGET_COLUMNS = {
  airport_name: 'string',
  aircraft_model: 'string',
  damage: 'string',
  flight_date: 'date',
  operator: 'string',
  origin_state: 'string',
  flight_phase: 'string',
  wildlife_size: 'string',
  wildlife_species: 'string',
  time_of_day: 'string',
  other_cost_usd: 'decimal(18,2)',
  repair_cost_usd: 'decimal(18,2)',
  total_cost_usd: 'decimal(18,2)',
  speed_knots: 'long',
} as const;

/** The person's edit: a documented pattern, on the field whose values are words of an enumeration. */
export const SIZE_TRANSFORM = 'v.strip().upper() if v else None';
