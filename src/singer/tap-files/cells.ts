import {
  type ColumnType,
  isBooleanText,
  isDateText,
  isDateTimeText,
  isIntegerText,
  isNumberText,
  typeOfText,
} from './column-type.ts';
import type { Column, Columns } from './columns.ts';

/** A CSV field as JSON in its column's type; the column widens first where the text does not fit. */
export function textCell(columns: Columns, column: Column, text: string): string {
  if (column.type !== 'string' && !fitsText(column.type, text)) columns.widen(column, typeOfText(text));
  switch (column.type) {
    case 'integer':
      return text;
    case 'number':
      return numberJson(text);
    case 'boolean':
      return text.toLowerCase();
    default:
      return JSON.stringify(text);
  }
}

/** A value that is JSON text already, of a known type, as its column's type wants it. */
export function jsonCell(columns: Columns, column: Column, json: string, type: ColumnType): string {
  if (type === 'unknown') return json;
  if (column.type !== type && !holds(column.type, type)) columns.widen(column, type);
  return column.type === 'string' && json.charCodeAt(0) !== QUOTE ? JSON.stringify(json) : json;
}

function holds(column: ColumnType, value: ColumnType): boolean {
  if (column === 'any' || column === 'string') return true;
  return column === 'number' && value === 'integer';
}

const QUOTE = 34;

function fitsText(type: ColumnType, text: string): boolean {
  switch (type) {
    case 'integer':
      return isIntegerText(text);
    case 'number':
      return isNumberText(text);
    case 'boolean':
      return isBooleanText(text);
    case 'date':
      return isDateText(text);
    case 'date-time':
      return isDateTimeText(text);
    case 'unknown':
      return false;
    default:
      return true;
  }
}

/** JSON wants a digit before the point; nothing else about the number is touched. */
function numberJson(text: string): string {
  if (text.charCodeAt(0) === DOT) return `0${text}`;
  return text.startsWith('-.') ? `-0${text.slice(1)}` : text;
}

const DOT = 46;
