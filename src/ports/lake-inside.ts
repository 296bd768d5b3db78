/** Of one column: what each of its texts becomes, as a field of Postgres' COPY text format. */
export interface Answers {
  /** Place of the column in the batch's spec. */
  column: number;
  /** Postgres' type by which the select looks texts up. */
  fieldType: string;
  /** Fields of COPY's text format; NULL can be among them. */
  pairs: readonly (readonly [field: string, answer: string])[];
}

/**
 * What a lakehouse that is the very database of staging does by itself, in the batch's own session and with Postgres' SQL. Errors are
 * those of the batch.
 */
export interface InsideWriter {
  /** Whether the table's columns are of the very types the spec says, so that SQL writes what a row written would be. */
  ready(): Promise<boolean>;
  /** Rows of a select; values as texts. */
  read(select: string): Promise<Record<string, string | null>[]>;
  /** Keeps answers until the batch ends. Answers the name of a table (field, answer). */
  keep(answers: Answers): Promise<string>;
  /**
   * Takes the rows of a select, whose values are in the order of the spec's columns, each of a type that casts to the column's. False:
   * they are not as many as expected or a value is not what its column takes, and none was taken.
   */
  take(select: string, expected: number): Promise<boolean>;
}
