import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserMistake } from '@galvani/terminal';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTorchArchive } from '../../src/weights/torch-archive.js';
import { openWeights } from '../../src/weights/weight-source.js';
import { type ZipPart, zip } from './zip-bytes.js';

const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url));

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-torch-'));
  file = join(folder, 'pytorch_model.bin');
});
afterAll(() => rmSync(folder, { recursive: true }));

const refused = async (path: string, pattern: RegExp) => {
  const opened = openTorchArchive(path);
  await expect(opened).rejects.toThrow(UserMistake);
  await expect(opened).rejects.toThrow(pattern);
};

describe('what is no state dict is refused and never run', () => {
  test.each([
    ['system.bin', /asks for "posix\.system".*opcode GLOBAL at byte \d+.*Nothing of it was run/],
    ['system_protocol_4.bin', /asks for "posix\.system".*opcode STACK_GLOBAL at byte \d+/],
    ['eval.bin', /asks for "builtins\.eval"/],
    ['whole_module.bin', /asks for "torch\.nn\.modules\.container\.Sequential"/],
    ['protocol_0.bin', /needs more than tensors.*opcode PUT at byte/],
    ['bytes.bin', /opcode SHORT_BINBYTES at byte/],
    ['sets.bin', /opcode EMPTY_SET at byte/],
    ['legacy.bin', /torch 1\.5 and older\. Convert it once with Python: torch\.save/],
  ])('%s', async (name, pattern) => {
    await refused(join(fixtures, name), pattern);
    expect(existsSync('/tmp/galvani-was-here')).toBe(false);
  });
});

/** A pickle of protocol 2 around `body`. */
const pickle = (...body: (string | number[])[]) =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    ...body.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  ]);
const word = (text: string) => `X${String.fromCharCode(text.length)}\0\0\0${text}`;
const int = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return `\x8a\x08${bytes.toString('latin1')}`;
};
const tuple = (...items: string[]) => `(${items.join('')}t`;
const storage = (count: number, type = 'torch\nFloatStorage', key = '0') =>
  `${tuple(word('storage'), `c${type}\n`, word(key), word('cpu'), int(count))}Q`;
const tensor = (from: string, offset: number, shape: number[], strides: number[]) =>
  `ctorch._utils\n_rebuild_tensor_v2\n${tuple(from, int(offset), tuple(...shape.map(int)), tuple(...strides.map(int)), '\x89', 'ccollections\nOrderedDict\n)R')}R`;
const dict = (value: string, name = 'w') => `}${word(name)}${value}s.`;
const archive = (data: Buffer, bytes = 16, more: ZipPart[] = []) =>
  zip([{ name: 'a/data.pkl', data }, { name: 'a/data/0', data: Buffer.alloc(bytes) }, ...more]);

test('a hand-made archive is read', async () => {
  const values = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const data = pickle(dict(tensor(storage(4), 0, [2, 2], [1, 2])));
  writeFileSync(
    file,
    zip([
      { name: 'a/data.pkl', data },
      { name: 'a/data/0', data: values },
    ]),
  );
  const weights = await openWeights(folder);
  expect([...(await weights.readFloat32('w'))]).toEqual([1, 3, 2, 4]);
  await weights.close();
});

