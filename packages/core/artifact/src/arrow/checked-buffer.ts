import { ByteBuffer } from 'flatbuffers';

/**
 * Bytes of a flatbuffer that nobody vouches for. Reading outside them throws, and so does reading more than they can hold:
 * offsets of a damaged buffer lead in circles, and one part may be referred to many times.
 */
export class CheckedBuffer extends ByteBuffer {
  private readonly held: number;
  private left: number;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.held = bytes.length;
    this.left = 64 * bytes.length + 4096;
  }

  override readUint8(offset: number): number {
    this.spend(offset, 1);
    return super.readUint8(offset);
  }

  override readUint16(offset: number): number {
    this.spend(offset, 2);
    return super.readUint16(offset);
  }

  override readInt32(offset: number): number {
    this.spend(offset, 4);
    return super.readInt32(offset);
  }

  override __vector_len(offset: number): number {
    const length = super.__vector_len(offset);
    if (length < 0 || length > this.held) throw new RangeError('a list is longer than the bytes that hold it');
    return length;
  }

  override __string(offset: number): string {
    const start = offset + this.readInt32(offset);
    const length = this.readInt32(start);
    this.spend(start + 4, length);
    return super.__string(offset) as string;
  }

  private spend(offset: number, bytes: number): void {
    if (!(offset >= 0 && bytes >= 0 && offset + bytes <= this.held)) throw new RangeError('an offset leads outside');
    this.left -= bytes;
    if (this.left < 0) throw new RangeError('its parts refer to one another without end');
  }
}
