import { UserMistake } from '@galvani/terminal';
import { opcodeNames } from './pickle-opcodes.js';
import { type Global, isGlobal, isTuple, type Pickled, type Tuple } from './pickled.js';

/** Who decides what a pickle may name and build. Each throws, or explains with `refuse`, what it does not know. */
export interface PickleOwner {
  /** Whether the pickle may name this global. */
  knows(name: string): boolean;
  /** The result of calling a global that is known; undefined refuses. */
  call(name: string, args: Pickled[]): Pickled | undefined;
  /** What a persistent id stands for; undefined refuses. */
  persistent(id: Pickled): Pickled | undefined;
}

/** A state dict of 100,000 tensors stays below these; without them a few megabytes of opcodes could fill the memory. */
const limits = { objects: 2_000_000, stack: 4_000_000 };

/**
 * Reads a pickle of protocols 2 to 5 without running anything: numbers, strings, lists, tuples, dicts and what `owner`
 * agrees to. Every other opcode and every other global is refused by name and position.
 * Source: CPython's Lib/pickle.py and Lib/pickletools.py.
 */
export function readPickle(data: Buffer, path: string, owner: PickleOwner): Pickled {
  const stack: Pickled[] = [];
  const marks: number[] = [];
  const memo = new Map<number, Pickled>();
  let at = 0;
  let opcodeAt = 0;

  const refuse = (why: string): UserMistake => {
    const code = data[opcodeAt];
    const name = opcodeNames[code] ?? `0x${(code ?? 0).toString(16)}`;
    return new UserMistake(
      `${path} is refused: ${why} (pickle opcode ${name} at byte ${opcodeAt}). Nothing of it was run.`,
    );
  };
  const take = (count: number): number => {
    const from = at;
    if (count > data.length - at) throw refuse('the pickle ends in the middle of a value');
    at += count;
    return from;
  };
  const long = (position: number): number => {
    const value = data.readBigUInt64LE(position);
    if (value > BigInt(data.length)) throw refuse('a length goes beyond the pickle');
    return Number(value);
  };
  const text = (length: number): string => {
    const from = take(length);
    return data.toString('utf8', from, from + length);
  };
  const line = (): string => {
    const end = data.indexOf(10, at);
    if (end < 0 || end - at > 1000) throw refuse('a name does not end');
    const from = at;
    at = end + 1;
    return data.toString('utf8', from, end);
  };
  const pop = (): Pickled => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw refuse('the stack is empty');
    return stack.pop()!;
  };
  const top = (): Pickled => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw refuse('the stack is empty');
    return stack[stack.length - 1];
  };
  const popMark = (): Pickled[] => {
    const mark = marks.pop();
    if (mark === undefined) throw refuse('there is no mark on the stack');
    return stack.splice(mark);
  };
  let objects = 0;
  const push = (value: Pickled) => {
    if (typeof value === 'object' && value !== null && ++objects > limits.objects)
      throw refuse('it builds more objects than a checkpoint needs');
    if (stack.push(value) > limits.stack) throw refuse('it needs more memory than a checkpoint');
  };
  const remember = (key: number) => {
    if (memo.size > limits.stack) throw refuse('it needs more memory than a checkpoint');
    memo.set(key, top());
  };
  const tuple = (items: Pickled[]): Tuple => ({ kind: 'tuple', items });
  const recall = (key: number) => {
    const value = memo.get(key);
    if (value === undefined) throw refuse(`nothing was stored as ${key}`);
    push(value);
  };
  const find = (name: string): Global => {
    if (!owner.knows(name))
      throw refuse(`it asks for ${JSON.stringify(name.slice(0, 200))}, and only tensors are read`);
    return { kind: 'global', name };
  };
  const call = () => {
    const args = pop();
    const target = pop();
    if (!isTuple(args) || !isGlobal(target)) throw refuse('something is called that is no function');
    const result = owner.call(target.name, args.items);
    if (result === undefined) throw refuse(`${target.name} is called with arguments that it does not take`);
    push(result);
  };
  const setItems = (items: Pickled[]) => {
    const into = top();
    if (!(into instanceof Map) || items.length % 2 !== 0) throw refuse('items are put into something that is no dict');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key === 'object' && key !== null) throw refuse('a key of a dict is neither text nor a number');
      into.set(key, items[i + 1]);
    }
  };
  const append = (items: Pickled[]) => {
    const into = top();
    if (!Array.isArray(into)) throw refuse('items are put into something that is no list');
    for (const item of items) into.push(item);
  };
  const integer = (length: number) => {
    const from = take(length);
    if (length > 8) throw refuse('a whole number is larger than any tensor needs');
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(data[from + i]);
    const signed = Number(BigInt.asIntN(Math.max(8 * length, 1), value));
    if (!Number.isSafeInteger(signed)) throw refuse('a whole number is larger than any tensor needs');
    push(signed);
  };

  for (;;) {
    opcodeAt = at;
    const code = String.fromCharCode(data[take(1)]);
    switch (code) {
      case '\x80': {
        const protocol = data[take(1)];
        if (protocol < 2 || protocol > 5) throw refuse(`it is of protocol ${protocol}, and 2 to 5 are read`);
        break;
      }
      case '\x95':
        if (long(take(8)) > data.length - at) throw refuse('a frame goes beyond the pickle');
        break;
      case '.': {
        const result = pop();
        if (stack.length > 0) throw refuse('something is left on the stack');
        return result;
      }
      case 'N':
        push(null);
        break;
      case '\x88':
        push(true);
        break;
      case '\x89':
        push(false);
        break;
      case 'K':
        push(data[take(1)]);
        break;
      case 'M':
        push(data.readUInt16LE(take(2)));
        break;
      case 'J':
        push(data.readInt32LE(take(4)));
        break;
      case '\x8a':
        integer(data[take(1)]);
        break;
      case '\x8b':
        integer(data.readUInt32LE(take(4)));
        break;
      case 'G':
        push(data.readDoubleBE(take(8)));
        break;
      case '\x8c':
        push(text(data[take(1)]));
        break;
      case 'X':
        push(text(data.readUInt32LE(take(4))));
        break;
      case '\x8d':
        push(text(long(take(8))));
        break;
      case '(':
        if (marks.push(stack.length) > limits.stack) throw refuse('it needs more memory than a checkpoint');
        break;
      case '0':
        pop();
        break;
      case '1':
        popMark();
        break;
      case '2':
        push(top());
        break;
      case ')':
        push(tuple([]));
        break;
      case 't':
        push(tuple(popMark()));
        break;
      case '\x85':
        push(tuple([pop()]));
        break;
      case '\x86':
      case '\x87': {
        const items = code === '\x86' ? [pop(), pop()] : [pop(), pop(), pop()];
        push(tuple(items.reverse()));
        break;
      }
      case ']':
        push([]);
        break;
      case 'l':
        push(popMark());
        break;
      case 'a':
        append([pop()]);
        break;
      case 'e':
        append(popMark());
        break;
      case '}':
        push(new Map());
        break;
      case 'd': {
        const items = popMark();
        push(new Map());
        setItems(items);
        break;
      }
      case 's': {
        const value = pop();
        setItems([pop(), value]);
        break;
      }
      case 'u':
        setItems(popMark());
        break;
      case 'q':
        remember(data[take(1)]);
        break;
      case 'r':
        remember(data.readUInt32LE(take(4)));
        break;
      case '\x94':
        remember(memo.size);
        break;
      case 'h':
        recall(data[take(1)]);
        break;
      case 'j':
        recall(data.readUInt32LE(take(4)));
        break;
      case 'c': {
        const module = line();
        push(find(`${module}.${line()}`));
        break;
      }
      case '\x93': {
        const name = pop();
        const module = pop();
        if (typeof name !== 'string' || typeof module !== 'string') throw refuse('a global has no name');
        push(find(`${module}.${name}`));
        break;
      }
      case 'R':
      case '\x81':
        call();
        break;
      case 'b': {
        // The attributes of an OrderedDict (a state dict's _metadata) carry no weights.
        const state = pop();
        if (!(top() instanceof Map) || !(state instanceof Map)) throw refuse('an object is built from a state');
        break;
      }
      case 'Q': {
        const found = owner.persistent(pop());
        if (found === undefined) throw refuse('it refers to something outside that is no storage of a tensor');
        push(found);
        break;
      }
      default:
        throw refuse('it needs more than tensors and plain data');
    }
  }
}
