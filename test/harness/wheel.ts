import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export interface Wheel {
  package: string;
  version: string;
  /** Its program: prints the package and the version. */
  program: string;
}

/** Writes a Python package into a folder that pip and uv take for an index (--find-links). */
export function publishWheel(folder: string, { package: name, version, program }: Wheel): void {
  const module = name.replaceAll('-', '_');
  const about = `${module}-${version}.dist-info`;
  const files = {
    [`${module}.py`]: `def main():\n    print("${name} ${version}")\n`,
    [`${about}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${about}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${about}/entry_points.txt`]: `[console_scripts]\n${program} = ${module}:main\n`,
    [`${about}/RECORD`]: '',
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${module}-${version}-py3-none-any.whl`), zipOf(files));
}

/** A zip archive of stored files. */
function zipOf(files: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const common = commonHeader(name, content);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name + content)]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, attributes, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}

/** What the header of a file and its line in the directory have in common: 26 bytes from "version needed" on. */
function commonHeader(name: string, content: string): Buffer {
  const header = Buffer.alloc(26);
  const sizeBytes = Buffer.byteLength(content);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(0x21, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(sizeBytes, 14);
  header.writeUInt32LE(sizeBytes, 18);
  header.writeUInt16LE(Buffer.byteLength(name), 22);
  return header;
}
