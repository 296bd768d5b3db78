import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { leafOf, type ParquetLeaf } from './parquet-leaf.ts';

/** A column of a Parquet file, nested ones with everything under them. */
export interface ParquetColumn extends ParquetLeaf {
  name: string;
  isFlat: boolean;
  isUtc: boolean;
}

export function columnOf(tree: SchemaTree): ParquetColumn {
  return { ...shapeOf(tree), name: tree.element.name, isFlat: isFlat(tree), isUtc: isUtc(tree) };
}

/** The same metadata with the annotations taken away that hyparquet would turn into lossy or unsupported values. */
export function losslessMetadata(metadata: FileMetaData): FileMetaData {
  return { ...metadata, schema: metadata.schema.map(losslessElement) };
}

function losslessElement(element: SchemaElement): SchemaElement {
  if (element.num_children) return element;
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  const isRaw = RAW.some((kind) => kind === logical || kind === converted);
  if (isRaw) return { ...element, converted_type: undefined, logical_type: undefined };
  if (logical === 'DATE') return { ...element, converted_type: 'DATE' };
  if (logical === 'JSON') return { ...element, converted_type: 'JSON' };
  if (logical === 'ENUM' || converted === 'ENUM') return { ...element, converted_type: 'UTF8' };
  return element;
}

const RAW = ['DECIMAL', 'BSON', 'INTERVAL', 'GEOMETRY', 'GEOGRAPHY'] as const;

function shapeOf(tree: SchemaTree): ParquetLeaf {
  const shape = innerShapeOf(tree);
  return tree.element.repetition_type === 'REPEATED' ? arrayOf(shape) : shape;
}

function innerShapeOf(tree: SchemaTree): ParquetLeaf {
  if (tree.children.length === 0) return leafOf(tree.element);
  const [repeated] = tree.children;
  if (repeated && tree.element.converted_type === 'LIST') return arrayOf(itemOf(repeated));
  if (repeated && tree.element.converted_type === 'MAP') return mapOf(repeated);
  return structOf(tree.children);
}

/** The three-level form holds the item one level down; the two-level form is the item itself. */
function itemOf(repeated: SchemaTree): ParquetLeaf {
  const [only] = repeated.children;
  return repeated.children.length === 1 && only ? shapeOf(only) : innerShapeOf(repeated);
}

function arrayOf(item: ParquetLeaf): ParquetLeaf {
  const property = { type: ['null', 'array'], items: item.property };
  return {
    type: 'array',
    property,
    print: (value) => `[${Array.from(listed(value), (entry) => printed(item, entry)).join(',')}]`,
  };
}

function mapOf(entries: SchemaTree): ParquetLeaf {
  const [key, value] = entries.children;
  const keyLeaf = key ? shapeOf(key) : undefined;
  const leaf = value ? shapeOf(value) : undefined;
  const property = { type: ['null', 'object'], additionalProperties: leaf?.property ?? true };
  return { type: 'object', property, print };

  function print(map: unknown): string {
    const members = Object.entries(recordOf(map)).map(([name, entry]) => {
      const label = keyLeaf?.type === 'string' ? name : JSON.stringify(name);
      return `${label}:${leaf ? printed(leaf, entry) : 'null'}`;
    });
    return `{${members.join(',')}}`;
  }
}

function structOf(children: SchemaTree[]): ParquetLeaf {
  const fields = children.map((child) => ({ name: child.element.name, leaf: shapeOf(child) }));
  const properties = Object.fromEntries(fields.map(({ name, leaf }) => [name, leaf.property]));
  return { type: 'object', property: { type: ['null', 'object'], properties }, print };

  function print(value: unknown): string {
    const record = recordOf(value);
    return `{${fields.map(({ name, leaf }) => `${JSON.stringify(name)}:${printed(leaf, record[name])}`).join(',')}}`;
  }
}

export function printed(leaf: ParquetLeaf, value: unknown): string {
  return value === null || value === undefined ? 'null' : leaf.print(value);
}

function listed(value: unknown): Iterable<unknown> {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && Symbol.iterator in value ? Array.from(Object.values(value)) : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function isFlat(tree: SchemaTree): boolean {
  return tree.children.length === 0 && tree.element.repetition_type !== 'REPEATED';
}

/** One time zone for a whole column: nested timestamps of both kinds in one column are told as UTC. */
function isUtc(tree: SchemaTree): boolean {
  if (tree.children.length > 0) return tree.children.some(isUtc);
  const { logical_type: logical, converted_type: converted } = tree.element;
  if (logical?.type === 'TIMESTAMP') return logical.isAdjustedToUTC;
  return converted?.startsWith('TIMESTAMP') === true;
}