describe('a damaged or hostile pickle is refused by opcode and position', () => {
  const big = 2 ** 40;
  test.each<[string, Buffer, RegExp]>([
    ['empty', Buffer.alloc(0), /ends in the middle/],
    ['cut off', pickle('}X\xff\0\0\0abc'), /ends in the middle of a value \(pickle opcode BINUNICODE at byte 3\)/],
    ['without an end', pickle('}'), /ends in the middle/],
    ['an unknown opcode', pickle([0xfe]), /opcode 0xfe at byte 2/],
    ['a newer protocol', pickle([0x80, 6]), /of protocol 6/],
    ['an empty stack', pickle('0.'), /stack is empty \(pickle opcode POP at byte 2\)/],
    ['an empty stack above a mark', pickle('N(0.'), /stack is empty/],
    ['no mark', pickle('t.'), /no mark.*opcode TUPLE at byte 2/],
    ['a memo that is not there', pickle('h\x07.'), /nothing was stored as 7 \(pickle opcode BINGET/],
    ['leftovers', pickle('NN.'), /left on the stack/],
    ['a call of a number', pickle('K\x01)R.'), /no function/],
    ['a call of a storage class', pickle('ctorch\nFloatStorage\n)R.'), /called with arguments that it does not take/],
    ['a call without a tuple', pickle('ccollections\nOrderedDict\nNR.'), /no function/],
    ['an unknown persistent id', pickle(`${word('x')}Q.`), /no storage.*opcode BINPERSID/],
    [
      'a storage of an unknown class',
      pickle(dict(tensor(storage(4, 'torch\nQInt8Storage'), 0, [4], [1]))),
      /"torch\.QInt8Storage"/,
    ],
    ['a name that does not end', pickle(`ctorch${'x'.repeat(2000)}`), /name does not end/],
    ['a frame beyond the end', pickle('\x95\xff\0\0\0\0\0\0\0'), /a length goes beyond the pickle.*FRAME/],
    ['a text of 2^63 bytes', pickle('\x8d\0\0\0\0\0\0\0\x80'), /goes beyond the pickle.*BINUNICODE8/],
    ['a huge number', pickle(`\x8b\x10\0\0\0${'\x7f'.repeat(16)}.`), /larger than any tensor.*LONG4/],
    ['a number beyond 2^53', pickle(`${int(4)}\x8a\x08\0\0\0\0\0\0\0\x40.`), /larger than any tensor/],
    ['a list as a key', pickle('}]Ns.'), /key of a dict/],
    ['items of a number', pickle('N(NNu.'), /no dict.*SETITEMS/],
    ['an object of a class', pickle('cbuiltins\nobject\n)\x81.'), /"builtins\.object"/],
    ['a state for a list', pickle(']}b.'), /opcode BUILD/],
    ['an instance', pickle('(ios\nsystem\n.'), /opcode INST/],
    ['an extension', pickle('\x82\x01.'), /opcode EXT1/],
    ['no tensors', pickle('}.'), /no state dict/],
    ['a cycle of dicts', pickle(`}q\0${word('model')}}${word('model')}h\0ss.`), /no state dict/],
    ['a million dicts', pickle('}'.repeat(3_000_000)), /more objects than a checkpoint needs/],
    ['a million marks', pickle('('.repeat(5_000_000)), /more memory than a checkpoint/],
    ['a million memos', pickle(`N${'\x94'.repeat(5_000_000)}`), /more memory than a checkpoint/],
    ['a view beyond its storage', pickle(dict(tensor(storage(4), 0, [5], [1]))), /beyond its storage of 4/],
    ['an offset beyond its storage', pickle(dict(tensor(storage(4), 4, [1], [1]))), /beyond its storage/],
    ['strides beyond its storage', pickle(dict(tensor(storage(4), 0, [2, 2], [3, 1]))), /beyond its storage/],
    ['a shape that overflows', pickle(dict(tensor(storage(4), 0, [big, big], [big, big]))), /beyond its storage/],
    [
      'a shape that expands to terabytes',
      pickle(dict(tensor(storage(4), 0, [big], [0]))),
      /shows 1099511627776 numbers/,
    ],
    ['a negative stride', pickle(dict(tensor(storage(4), 3, [4], [-1]))), /arguments that it does not take/],
    ['strides of another rank', pickle(dict(tensor(storage(4), 0, [4], [1, 1]))), /arguments that it does not take/],
    [
      'a storage of another size',
      pickle(dict(tensor(storage(5), 0, [4], [1]))),
      /storage of 5 F32 numbers, and 16 bytes/,
    ],
    [
      'a storage that is not there',
      pickle(dict(tensor(storage(4, 'torch\nFloatStorage', '../1'), 0, [4], [1]))),
      /"\.\.\/1", which is not in the archive/,
    ],
  ])('%s', async (_, data, pattern) => {
    writeFileSync(file, archive(data));
    await refused(file, pattern);
  });
});

describe('a hostile or broken zip archive is refused', () => {
  const good = pickle(dict(tensor(storage(4), 0, [4], [1])));
  const zeros = Buffer.alloc(64 << 20);
  test.each<[string, Buffer, RegExp]>([
    ['no zip', Buffer.from('hello, world'), /not a zip archive/],
    ['empty', Buffer.alloc(0), /not a zip archive/],
    ['a bare pickle', good, /bare pickle/],
    ['cut off', archive(good).subarray(0, 200), /not a zip archive/],
    ['no data.pkl', zip([{ name: 'a/version', data: Buffer.from('3') }]), /without data\.pkl/],
    [
      'a path upwards',
      archive(good, 16, [{ name: '../../etc/cron.d/x', data: zeros.subarray(0, 1) }]),
      /invalid relative path/,
    ],
    ['an absolute path', archive(good, 16, [{ name: '/etc/passwd', data: zeros.subarray(0, 1) }]), /absolute path/],
    ['a name twice', archive(good, 16, [{ name: 'a/data/0', data: zeros.subarray(0, 1) }]), /stands twice/],
    [
      'entries that share bytes',
      archive(good, 16, [{ name: 'a/data/1', data: zeros.subarray(0, good.length), at: 0 }]),
      /overlap/,
    ],
    [
      'encryption',
      archive(good, 16, [{ name: 'a/x', data: zeros.subarray(0, 13), claimed: 1, flags: 1 }]),
      /encrypted/,
    ],
    [
      'an unknown compression',
      archive(good, 16, [{ name: 'a/x', data: zeros.subarray(0, 1), method: 12 }]),
      /method 12/,
    ],
    ['a bomb', zip([{ name: 'a/data.pkl', data: zeros, deflate: true }]), /would grow from \d+ to 67108864 bytes/],
    [
      'a bomb that claims 4 GB',
      zip([{ name: 'a/data.pkl', data: zeros.subarray(0, 999), deflate: true, claimed: 0xfffffffe }]),
      /too many to decompress/,
    ],
    ['another byte order', archive(good, 16, [{ name: 'a/byteorder', data: Buffer.from('big') }]), /byte order "big"/],
  ])('%s', async (_, bytes, pattern) => {
    writeFileSync(file, bytes);
    await refused(file, pattern);
  });

  test('an offset beyond 2^53', async () => {
    // A zip64 record with an entry whose local header lies at 2^54.
    const bytes = archive(good);
    const entry = bytes.lastIndexOf('PK\x01\x02');
    const name = bytes.readUInt16LE(entry + 28);
    const extra = Buffer.alloc(12);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(8, 2);
    extra.writeBigUInt64LE(2n ** 54n, 4);
    const head = Buffer.from(bytes.subarray(entry, entry + 46 + name));
    head.writeUInt32LE(0xffffffff, 42);
    head.writeUInt16LE(extra.length, 30);
    const end = Buffer.from(bytes.subarray(entry + 46 + name));
    end.writeUInt32LE(end.readUInt32LE(12) + extra.length, 12);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, entry), head, extra, end]));
    await refused(file, /not a zip archive that can be read/);
  });

  test('a bomb that claims to be small stops at what it claimed', async () => {
    const data = pickle(dict(tensor(storage(4), 0, [4], [1])));
    const bomb = { name: 'a/data/0', data: zeros, deflate: true, claimed: 16 };
    writeFileSync(file, zip([{ name: 'a/data.pkl', data }, bomb]));
    const weights = await openWeights(folder);
    await expect(weights.readFloat32('w')).rejects.toThrow(/cannot be decompressed: too many bytes/);
    await weights.close();
  });
});

