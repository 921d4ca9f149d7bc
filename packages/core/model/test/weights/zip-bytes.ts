import { crc32, deflateRawSync } from 'node:zlib';

/** What a zip entry says about itself; by default the truth. */
export interface ZipPart {
  name: string;
  data: Uint8Array;
  deflate?: boolean;
  /** Claimed size after decompression. */
  claimed?: number;
  /** Bit 0: encrypted. */
  flags?: number;
  method?: number;
  /** Points to the local header of an earlier entry instead of its own. */
  at?: number;
}

/** Bytes of a zip archive, wrong ones included. APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16. */
export function zip(parts: ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflate, claimed, flags = 0, method = deflate ? 8 : 0, at } of parts) {
    const body = deflate ? deflateRawSync(data) : Buffer.from(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc32?.(data) ?? 0, 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(claimed ?? data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const head = Buffer.alloc(46);
    head.write('PK\x01\x02', 'latin1');
    head.writeUInt16LE(20, 4);
    fields.copy(head, 6);
    head.writeUInt32LE(at ?? offset, 42);
    central.push(Buffer.concat([head, Buffer.from(name)]));
    if (at !== undefined) continue;
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), body]);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
