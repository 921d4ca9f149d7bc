import { UserMistake } from '@galvani/terminal';

/**
 * A reader of JSON whose form is known beforehand. It stops at the first deviation, so that hostile text costs no more
 * memory than the text, and it sees what `JSON.parse` hides: a key that stands twice in one object (RFC 8259, section 4).
 */
export class JsonCursor {
  private at = 0;
  constructor(
    private readonly text: string,
    private readonly path: string,
  ) {}

  /** A mistake with the place that was reached. */
  mistake(what: string): UserMistake {
    return new UserMistake(`${this.path}: ${what} (character ${this.at} of the JSON text).`);
  }

  private peek(): string {
    while (' \n\r\t'.includes(this.text[this.at] ?? 'end')) this.at++;
    return this.text[this.at] ?? '';
  }

  private expect(mark: string): void {
    const found = this.peek();
    if (found !== mark)
      throw this.mistake(
        `${JSON.stringify(mark)} was expected and ${found ? JSON.stringify(found) : 'the end'} was found`,
      );
    this.at++;
  }

  /** Reads an object; `value` reads what stands behind each key. */
  object(value: (key: string) => void): void {
    const seen = new Set<string>();
    this.expect('{');
    if (this.peek() === '}') {
      this.at++;
      return;
    }
    for (;;) {
      const key = this.string();
      if (seen.has(key)) throw this.mistake(`the key ${JSON.stringify(key.slice(0, 200))} stands twice`);
      seen.add(key);
      this.expect(':');
      value(key);
      if (this.peek() !== ',') break;
      this.at++;
    }
    this.expect('}');
  }

  /** Reads an array of at most `limit` elements. */
  array<T>(limit: number, element: () => T): T[] {
    const values: T[] = [];
    this.expect('[');
    if (this.peek() === ']') {
      this.at++;
      return values;
    }
    for (;;) {
      if (values.length === limit) throw this.mistake(`a list has more than ${limit} elements`);
      values.push(element());
      if (this.peek() !== ',') break;
      this.at++;
    }
    this.expect(']');
    return values;
  }

  string(): string {
    this.expect('"');
    const start = this.at;
    for (; this.text[this.at] !== '"'; this.at++) {
      if (this.at >= this.text.length) throw this.mistake('a string does not end');
      if (this.text[this.at] === '\\') this.at++;
    }
    this.at++;
    const raw = this.text.slice(start - 1, this.at);
    try {
      return JSON.parse(raw) as string;
    } catch {
      throw this.mistake('a string is not valid JSON');
    }
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(): number {
    this.peek();
    const digits = /(?:0|[1-9]\d{0,15})(?![\d.eE])/y;
    digits.lastIndex = this.at;
    const value = Number(digits.exec(this.text)?.[0] ?? Number.NaN);
    if (!Number.isSafeInteger(value)) throw this.mistake('a whole number from 0 to 2^53 - 1 was expected');
    this.at = digits.lastIndex;
    return value;
  }

  /** Any value, at most `depth` levels deep; it is checked and dropped. */
  skip(depth: number): void {
    const mark = this.peek();
    if (depth === 0) throw this.mistake('the text is nested too deep');
    if (mark === '{') this.object(() => this.skip(depth - 1));
    else if (mark === '[') {
      this.at++;
      if (this.peek() !== ']')
        for (;;) {
          this.skip(depth - 1);
          if (this.peek() !== ',') break;
          this.at++;
        }
      this.expect(']');
    } else if (mark === '"') this.string();
    else {
      const scalar = /(?:true|false|null|-?(?:0|[1-9]\d{0,30})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,5})?)(?![\w.])/y;
      scalar.lastIndex = this.at;
      if (!scalar.test(this.text)) throw this.mistake('this is not JSON');
      this.at = scalar.lastIndex;
    }
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== '') throw this.mistake('something follows the end');
  }
}