const readAll = async () => {
  try {
    const weights = await openWeights(folder);
    try {
      for (const name of weights.names()) await weights.readFloat32(name).catch(expectSentence);
    } finally {
      await weights.close();
    }
  } catch (error) {
    expectSentence(error);
  }
};
const expectSentence = (error: unknown) => {
  if (!(error instanceof UserMistake)) throw error;
  expect(error.message).toMatch(/\.$/);
};

test.each(['views.bin', 'parameters_protocol_4.bin', 'deflated.bin'])(
  'any damage to %s gives tensors or a sentence',
  async (name) => {
    const good = readFileSync(join(fixtures, name));
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(good.length)),
        async (changes, end) => {
          const bytes = Buffer.from(good.subarray(0, end ?? good.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          writeFileSync(file, bytes);
          await readAll();
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  },
);

test('any sequence of opcodes gives tensors or a sentence', async () => {
  const opcodes = [...'().]}NKMJaeqrhjcRbtsu012dl\x85\x86\x87\x88\x89\x8a\x8c\x93\x94\x95\x81QPX'];
  const step = fc.oneof(
    fc.constantFrom(...opcodes),
    fc.constantFrom(
      word('state_dict'),
      word('storage'),
      storage(4),
      tensor(storage(4), 0, [2], [1]),
      'ctorch\nHalfStorage\n',
      'ccollections\nOrderedDict\n',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      writeFileSync(file, archive(pickle(...steps, '.')));
      await readAll();
    }),
    { numRuns: 600, seed: 1 },
  );
});
